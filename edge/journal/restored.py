"""That a journal came from a backup, as its site keeps it: when, and how far the backup went."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.journal import print_jobs
from edge.journal.entries import count_entries
from edge.journal.settings import keep_setting, setting
from printers.jobs import MOVABLE, PrintState

if TYPE_CHECKING:
    from sqlite_utils import Database

RESTORED = "site.restored"
"""The cause of a print that was called off because its site was restored; the setting's name."""


@dataclass(frozen=True, slots=True)
class RestoredRecord:
    """When a site was restored, the instant of the last entry in the backup, and how many it had.

    All empty for a site that never was.
    """

    at: str = ""
    until: str = ""
    entries: int = 0


def keep_restored(db: Database, *, at: str, until: str, entries: int) -> None:
    """Note that the site was restored."""
    keep_setting(db, RESTORED, json.dumps({"at": at, "until": until, "entries": entries}))


def note_restored(db: Database, *, at: str, until: str) -> int:
    """Note that the site was restored, and call off what waited for a printer; give how much."""
    db.execute("BEGIN IMMEDIATE")
    waiting = [
        int(row[0])
        for state in MOVABLE
        for row in db.execute("SELECT id FROM print_job WHERE state = ?", (state,)).fetchall()
    ]
    for job in waiting:
        print_jobs.move(db, job, PrintState.FAILED, RESTORED, at)
    keep_restored(db, at=at, until=until, entries=count_entries(db))
    db.execute("COMMIT")
    return len(waiting)


def restored(db: Database) -> RestoredRecord:
    """Say whether and when the site was restored."""
    try:
        found = json.loads(setting(db, RESTORED))
        return RestoredRecord(str(found["at"]), str(found["until"]), int(found["entries"]))
    except (ValueError, KeyError, TypeError):
        return RestoredRecord()
