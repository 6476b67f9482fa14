"""Makes a backup of a site, also while its node runs: one file, old or new and never half."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import msgspec

from edge.adapters.backups.manifest import (
    FORMAT,
    JOURNAL_KEY,
    NAME,
    FileFacts,
    LastEntry,
    Manifest,
    is_member,
)
from edge.adapters.backups.recovery import read_recipient, site_recipient
from edge.adapters.backups.scratch import scratch_in
from edge.adapters.backups.sealed import Member, write_sealed
from edge.adapters.disk import disk_space
from edge.adapters.journal_key import NAME as KEY_NAME
from edge.adapters.keys import FileKeys
from edge.adapters.settings import FILE as SETTINGS
from edge.adapters.site_database import FILE as JOURNAL
from edge.adapters.site_database import journal_file
from edge.domain.errors import BadInput, Unavailable
from edge.journal import database
from edge.journal.entries import count_entries, last_place, latest_instant
from edge.journal.page_copy import copy_pages
from sync.own_files import sync_folder
from sync.protocol.instants import instant
from sync.protocol.keys import node_id

_END, _HALF = ".backup", ".new"
_LISTS = "trust.db"
_FOLDERS = ("keys", "fonts", "printers", "campaign")
_SPARE = 1024 * 1024


def make_backup(
    folder: Path,
    keys: FileKeys,
    recovery: Sequence[str],
    where: Path,
    facility: str,
    now: datetime,
    keep: int,
) -> tuple[Path, Manifest]:
    """Make a backup of the site in a folder, at a file or in a folder ``where`` it gets a name.

    In a folder the newest ``keep`` of this site stay, fewer where the medium has no room. Raises
    :class:`EdgeError` and leaves what was there before.
    """
    if not recovery:
        raise BadInput(
            "backup.no-recovery-key",
            "This site has no recovery key yet: nobody could open its backup.",
            hint="Make one with divoc-edge keys recovery, and keep its paper in a safe.",
        )
    node = keys.signing_key("node").public_key()
    recipients = [*map(read_recipient, recovery), site_recipient(node)]
    begin = f"divoc-edge-{quote(facility, safe='')}-"
    path = where / f"{begin}{now:%Y%m%dT%H%M%SZ}{_END}" if where.is_dir() else where
    if not path.parent.is_dir():
        raise Unavailable(
            "backup.no-medium",
            "There is no folder {folder}: nothing was backed up.",
            hint="Plug in the medium for backups, or name another folder.",
            folder=path.parent,
        )
    with _in_words(path.parent), scratch_in(folder) as scratch:
        members, manifest = _gathered(folder, keys, scratch, facility, node_id(node), now)
        if where.is_dir():
            _make_room(where, begin, sum(member.size for member in members) + _SPARE)
        half = path.with_name(path.name + _HALF)
        try:
            with open(half, "wb", opener=_private) as file:
                write_sealed(file, members, recipients)
                file.flush()
                os.fsync(file.fileno())
            half.replace(path)
            sync_folder(path.parent)
        finally:
            half.unlink(missing_ok=True)
        if where.is_dir():
            for old in backups_in(where, begin)[:-keep]:
                old.unlink(missing_ok=True)
    return path, manifest


def backups_in(folder: Path, begin: str = "divoc-edge-*-") -> list[Path]:
    """List the backups in a folder, oldest first: their names tell when they were made."""
    return sorted(folder.glob(f"{begin}????????T??????Z{_END}"), key=lambda path: path.name[-23:])


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _gathered(
    folder: Path, keys: FileKeys, scratch: Path, facility: str, node: str, now: datetime
) -> tuple[list[Member], Manifest]:
    key = keys.journal_key()
    source = journal_file(folder)
    _check_room(folder, source.stat().st_size)
    copy_pages(source, scratch / JOURNAL, key)
    members = [
        Member(SETTINGS, (folder / SETTINGS).read_bytes()),
        Member(JOURNAL_KEY, key.hex().encode()),
        *_files(folder),
        Member(JOURNAL, scratch / JOURNAL),
    ]
    if (folder / _LISTS).exists():
        with (
            closing(sqlite3.connect(folder / _LISTS)) as read,
            closing(sqlite3.connect(scratch / _LISTS)) as written,
        ):
            read.backup(written)
        members.append(Member(_LISTS, scratch / _LISTS))
    with closing(database.open_reader(scratch / JOURNAL, key)) as db:
        count, last, at = count_entries(db), last_place(db), latest_instant(db)
    manifest = Manifest(
        format=FORMAT,
        software=version("divoc-edge"),
        facility=facility,
        node=node,
        at=instant(now),
        entries=count,
        last=LastEntry(*last, at=instant(at)) if last and at else None,
        files={member.name: _facts(member) for member in members},
    )
    return [Member(NAME, msgspec.json.encode(manifest)), *members], manifest


def _files(folder: Path) -> Iterator[Member]:
    """Give what lies in the folders of a site; the journal's key is not taken as it lies there."""
    for name in _FOLDERS:
        for path in sorted((folder / name).rglob("*")):
            inside = path.relative_to(folder).as_posix()
            apart = path.name in KEY_NAME.files.values() or path.name.endswith(_HALF)
            if path.is_file() and not path.is_symlink() and not apart and is_member(inside):
                yield Member(inside, path.read_bytes())


def _facts(member: Member) -> FileFacts:
    digest = hashlib.sha256()
    for piece in member.pieces():
        digest.update(piece)
    return FileFacts(member.size, digest.hexdigest())


def _check_room(folder: Path, size: int) -> None:
    if disk_space(folder).free < size + _SPARE:
        raise Unavailable(
            "backup.no-room-here",
            "The site's own disk has no room for the copy that a backup is made of.",
            hint="It needs as much free space as the journal is large.",
        )


def _make_room(where: Path, begin: str, size: int) -> None:
    """Take away what was left half, and the oldest backups while there is no room for one more."""
    for half in where.glob(f"{begin}*{_END}{_HALF}"):
        half.unlink(missing_ok=True)
    found = backups_in(where, begin)
    while disk_space(where).free < size and len(found) > 1:
        found.pop(0).unlink(missing_ok=True)
    if disk_space(where).free < size:
        raise _full()


def _full() -> Unavailable:
    return Unavailable(
        "backup.medium-full",
        "The medium for backups is full: nothing was backed up.",
        hint="Take files off it, or use a larger one. The backups on it are as they were.",
    )


@contextlib.contextmanager
def _in_words(medium: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if shutil.disk_usage(medium).free < _SPARE if medium.is_dir() else False:
            raise _full() from error
        raise Unavailable(
            "backup.medium-failed",
            "The backup could not be written to {folder}: {reason}.",
            hint="Is the medium still there, and may it be written to? An older backup on it is as"
            " it was.",
            folder=medium,
            reason=error.strerror or type(error).__name__,
        ) from error
