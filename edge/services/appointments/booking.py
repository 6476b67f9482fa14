"""Somebody is booked into a slot, moved into another, or expected no more.

The writer takes one request after the other, so of two tablets that ask for the last place one
gets it, and the other is told the next.
"""

from __future__ import annotations

from datetime import date

from edge.domain.errors import BadInput, Conflict, NotFound, Refusal
from edge.domain.people import Person
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.appointments.room import check_slot
from edge.services.commands import BookAppointment, CancelAppointment, MoveAppointment
from edge.services.lookups import check_programme, known_person
from edge.services.request import Request
from edge.services.site import Site


def book_appointment(unit: Unit, request: Request[BookAppointment], site: Site) -> None:
    """Write ``AppointmentBooked``.

    Raises :class:`Conflict` for a slot without room, named with the next that has some, and for
    somebody who is booked for the programme on that day already.
    """
    command, catalogue = request.command, site.catalogues.current(unit.db)
    person = known_person(unit, command.person)
    _check_comes(person)
    check_programme(catalogue, command.programme)
    facility = command.facility or site.facility
    check_once(unit, site, person, command.programme, command.on)
    check_slot(unit.db, site, catalogue, facility, command.programme, command.on, command.slot)
    unit.append(
        "AppointmentBooked",
        {
            "person": person.id,
            "programme": command.programme,
            "facility": facility,
            **when(command.on, command.slot),
            "source": "site",
        },
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )


def move_appointment(unit: Unit, request: Request[MoveAppointment], site: Site) -> None:
    """Write ``AppointmentMoved``; raises as :func:`book_appointment`."""
    command, catalogue = request.command, site.catalogues.current(unit.db)
    record = _open(unit, site, command.appointment)
    if (record.on, record.hours) == (command.on, command.slot):
        raise BadInput(
            "appointment.nothing-changed",
            "This is the day and the hour of the appointment already.",
            hint="Choose another slot, or go back.",
            field="slot",
        )
    _check_comes(record.person)
    check_programme(catalogue, record.programme)
    if record.on != command.on:
        check_once(unit, site, record.person, record.programme, command.on)
    check_slot(
        *(unit.db, site, catalogue, record.facility, record.programme, command.on, command.slot)
    )
    reason = {"reason": command.reason.strip()} if command.reason.strip() else {}
    unit.append(
        "AppointmentMoved",
        {"appointment": record.id, **when(command.on, command.slot), **reason},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )


def cancel_appointment(unit: Unit, request: Request[CancelAppointment], site: Site) -> None:
    """Write ``AppointmentCancelled``."""
    record = _open(unit, site, request.command.appointment)
    unit.append(
        "AppointmentCancelled",
        {"appointment": record.id, "reason": request.command.reason},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )


def when(on: date, hours: str) -> dict[str, str]:
    """Give a day and its hours as an entry has them."""
    return {"on": on.isoformat(), **({"slot": hours} if hours else {})}


def check_once(unit: Unit, site: Site, person: Person, programme: str, on: date) -> None:
    """Refuse to book somebody twice for a programme on one day; raises :class:`Conflict`."""
    for known in views.appointments_of(unit.db, person.id, site.clock.zone):
        if not known.cancelled_at and (known.programme, known.on) == (programme, on):
            raise Conflict(
                "appointment.booked-already",
                "This person is expected for this programme on {on} already.",
                hint="Move that appointment, or cancel it first.",
                field="on",
                on=on,
            )


def _check_comes(person: Person) -> None:
    if person.status.name in ("died", "moved"):
        raise Refusal(
            "appointment.not-here",
            "This person is recorded as having died or moved away.",
            hint="Look whether it is the right person; if so, say first that they are here again.",
            field="person",
        )


def _open(unit: Unit, site: Site, id_: str) -> views.AppointmentRecord:
    record = views.appointment(unit.db, id_, site.clock.zone)
    if record is None:
        raise NotFound(
            "appointment.unknown",
            "There is no such appointment here.",
            hint="Look at the person's page again.",
            field="appointment",
        )
    if record.cancelled_at:
        raise Conflict(
            "appointment.cancelled",
            "This appointment was cancelled already.",
            hint="Book another one.",
            field="appointment",
        )
    if not record.opens(site.clock.today()):
        raise Conflict(
            "appointment.not-open",
            "This appointment was kept, or its day is over.",
            hint="Book another one.",
            field="appointment",
        )
    return record
