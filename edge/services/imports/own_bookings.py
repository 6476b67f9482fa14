"""Whose an appointment is: a system outside changes what it has booked, and nothing else."""

from __future__ import annotations

from datetime import date

from sqlite_utils import Database

from edge.domain.errors import Conflict
from edge.journal import views
from edge.journal.entries import entry
from edge.services.site import Site

OUTSIDE = "scheduler "
"""Begins the name under which a system outside is recorded."""


def is_of_enrolment(db: Database, appointment: str, osid: str, by: str = "") -> bool:
    """Say whether an appointment came with an enrolment; ``by``: and from whom."""
    booked = entry(db, appointment) if osid else None
    if booked is None or booked.body.get("enrolment") != osid:
        return False
    return not by or booked.document["by"] == by


def has_booked(db: Database, site: Site, person: str, osid: str, by: str) -> bool:
    """Say whether somebody has ever booked an enrolment for a person here."""
    return any(
        is_of_enrolment(db, record.id, osid, by)
        for record in views.appointments_of(db, person, site.clock.zone)
    )


def check_own(
    db: Database, site: Site, of: tuple[str, str], to: tuple[date, str] | None, by: str
) -> None:
    """Refuse to book somebody, by the id, again for a programme whom somebody else has booked.

    ``to`` is the day and the slot; None to call off. Raises :class:`Conflict` in words.
    """
    person, programme = of
    for record in views.appointments_of(db, person, site.clock.zone):
        booked = entry(db, record.id)
        if record.programme != programme or not record.opens(site.clock.today()) or booked is None:
            continue
        whose = str(booked.document["by"])
        if whose == by or to == (record.on, record.hours):
            continue
        sentence = (
            "Another scheduler has booked {name} itself, on {on}: it stays so."
            if whose.startswith(OUTSIDE)
            else "The site has booked {name} itself, on {on}: it stays so."
        )
        raise Conflict(
            "appointment.not-its-own",
            sentence,
            hint="Move or cancel it here if the person wants so, and tell the scheduler.",
            field="appointmentDate",
            name=record.person.name,
            on=record.on,
        )
