"""Somebody of whom it was said that they are not here is given a dose."""

from __future__ import annotations

from datetime import date

from edge.domain.people import Person
from edge.journal.unit import Unit
from edge.services.commands import GiveDose
from edge.services.request import Request
from edge.services.site import Site


def came_back(unit: Unit, request: Request[GiveDose], person: Person, on: date, site: Site) -> None:
    """Say that somebody is here again who was given a dose after it was said that they are not.

    A dose of the very day of a death leaves it as it is: it may have been given before.
    """
    status, today = person.status, site.clock.today()
    returned = status.outlived_by(on) or (status.on == on == today and status.name != "died")
    if status.here or not returned:
        return
    override = request.command.override
    reason = override.reason if override else ""
    unit.append(
        "PersonStatusRecorded",
        {"person": person.id, "status": "active", "on": on.isoformat(), "reason": reason},
        id_=site.ids.new(),
        by=request.actor.code,
        cause=request.id,
    )
