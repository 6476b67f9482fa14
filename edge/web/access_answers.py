"""What the API answers of sessions, and of who saw whom."""

from __future__ import annotations

from datetime import datetime

from edge.web.answer import Answer
from edge.web.answers import StaffAnswer


class OpenSessionAnswer(Answer, frozen=True):
    """Somebody who is signed in; ``name`` ends the session and opens nothing."""

    name: str
    staff: StaffAnswer
    address: str
    since: datetime
    seen: datetime
    device: str


class AccessAnswer(Answer, frozen=True):
    """A record of who saw whom; ``people`` are ids, ``place`` a page or a route."""

    number: int
    at: datetime
    kind: str
    staff: str
    device: str
    people: list[str]
    place: str
