"""Encrypts a database that lies in its file as it is: old or new at every moment, never neither.

The new file is written beside the old one, read back, brought to the disk, and takes the old one's
name in one step. Nobody else has the old one meanwhile, and it has no log that could be taken for
one of the new.
"""

from __future__ import annotations

import os
from contextlib import closing, suppress
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlite

from sync.own_files import overwrite, sync_folder
from sync.protocol.errors import DatabaseError, SyncError
from sync.registry.store.sqlite.connections import Connection, connect


def is_encrypted(path: Path) -> bool:
    """Say whether a file holds a database that no program reads without its key."""
    return path.exists() and path.stat().st_size > 0 and not _is_plain(path)


def encrypt(path: Path, key: bytes) -> bool:
    """Encrypt a plain database file under a key of 32 bytes; false if there was nothing to do.

    Raises :class:`DatabaseError` while another program uses the file; then nothing was changed.
    """
    if not path.exists() or not path.stat().st_size or not _is_plain(path):
        return False
    before = path.stat().st_ino
    with closing(connect(path, None, "rw")) as old:
        try:
            _alone(old)
        except sqlite.DatabaseError:  # what was here has been written over
            if path.stat().st_ino == before:
                raise
        if path.stat().st_ino != before:  # another one did the same, and was first
            return False
        # SQLite leaves an empty journal while it has the file for itself: beside the new one.
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
        new = path.with_name(f"{path.name}.new")
        _copy(old, new, key)
        _check(old, new, key)
        with path.open("r+b") as plain:
            new.replace(path)
            sync_folder(path.parent)
            overwrite(plain)
    return True


def _is_plain(path: Path) -> bool:
    """Ask SQLite itself: who opens and closes the file beside it takes its locks away."""
    try:
        connect(path, None, "rw").close()
    except SyncError:
        return False
    return True


def _alone(old: Connection) -> None:
    """Have the file for ourselves until it is closed, everything in it and nothing in a log."""
    old.execute("PRAGMA locking_mode=EXCLUSIVE")
    ((mode,),) = old.execute("PRAGMA journal_mode=DELETE").fetchall()
    if mode != "delete":
        raise DatabaseError(
            "registry.in-use",
            "The registry's database is to be encrypted, and another program uses it. Stop the"
            " registry everywhere, and start it again.",
        )
    old.execute("BEGIN EXCLUSIVE")
    old.execute("COMMIT")
    old.execute("PRAGMA journal_mode=MEMORY")


def _copy(old: Connection, new: Path, key: bytes) -> None:
    for left in (new, new.with_name(f"{new.name}-journal"), new.with_name(f"{new.name}-wal")):
        left.unlink(missing_ok=True)
    os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    old.execute("ATTACH DATABASE ? AS sealed KEY ?", (str(new), f"x'{key.hex()}'"))
    try:
        for pragma in ("journal_mode=OFF", "synchronous=OFF"):  # it is nobody's until it is whole
            old.execute(f"PRAGMA sealed.{pragma}")
        old.execute("SELECT sqlcipher_export('sealed')").fetchall()
    finally:
        with suppress(Exception):
            old.execute("DETACH DATABASE sealed")
    handle = os.open(new, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _check(old: Connection, new: Path, key: bytes) -> None:
    """Read the new file back under its key, and count its rows against the old one's."""
    with closing(connect(new, key, "rw")) as copied:
        sound = copied.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not sound or _counts(copied) != _counts(old):
            raise SyncError(
                "registry.not-encrypted",
                "The registry's database could not be encrypted: the copy is not the same."
                " Nothing was changed.",
            )


def _counts(db: Connection) -> list[tuple[str, int]]:
    names = [
        str(name)
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    ]
    return sorted(
        (name, db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608  (our own)
        for name in names
    )
