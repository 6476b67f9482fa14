"""One-time enrolment codes: made, shown once, and kept as their SHA-256 only."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sync.protocol.errors import SyncError
from sync.protocol.instants import instant
from sync.registry.store.interface import Fleet

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0, 1, I, L, O or U: a code is read out over the telephone."""
_LENGTH = 12
MOST_DAYS = 365


def make_code(
    store: Fleet,
    facility: str,
    days: int,
    now: datetime,
    choose: Callable[[str], str] = secrets.choice,
) -> str:
    """Make a code for a facility that counts for so many days, and give it: nobody else can."""
    facility = facility.strip()
    if not 0 < len(facility) <= 100 or not facility.isprintable():
        raise SyncError("code.facility", "Name the facility by its code.")
    if not 1 <= days <= MOST_DAYS:
        raise SyncError("code.days", "A code counts for 1 to {most} days.", most=MOST_DAYS)
    text = "".join(choose(_LETTERS) for _ in range(_LENGTH))
    code = "-".join(text[place : place + 4] for place in range(0, _LENGTH, 4))
    digest = hashlib.sha256(code.encode()).hexdigest()
    store.add_code(digest, facility, instant(now + timedelta(days=days)), instant(now))
    return code
