"""What time it is by the tablet that asks: one of several witnesses of the site's clock."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from flask import request

from edge.domain.catalogue import Staff
from edge.web.backend import Backend

COOKIE = "moment"
"""Set by the page just before it leaves: milliseconds since 1970 (JavaScript's ``Date.now()``)."""
_LONGEST = 15


def note_tablet_clock(backend: Backend, staff: Staff) -> None:
    """Take the clock of a tablet of somebody who is signed in there, if it tells of it.

    A page tells by a cookie, a program by the header ``Date`` (RFC 9110, section 6.6.1).
    """
    told = _by_cookie(request.cookies.get(COOKIE, "")) or _by_header(request.headers.get("Date"))
    if told is not None:
        backend.site.clock.tablet_says(staff.code, told)


def _by_cookie(text: str) -> datetime | None:
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST):
        return None
    try:
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _by_header(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        told = parsedate_to_datetime(text)
        return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
    except (OverflowError, TypeError, ValueError):
        return None
