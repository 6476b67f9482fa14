"""One-time enrolment codes: made, shown once, and their secrets kept as a SHA-256 only."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sync.protocol.counted import Counted
from sync.protocol.enrolment_codes import (
    SHORT_ROOT,
    EnrolmentCode,
    short_fingerprint,
    write_code,
)
from sync.protocol.errors import SyncError
from sync.protocol.instants import instant
from sync.registry.store.interface import Fleet

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 12
"""59 bits: nobody guesses them by asking, nor by their SHA-256 in the days that a code counts."""
MOST_DAYS = 365


def make_code(
    store: Fleet,
    facility: str,
    days: int,
    now: datetime,
    choose: Callable[[str], str] = secrets.choice,
) -> str:
    """Make a code's secret for a facility that counts for so many days: nobody else can give it."""
    facility = facility.strip()
    if not 0 < len(facility) <= 100 or not facility.isprintable():
        raise SyncError("code.facility", "Name the facility by its code.")
    if not 1 <= days <= MOST_DAYS:
        raise SyncError(
            "code.days",
            Counted("A code counts for 1 to {most} day.", "A code counts for 1 to {most} days."),
            most=MOST_DAYS,
        )
    code = "".join(choose(_LETTERS) for _ in range(_LENGTH))
    digest = hashlib.sha256(code.encode()).hexdigest()
    store.add_code(digest, facility, instant(now + timedelta(days=days)), instant(now))
    return code


def whole_code(secret: str, address: str, key: Ed25519PublicKey, root: str) -> str:
    """Write the enrolment code of a registry as sites take it; raises ``enrolment.address``.

    ``root`` is the fingerprint of the ministry's root, empty while it signs no campaigns.
    """
    return write_code(EnrolmentCode(address, short_fingerprint(key), secret, root[:SHORT_ROOT]))
