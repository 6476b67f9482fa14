"""Brings a site back from a backup, in a folder of its own that then gets its name: or nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from edge.adapters.backups.manifest import (
    JOURNAL_KEY,
    NAME,
    FileFacts,
    Manifest,
    damaged,
    read_manifest,
)
from edge.adapters.backups.sealed import Identity, read_sealed
from edge.adapters.disk import disk_space
from edge.adapters.site_database import FILE as JOURNAL
from edge.domain.errors import Conflict, Unavailable
from edge.journal import database
from edge.journal.maintenance import check_chain
from edge.journal.pages import check_pages
from edge.journal.restored import note_restored
from sync.bounded_files import MB
from sync.key_wrapping import key_of
from sync.own_files import private_files, private_folder, sync_folder
from sync.protocol.instants import instant

_PIECE = 256 * 1024
_MOST_MANIFEST = MB
_SPARE = 16 * MB


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What was brought back, and how many slips that waited are not printed."""

    manifest: Manifest
    called_off: int


def unpack(path: Path, identities: list[Identity], into: Path) -> tuple[Manifest, bytes]:
    """Unpack a backup into an empty folder; give what it says of itself, and the journal's key.

    The key itself is not written. Raises :class:`EdgeError` for one that is not whole to the byte.
    """
    found: list[Manifest] = []
    key: list[bytes] = []
    left: dict[str, FileFacts] = {}

    def take(name: str, content: BinaryIO) -> None:
        if not found:
            if name != NAME:
                raise damaged()
            manifest = read_manifest(content.read(_MOST_MANIFEST))
            _check_room(into, sum(facts.bytes for facts in manifest.files.values()))
            left.update(manifest.files)
            found.append(manifest)
            return
        facts = left.pop(name, None)
        if facts is None:
            raise damaged()
        if name == JOURNAL_KEY:
            text = content.read(_PIECE)
            if hashlib.sha256(text).hexdigest() != facts.sha256:
                raise damaged()
            key.append(key_of(text.decode("ascii")))
            return
        _write(into / name, content, facts)

    try:
        read_sealed(path, identities, take)
    except ValueError:
        raise damaged() from None
    if left or not (found and key):
        raise damaged()
    return found[0], key[0]


def prove(folder: Path, key: bytes, manifest: Manifest) -> None:
    """Read every page of an unpacked journal and walk its chain to the end that the backup names.

    Raises :class:`EdgeError`.
    """
    if not check_pages(folder / JOURNAL, key).good:
        raise damaged()
    with closing(database.open_reader(folder / JOURNAL, key)) as db:
        chain = check_chain(db)
    whole = chain.broken is None and chain.entries == manifest.entries
    if not whole or (manifest.last and chain.head != manifest.last.hash):
        raise damaged()


def restore(
    path: Path,
    identities: list[Identity],
    target: Path,
    keep_key: Callable[[Path, bytes], None],
    now: datetime,
) -> RestoreReport:
    """Bring a site back into a folder that is not there yet, or empty; the next start goes on.

    ``keep_key`` puts the journal's key into a place for the folder of keys. A restore that is cut
    off leaves no site: it is begun again. Slips that waited are called off: what they are was
    perhaps printed since. Raises :class:`EdgeError` and leaves nothing.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Conflict(
            "restore.exists",
            "{folder} is not empty: nothing was restored over it.",
            hint="Name a folder that is not there yet. If a site is in this one, move it away.",
            folder=target,
        )
    target = target.absolute()
    work = target.with_name(f".{target.name}.restoring")
    shutil.rmtree(work, ignore_errors=True)
    with private_files():
        private_folder(target.parent)
        private_folder(work)
        try:
            manifest, key = unpack(path, identities, work)
            prove(work, key, manifest)
            private_folder(work / "keys")
            keep_key(work / "keys", key)
            called_off = _settle(work / JOURNAL, key, manifest, now)
            _to_disk(work)
            work.replace(target)
            sync_folder(target.parent)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return RestoreReport(manifest, called_off)


def _settle(path: Path, key: bytes, manifest: Manifest, now: datetime) -> int:
    """Note in the journal's file that it was restored; call off what waited for a printer."""
    with closing(database.open_writer(path, key)) as db:
        until = manifest.last.at if manifest.last else ""
        return note_restored(db, at=instant(now), until=until)


def _write(path: Path, content: BinaryIO, facts: FileFacts) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, left = hashlib.sha256(), facts.bytes
    with path.open("xb") as file:
        while piece := content.read(_PIECE):
            digest.update(piece)
            left -= len(piece)
            if left < 0:
                raise damaged()
            file.write(piece)
    if left or digest.hexdigest() != facts.sha256:
        raise damaged()


def _to_disk(folder: Path) -> None:
    """Bring every file and name in a folder to the disk."""
    for place, _folders, files in os.walk(folder):
        for name in files:
            handle = os.open(Path(place) / name, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        sync_folder(Path(place))


def _check_room(folder: Path, size: int) -> None:
    if disk_space(folder).free < size + _SPARE:
        raise Unavailable(
            "restore.no-room",
            "The disk has no room for this backup: {needed} MB are needed.",
            hint="Free some, or name a folder on another disk.",
            needed=-(-(size + _SPARE) // MB),
        )
