"""Whether somebody still comes here: died, moved away, lost to follow-up, or here again."""

from __future__ import annotations

from datetime import date
from typing import Any

from edge.domain.errors import BadInput, Refusal
from edge.domain.people import Person
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.commands import RecordStatus
from edge.services.doses.overriding import is_supervisor, overridden
from edge.services.lookups import known_person
from edge.services.request import Request
from edge.services.site import Site


def record_status(unit: Unit, request: Request[RecordStatus], site: Site) -> None:
    """Write ``PersonStatusRecorded``; who is not here waits no longer.

    Raises :class:`BadInput` for what is recorded already and a day that cannot be, and
    :class:`Refusal` for a death before a dose that is on record, or one taken back by nobody who
    may.
    """
    command, today = request.command, site.clock.today()
    person = known_person(unit, command.person)
    on, place = command.on or today, " ".join(command.place.split())
    if on > today or not person.lived_on(on):
        raise BadInput(
            "status.date",
            "The day {on} is not between the person's birth and today.",
            field="on",
            on=on,
        )
    before = person.status
    if before.here and command.status == "active":
        raise _nothing_new()
    if command.status == "active" and before.on is not None and on < before.on:
        raise BadInput(
            "status.date",
            "The day {on} is before {before}, of the last status.",
            field="on",
            on=on,
            before=before.on,
        )
    if (before.name, before.on, before.place) == (command.status, on, place):
        raise _nothing_new()
    if command.status == "died":
        _check_doses(unit, person, on)
    body: dict[str, Any] = {"person": person.id, "status": command.status, "on": on.isoformat()}
    if command.status == "moved" and place:
        body["place"] = place
    reason = command.reason.strip()
    if before.name == "died" and command.status != "died":
        said = _taken_back(request, site, unit)
        body["supervisor"], reason = said["supervisor"], reason or said["reason"]
    if reason:
        body["reason"] = reason
    unit.append(
        "PersonStatusRecorded",
        body,
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )


def _check_doses(unit: Unit, person: Person, on: date) -> None:
    here = [dose.on for dose in views.history(unit.db, person.id) if not dose.reported]
    last = max(here, default=on)
    days = [seen.on for seen in views.observations(unit.db, person.id).values()]
    seen = max(days, default=on)
    if seen > on:
        raise Refusal(
            "status.before-dose",
            "Something of {last} is recorded: the death cannot be earlier.",
            hint="Check the day, or correct what is recorded first.",
            field="on",
            last=seen,
        )
    if last > on:
        raise Refusal(
            "status.before-dose",
            "A dose of {last} is recorded: the death cannot be earlier.",
            hint="Check the day, or take that dose back first.",
            field="on",
            last=last,
        )


def _taken_back(request: Request[RecordStatus], site: Site, unit: Unit) -> dict[str, str]:
    """Give who decides that somebody did not die, and why; raises the refusal if nobody does."""
    command = request.command
    override = command.override
    if override is None and is_supervisor(request.actor, site):
        return {"supervisor": request.actor.code, "reason": command.reason.strip()}
    refusal = Refusal(
        "status.died",
        "This person is recorded as having died: only a supervisor can take that back.",
        hint="Look whether it is the right person, and ask a supervisor.",
        field="status",
        overridable=True,
    )
    catalogue = site.catalogues.current(unit.db)
    (said,) = overridden([refusal], override, request.actor, catalogue, site)
    return said


def _nothing_new() -> BadInput:
    return BadInput(
        "status.nothing",
        "This is what is recorded already.",
        hint="Choose what has changed, then save.",
        field="status",
    )
