"""What is known of a person's health, as far as it changes which dose is due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from edge.domain.catalogue import Catalogue
from edge.domain.errors import BadInput
from edge.domain.schedule.model import Subject
from edge.domain.schedule.observed import Seen, as_of, still_held
from edge.domain.status import check_alive
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.commands import RecordObservation
from edge.services.lookups import known_person
from edge.services.request import Request
from edge.services.seen import RecordChangedConflict, check_seen, merges_since
from edge.services.site import Site


def record_observation(
    unit: Unit, request: Request[RecordObservation], site: Site, told: Mapping[str, Any]
) -> None:
    """Write ``ObservationRecorded``: something of a person is so, or is so no more.

    ``told`` says which rules a supervisor has set aside with it.
    Raises :class:`BadInput` for a code that nothing in the campaign asks about, a day that
    lies in the future, or a last day that is missing or before the first.
    """
    command, today = request.command, site.clock.today()
    person = known_person(unit, command.person)
    known = site.catalogues.current(unit.db).observable
    if command.code not in known:
        raise BadInput(
            "observation.unknown",
            "Nothing in the campaign asks about {code}.",
            hint="Choose one of: {known}.",
            field="code",
            code=command.code,
            known=", ".join(sorted(known)) or "none",
        )
    on = command.on or today
    if on > today or not person.lived_on(on):
        raise BadInput(
            "observation.date",
            "The day {on} is not between the person's birth and today.",
            field="on",
            on=on,
        )
    until = command.until if command.present else None
    if until is None and command.present and known[command.code].ends:
        raise BadInput(
            "observation.until",
            "Say until which day this is so: {title}.",
            hint="Give the last day, as far as it is known today.",
            field="until",
            title=known[command.code].title,
        )
    if until is not None and until < on:
        raise BadInput(
            "observation.until",
            "The last day {until} is before the day {on}.",
            field="until",
            until=until,
            on=on,
        )
    check_alive(person.status, on)
    about = {"person": person.id, "code": command.code}
    check_seen(unit, command.seen, "ObservationRecorded", about, ("present",))
    _check_merged(unit, command)
    unit.append(
        "ObservationRecorded",
        {
            "person": person.id,
            "code": command.code,
            "on": on.isoformat(),
            "present": command.present,
            **({"until": until.isoformat()} if until is not None else {}),
            **told,
        },
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )


def _check_merged(unit: Unit, command: RecordObservation) -> None:
    """Refuse where the record that came or went with a merge since says something of this too."""
    if command.seen is None:
        return
    ids = views.ids_of(unit.db, command.person)
    for position, merge in merges_since(unit, command.seen, ids):
        others = {merge.kept, merge.merged} - {command.person}
        if any(views.was_observed(unit.db, other, command.code) for other in others):
            raise RecordChangedConflict(("present",), position)


def holding(catalogue: Catalogue, observations: Mapping[str, Seen], today: date) -> dict[str, Seen]:
    """Leave out what has ended, and what is too old for every schedule that asks about it."""
    days = {code: seen.on for code, seen in observations.items()}
    until = {code: seen.until for code, seen in observations.items() if seen.until is not None}
    subject = Subject(born=date.min, observations=days, until=until)
    kept = {
        code
        for programme in catalogue.programmes.values()
        if programme.active
        for code in as_of(programme.schedule, subject, today).observations
        if code in programme.schedule.observations
    }
    own = still_held(catalogue.own_observations, subject, today).observations
    kept |= own.keys() & catalogue.own_observations.keys()
    asked = catalogue.observable
    return {code: seen for code, seen in observations.items() if code in kept or code not in asked}
