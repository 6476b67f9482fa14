"""Instants as every end writes and reads them: ISO 8601 in UTC, with milliseconds."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, tzinfo

_FORM = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|\+00:00)"
)
"""``datetime.fromisoformat`` takes more, and from Python 3.14 on also 24:00."""


def instant(moment: datetime) -> str:
    """Write a moment as ``2026-11-25T08:30:00.000Z``, the form of DIVOC and of an entry's schema.

    What is smaller than a millisecond is cut off, so texts sort as the moments do. A moment of
    another zone is written in UTC; raises ``ValueError`` for one that names no zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone is no instant")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def read_instant(text: str) -> datetime:
    """Read an instant that an end has written; raises ``ValueError`` for every other text.

    UTC only, as ``Z`` or ``+00:00``; with seconds, and at the most six digits of a fraction
    (earlier versions wrote them). Year 0, the 60th second and 24:00 are no instants here.
    """
    if not _FORM.fullmatch(text) or text[11:13] == "24":
        raise ValueError("not an instant of UTC in ISO 8601")
    return datetime.fromisoformat(text)


def in_utc(moment: datetime) -> datetime:
    """Give a moment that others wrote as one of UTC, which is taken where it names no zone.

    Raises ``ValueError`` for one that UTC does not have: the first hours of year 1 in the east, the
    last of year 9999 in the west.
    """
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        raise ValueError("a moment before year 1 or after year 9999") from None


def local_day(text: str, zone: tzinfo) -> date:
    """Give the day that an instant falls on in a zone; raises ``ValueError`` for other texts."""
    return read_instant(text).astimezone(zone).date()
