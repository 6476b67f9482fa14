"""Notes who saw whom: each route says what it shows, its view may say whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from typing import TYPE_CHECKING, Literal, TypeVar

from flask import g

from edge.domain.catalogue import Staff
from edge.journal import views
from edge.journal.access import AccessKind
from edge.web.asking import pin_asker
from edge.web.backend import Backend

if TYPE_CHECKING:
    from sqlite_utils import Database

Of = Literal["", "person", "dose", "certificate", "appointment", "day"]
SLIPS_OF_PEOPLE: Mapping[str, Of] = {
    "certificate": "certificate",
    "appointment": "appointment",
    "expected": "day",
    "sticker": "dose",
    "plan": "person",
    "card": "person",
    "history": "person",
}
"""Slips that tell of a person, and of what their subject is."""
_PART = 500
"""People of one record; a longer list has several."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sight:
    """What a route shows of people, and of what the id in its path is."""

    kind: AccessKind
    of: Of = ""


PERSON, OF_DOSE = Sight("person", "person"), Sight("person", "dose")
CERTIFICATE = Sight("certificate", "certificate")
PAPER, TOLD = Sight("certificate"), Sight("person")
"""Of those whom the view says."""
LIST, SEARCH = Sight("list"), Sight("search")


def showed(people: Iterable[str]) -> None:
    """Say whom (by their ids) the answer at hand shows, beside the one of its path."""
    g.setdefault("shown", []).extend(people)


def note_answer(backend: Backend, staff: Staff, sees: Sight, subject: str, place: str) -> None:
    """Note what an answer showed: of whom its path is, and whom its view said.

    A person's page or a certificate that shows nobody of this site is none.
    """
    people = list(filter(None, (*_whose(backend, sees.of, subject), *g.pop("shown", ()))))
    if people or sees.kind in ("list", "search"):
        _note(backend, staff, sees.kind, people, place, pin_asker(backend).key)


def noted_while_sent(
    backend: Backend, staff: Staff, place: str, found: Iterable[T], of: Callable[[T], list[str]]
) -> Iterator[T]:
    """Give a long list through, and note whom (``of``) it showed when it ends or is broken off.

    Its beginning is looked for at once: a question that makes no sense is refused before an answer
    has begun, whose status could not be taken back. Raises what the list raises.
    """
    device = pin_asker(
        backend
    ).key  # of the request, which is over when the last of the list is sent

    rest = iter(found)
    start = list(islice(rest, 1))

    def parts() -> Iterator[T]:
        people: list[str] = []
        try:
            for part in chain(start, rest):
                people += of(part)
                yield part
        finally:
            if people:
                _note(backend, staff, "list", people, place, device)

    return parts()


def whose_slip(backend: Backend, slip: str, subject: str) -> list[str]:
    """Give the person of a slip; nobody for one that tells of no person."""
    return _whose(backend, SLIPS_OF_PEOPLE.get(slip, ""), subject)


def _note(
    backend: Backend, staff: Staff, kind: AccessKind, people: list[str], place: str, device: str
) -> None:
    found = list(dict.fromkeys(people))
    for first in range(0, max(len(found), 1), _PART):
        backend.access.note(kind, staff.code, device, found[first : first + _PART], place)


def _whose(backend: Backend, of: Of, subject: str) -> list[str]:
    if not of or not subject:
        return []
    with backend.journal.reading() as db:
        if of == "person":
            person = views.person(db, subject)
            return [person.id] if person else []
        if of in ("appointment", "day"):
            asked = _expected(db, backend, of, subject)
            if asked or of == "day":
                return asked
        if of == "certificate":
            issued = views.certificate(db, subject)
            if issued is not None and issued.document:
                return [issued.document]
            subject = issued.dose if issued else ""
        record = views.recorded(db, subject) if subject else None
    return [record.person.id] if record else []


def _expected(db: Database, backend: Backend, of: Of, subject: str) -> list[str]:
    """Give the person of an appointment, or those of a day; nobody for another subject."""
    zone = backend.site.clock.zone
    if of == "appointment":
        record = views.appointment(db, subject, zone)
        return [record.person.id] if record else []
    try:
        day = date.fromisoformat(subject)
    except ValueError:
        return []
    found = views.appointments_on(db, backend.site.facility, day, zone)
    return [record.person.id for record in found]
