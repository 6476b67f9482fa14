"""What follows from a history that has changed: numbers and dates of doses, and their papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from edge.domain.errors import Conflict
from edge.domain.numbering import NumberedDose, misnumbered, renumbered
from edge.domain.people import Person
from edge.domain.scheduled import Case
from edge.journal import merges, views
from edge.journal.unit import Unit
from edge.services.certificates.renewal import renew
from edge.services.commands import NumberDoses
from edge.services.doses.judging import case_of
from edge.services.doubtful_clock import clock_unsure
from edge.services.lookups import known_person
from edge.services.request import Request
from edge.services.site import Site

if TYPE_CHECKING:
    from sqlite_utils import Database

NUMBERED_ANEW = "The history of this person has changed."
"""Why a dose has another number; a template."""


def follow(
    unit: Unit,
    request: Request[Any],
    site: Site,
    moved: Mapping[str, NumberedDose],
    *,
    first: bool = False,
) -> list[str]:
    """Write ``DoseCorrected`` for each dose that stands elsewhere now, and renew its certificate.

    Gives the numbers of the new certificates. ``first``: the request's own entry is among these.
    """
    renewed = []
    for id_, place in moved.items():
        record = views.recorded(unit.db, id_)
        changes = place_changes(record, place) if record else {}
        if record is None or not changes:
            continue
        unit.append(
            "DoseCorrected",
            {"dose": id_, "changes": changes, "reason": NUMBERED_ANEW},
            id_=request.id if first else site.ids.new(),
            by=request.actor.code,
            cause=request.id,
            command=request.digest if first else "",
        )
        first = False
        certificate = views.certificate(unit.db, record.certificate)
        if certificate is not None and not certificate.revoked_at:
            renewed.append(renew(unit, request, site, certificate, NUMBERED_ANEW))
    return [number for number in renewed if number]


def follow_told(
    unit: Unit, request: Request[Any], site: Site, before: Case, person: Person, since: date
) -> None:
    """Do the same after doses were told, from a day on; not by a clock that nobody believes."""
    if unit.stamp.believed:
        after = case_of(unit, site, person, views.history(unit.db, person.id))
        follow(unit, request, site, renumbered(before, after, since))


def number_doses(unit: Unit, request: Request[NumberDoses], site: Site) -> None:
    """Write what follows for a person of whom others have told meanwhile; papers are replaced
    that carry the name of somebody with whom they were one.

    Raises :class:`Conflict` where every number follows already.
    """
    person = known_person(unit, request.command.person)
    if not unit.stamp.believed:
        raise clock_unsure(site.clock, "Nothing was changed. Correct it afterwards.")
    case = case_of(unit, site, person, views.history(unit.db, person.id))
    moved = misnumbered(case, parted=less_is_known(unit.db, person.id))
    if not moved and not merges.papers_of_another(unit.db, [person.id]):
        raise Conflict(
            "doses.numbered",
            "The numbers of the doses follow from the history already.",
            hint="Nothing is to be done.",
        )
    follow(unit, request, site, moved, first=True)
    replace_papers_of_another(unit, request, site, [person.id], first=not moved)


def less_is_known(db: Database, person: str) -> bool:
    """Say whether doses were of a person's history once that are not, by others' word."""
    return merges.was_parted(db, person) or any(
        record.dose.reported for record in views.taken_back(db, person)
    )


def replace_papers_of_another(
    unit: Unit,
    request: Request[Any],
    site: Site,
    people: Sequence[str],
    *,
    first: bool = False,
) -> None:
    """Renew the certificates that were signed in the name of one for a dose of another.

    ``first``: the request's own entry is among these.
    """
    for certificate in merges.papers_of_another(unit.db, people):
        renew(unit, request, site, certificate, NUMBERED_ANEW, first=first)
        first = False


def place_changes(record: views.DoseRecord, place: NumberedDose) -> dict[str, Any]:
    """Give what a place changes of a recorded dose, as an entry carries it."""
    old = {
        "number": record.dose.number,
        "total": record.dose.total,
        "effectiveUntil": _day(record.effective_until),
        "nextDue": _day(record.next_due),
    }
    new = {
        "number": place.number,
        "total": place.total,
        "effectiveUntil": _day(place.effective_until),
        "nextDue": _day(place.next_due),
    }
    return {name: value for name, value in new.items() if value != old[name]}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
