"""That a journal came from a backup, as its site keeps it: when, and how far the backup went."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.journal.settings import keep_setting, setting

if TYPE_CHECKING:
    from sqlite_utils import Database

RESTORED = "site.restored"
"""The cause of a print that was called off because its site was restored; the setting's name."""


@dataclass(frozen=True, slots=True)
class RestoredSite:
    """When a site was restored, the instant of the last entry in the backup, and how many it had.

    All empty for a site that never was.
    """

    at: str = ""
    until: str = ""
    entries: int = 0


def keep_restored(db: Database, *, at: str, until: str, entries: int) -> None:
    """Note that the site was restored."""
    keep_setting(db, RESTORED, json.dumps({"at": at, "until": until, "entries": entries}))


def restored(db: Database) -> RestoredSite:
    """Say whether and when the site was restored."""
    try:
        found = json.loads(setting(db, RESTORED))
        return RestoredSite(str(found["at"]), str(found["until"]), int(found["entries"]))
    except (ValueError, KeyError, TypeError):
        return RestoredSite()
