"""What is known of a person's health, as far as it changes which dose is due."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.domain.catalogue import Catalogue
from edge.domain.errors import BadInput
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
    Raises :class:`BadInput` for a code that no schedule of the campaign asks about, or a day that
    lies in the future.
    """
    command, today = request.command, site.clock.today()
    person = known_person(unit, command.person)
    known = observable(site.catalogues.current(unit.db))
    if command.code not in known:
        raise BadInput(
            "observation.unknown",
            "No schedule of the campaign asks about {code}.",
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


def observable(catalogue: Catalogue) -> dict[str, str]:
    """Give what the campaign's schedules ask about a person: codes, and words for them."""
    return {
        code: asked.title
        for programme in catalogue.programmes.values()
        if programme.active
        for code, asked in programme.schedule.observations.items()
    }
