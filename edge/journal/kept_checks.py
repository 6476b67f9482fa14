"""The last result of reading every page of the journal, as a site keeps it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.protocol.instants import read_instant

KEPT = "journal-check"
"""The setting in which the last result is kept."""
_AT_NIGHT, _AT_LATEST = timedelta(hours=20), timedelta(hours=26)
_NIGHT = range(5)
"""Hours of the day at the site: who is switched off at night is looked at by day."""


@dataclass(frozen=True, slots=True)
class JournalCheck:
    """When every page was read last (empty: never), and what was found (empty: all in order)."""

    at: str = ""
    trouble: str = ""
    pages: int = 0


def kept_check(told: str) -> JournalCheck:
    """Read a kept result; one that cannot be read was never kept."""
    try:
        found = json.loads(told)
        return JournalCheck(str(found["at"]), str(found["trouble"]), int(found["pages"]))
    except (ValueError, KeyError, TypeError):
        return JournalCheck()


def is_due(last: JournalCheck, now: datetime, hour: int) -> bool:
    """Say whether every page is to be read again; ``hour`` is that of the day at the site."""
    if not last.at:
        return True
    age = now - read_instant(last.at)
    return age < timedelta() or age > _AT_LATEST or (age > _AT_NIGHT and hour in _NIGHT)
