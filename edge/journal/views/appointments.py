"""Who is expected when, who came, and how many are booked into which slot."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Literal

from edge.domain.people import Person
from edge.domain.slots import SlotKey
from edge.journal.views.columns import of_table
from edge.journal.views.people import PERSON_COLUMNS, person_of
from sync.protocol.instants import instant, read_instant

if TYPE_CHECKING:
    from sqlite_utils import Database

AppointmentState = Literal["expected", "came", "vaccinated", "missed", "cancelled"]
_OWN = (
    "id, programme, facility, on_day, hours, source, booked_at, booked_by, changed_at,"
    " cancelled_at, reason, freed, position"
)
_GIVEN = (
    "dose JOIN person AS given ON given.id = dose.person WHERE given.kept = own.kept"
    " AND dose.reported = 0 AND dose.withdrawn_at = '' AND dose.given_on = appointment.on_day"
    " AND dose.facility = appointment.facility"
)
"""Doses that the person of an appointment was given there on its day."""


@dataclass(frozen=True, slots=True)
class AppointmentRecord:
    """An appointment; instants in ISO 8601, each empty where nothing of it happened.

    ``freed`` is the status of the person that freed the place. ``came``: the person was here that
    day. ``dose`` is the id of a dose of the programme that was given then, or empty.
    """

    id: str
    person: Person
    programme: str
    facility: str
    on: date
    hours: str
    source: str
    booked_at: str
    booked_by: str
    changed_at: str
    cancelled_at: str
    reason: str
    freed: str
    position: int
    came: bool
    dose: str

    def state(self, today: date) -> AppointmentState:
        """Say how it stands on a day."""
        if self.cancelled_at:
            return "cancelled"
        if self.dose:
            return "vaccinated"
        if self.came:
            return "came"
        return "missed" if self.on < today else "expected"

    def opens(self, today: date) -> bool:
        """Say whether it is still to come."""
        return self.state(today) == "expected"


def appointment(db: Database, id_: str, zone: tzinfo) -> AppointmentRecord | None:
    """Find an appointment; ``zone`` is the site's."""
    return next(iter(_found(db, zone, "appointment.id = ?", id_)), None)


def appointments_on(
    db: Database, facility: str, day: date, zone: tzinfo
) -> list[AppointmentRecord]:
    """Give a facility's appointments of a day that were not cancelled, in the order of booking."""
    return _found(
        db,
        zone,
        "appointment.facility = ? AND on_day = ? AND cancelled_at = ''",
        *(facility, day.isoformat()),
    )


def appointments_from(
    db: Database, facility: str, day: date, zone: tzinfo
) -> list[AppointmentRecord]:
    """Give a facility's appointments from a day on that were not cancelled."""
    return _found(
        db,
        zone,
        "appointment.facility = ? AND on_day >= ? AND cancelled_at = ''",
        *(facility, day.isoformat()),
    )


def appointments_of(db: Database, person_id: str, zone: tzinfo) -> list[AppointmentRecord]:
    """Give a person's appointments by their days, also those that were cancelled."""
    found = _found(db, zone, "own.kept = (SELECT kept FROM person WHERE id = ?)", person_id)
    return sorted(found, key=lambda one: (one.on, one.hours, one.position))


def booked(
    db: Database, facility: str, programme: str, first: date, last: date
) -> Counter[SlotKey]:
    """Count the appointments of a programme in each slot between two days, both included."""
    rows = db.execute(
        "SELECT on_day, hours, count(*) FROM appointment WHERE facility = ? AND programme = ?"
        " AND on_day BETWEEN ? AND ? AND cancelled_at = '' GROUP BY on_day, hours",
        (facility, programme, first.isoformat(), last.isoformat()),
    )
    return Counter({(date.fromisoformat(day), hours): count for day, hours, count in rows})


def walk_ins(db: Database, facility: str, programme: str, day: date) -> list[datetime]:
    """Give when doses of a programme were given on a day to people who were not expected."""
    rows = db.execute(
        "SELECT min(dose.given_at) FROM dose JOIN person AS own ON own.id = dose.person"
        " WHERE dose.given_on = ? AND dose.programme = ? AND dose.facility = ?"
        " AND dose.reported = 0 AND dose.withdrawn_at = ''"
        " AND NOT EXISTS (SELECT 1 FROM appointment JOIN person AS asked"
        " ON asked.id = appointment.person WHERE asked.kept = own.kept AND cancelled_at = ''"
        " AND appointment.facility = dose.facility AND appointment.on_day = dose.given_on"
        " AND appointment.programme = dose.programme) GROUP BY own.kept",
        (day.isoformat(), programme, facility),
    )
    return [read_instant(at) for (at,) in rows]


def _found(db: Database, zone: tzinfo, where: str, *values: Any) -> list[AppointmentRecord]:
    rows = db.execute(
        f"SELECT {of_table('appointment', _OWN)}, own.kept,"  # noqa: S608
        f" coalesce((SELECT dose.id FROM {_GIVEN} AND dose.programme = appointment.programme"
        " ORDER BY dose.position LIMIT 1), ''),"
        f" EXISTS (SELECT 1 FROM {_GIVEN}),"
        f" {of_table('person', PERSON_COLUMNS)} FROM appointment"
        " JOIN person AS own ON own.id = appointment.person JOIN person ON person.id = own.kept"
        f" WHERE {where} ORDER BY appointment.position",
        values,
    ).fetchall()
    return [_record(db, zone, row) for row in rows]


def _record(db: Database, zone: tzinfo, row: tuple[Any, ...]) -> AppointmentRecord:
    count = len(_OWN.split(", "))
    id_, programme, facility, on_day, hours, source, *said, position = row[:count]
    booked_at, booked_by, changed_at, cancelled_at, reason, freed = said
    kept, dose, given, *person = row[count:]
    day = date.fromisoformat(on_day)
    return AppointmentRecord(
        id=id_,
        person=person_of(db, tuple(person)),
        programme=programme,
        facility=facility,
        on=day,
        hours=hours,
        source=source,
        booked_at=booked_at,
        booked_by=booked_by,
        changed_at=changed_at,
        cancelled_at=cancelled_at,
        reason=reason,
        freed=freed,
        position=position,
        came=bool(given) or _arrived(db, kept, day, zone),
        dose=dose,
    )


def _arrived(db: Database, kept: str, day: date, zone: tzinfo) -> bool:
    """Say whether somebody came on a day of the site: from its midnight to the next."""
    first, next_ = (
        instant(datetime.combine(on, time(), zone)) for on in (day, day + timedelta(days=1))
    )
    row = db.execute(
        "SELECT 1 FROM arrival JOIN person AS own ON own.id = arrival.person"
        " WHERE own.kept = ? AND arrival.at >= ? AND arrival.at < ? LIMIT 1",
        (kept, first, next_),
    ).fetchone()
    return row is not None
