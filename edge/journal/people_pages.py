"""Everybody a site knows, a page at a time: a read that lasts no longer than a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.domain.dose import Dose
from edge.domain.people import Person
from edge.domain.schedule.observed import Seen
from edge.journal import views

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A person with everything a schedule asks about."""

    person: Person
    doses: tuple[Dose, ...]
    observations: Mapping[str, Seen]


def people_after(db: Database, after: str, most: int) -> list[PersonRecord]:
    """Give the people whose id comes after another's, in order of id."""
    people = views.people_after(db, after, most)
    if not people:
        return []
    first, last = people[0].id, people[-1].id
    doses: dict[str, list[Dose]] = {}
    for dose in views.doses_between(db, first, last):
        doses.setdefault(dose.person, []).append(dose)
    seen: dict[str, dict[str, Seen]] = {}
    for person, code, on, until, present in db.execute(
        "SELECT own.kept, observation.code, seen_on, until, present FROM observation"
        " JOIN person AS own ON own.id = observation.person"
        " WHERE own.kept BETWEEN ? AND ? ORDER BY observation.position",
        (first, last),
    ):
        theirs = seen.setdefault(person, {})
        theirs.pop(code, None)
        if present:
            theirs[code] = Seen.read(on, until)
    return [
        PersonRecord(person, tuple(doses.get(person.id, ())), seen.get(person.id, {}))
        for person in people
    ]


def is_enrolled(db: Database, person: str) -> bool:
    """Say whether somebody, by the id of the record, is expected by an enrolment."""
    sql = "SELECT 1 FROM person WHERE id = ? AND source = 'enrolment'"
    return db.execute(sql, (person,)).fetchone() is not None


def is_enrolled_for(db: Database, person: str, programme: str) -> bool:
    """Say whether somebody is expected by an enrolment for a programme, in whichever record."""
    sql = (
        "SELECT 1 FROM person WHERE kept = (SELECT kept FROM person WHERE id = ?)"
        " AND source = 'enrolment' AND programme = ?"
    )
    return db.execute(sql, (person, programme)).fetchone() is not None


def expected_for(db: Database, person: str) -> tuple[str, str]:
    """Give the programme a person waits for, and the one of the registration; each may be empty.

    That of the registration is an enrolment's, or what a walk-in came for.
    """
    row = db.execute(
        "SELECT programme FROM person WHERE kept = (SELECT kept FROM person WHERE id = ?)"
        " ORDER BY programme = '', id <> kept, position LIMIT 1",
        (person,),
    ).fetchone()
    return (views.waits_for(db, person), row[0]) if row else ("", "")
