"""The journal of a data folder: held by its node, or read beside it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from edge.adapters.failed_commits import failed_commits
from edge.adapters.keys import file_keys
from edge.adapters.settings import Settings
from edge.adapters.site_database import FILE, journal_file
from edge.domain.disk import DiskSpace
from edge.journal import database
from edge.journal.disk_room import DiskRoom
from edge.journal.entries import keep_latest, latest_instant
from edge.journal.journal import Journal, Readers
from edge.journal.pages import check_pages
from edge.journal.schema import has_tables
from edge.journal.unit import Stamp
from edge.services.journal_health import JournalHealth
from edge.services.site_backups import SiteBackups
from edge.wiring.keys import Keys
from sync.protocol.keys import node_id


def open_journal(
    folder: Path,
    keys: Keys,
    die: Callable[[BaseException], NoReturn],
    connect: Callable[..., Any] = database.open_writer,
    room: DiskRoom | None = None,
    pausing: Callable[[], bool] = lambda: False,
) -> Journal:
    """Open a site's journal to write it; the folder is held by this process."""
    return Journal(
        folder / FILE,
        keys.files.journal_key(),
        node=node_id(keys.node.public_key()),
        epoch=keys.ids.epoch(),
        stamp=lambda: Stamp(keys.clock.now(), keys.clock.believed()),
        die=die,
        connect=connect,
        room=room,
        pausing=pausing,
    )


@contextlib.contextmanager
def readers(folder: Path) -> Iterator[Readers]:
    """Read a site's journal, also while its node runs."""
    found = Readers(journal_file(folder), file_keys(folder).journal_key())
    try:
        yield found
    finally:
        found.close()


def wire_journal(
    folder: Path,
    settings: Settings,
    keys: Keys,
    die: Callable[[BaseException], NoReturn],
    connect: Callable[..., Any],
    disk: Callable[[Path], DiskSpace],
) -> Journal:
    """Open the journal of a node, which remembers how often a commit ended it (``die``)."""
    room = DiskRoom(partial(disk, folder), settings.disk_limits)
    failed = failed_commits()

    def end(error: BaseException) -> NoReturn:
        failed.note()
        die(error)

    return open_journal(folder, keys, end, connect, room, failed.is_pausing)


def keep_latest_moment(journal: Journal) -> None:
    """Keep the latest moment that was written, for the next start."""
    journal.run(lambda unit: keep_latest(unit.db))


def wire_health(folder: Path, keys: Keys, journal: Journal) -> JournalHealth:
    """Make what looks after the journal's file."""
    check = partial(check_pages, folder / FILE, keys.files.journal_key())
    return JournalHealth(journal, check, keys.clock)


def wire_backups(folder: Path, settings: Settings, keys: Keys, journal: Journal) -> SiteBackups:
    """Make what backs the site up by itself."""
    return SiteBackups(folder, settings, keys.files, journal, keys.clock)


def undo_broken_start(folder: Path) -> None:
    """Let SQLite undo what a power cut left of a journal's first page; who only reads cannot."""
    if (folder / f"{FILE}-journal").exists():
        database.open_writer(folder / FILE, file_keys(folder).journal_key()).close()


def last_moment(folder: Path) -> datetime | None:
    """Give the latest moment written in a data folder, if there is one."""
    if not (folder / FILE).exists():
        return None
    with readers(folder) as journal, journal.reading() as db:
        return latest_instant(db) if has_tables(db) else None
