"""What was observed of a person is so no more: judged like the dose that it lets through."""

from __future__ import annotations

from dataclasses import replace

from edge.domain.scheduled import Case
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.commands import RecordObservation
from edge.services.doses.judging import agreed_between, case_of
from edge.services.lookups import known_person
from edge.services.people.observe import record_observation
from edge.services.request import Request
from edge.services.site import Site
from sync.protocol.instants import local_day

_REASON = "Observed to be so no more"


def observe(unit: Unit, request: Request[RecordObservation], site: Site) -> None:
    """Write ``ObservationRecorded``.

    To take back what speaks against a dose needs what the dose itself would have needed. Whoever
    recorded it may take it back on the same day: but for them nothing had spoken against it.
    """
    command = request.command
    person = known_person(unit, command.person)
    before = case_of(unit, site, person, views.history(unit.db, person.id))
    after = _after(before, command)
    told = {}
    if after is not None and not _own_slip(unit, request, site):
        told = agreed_between(unit, request.actor, site, before, after, command.override, _REASON)
    record_observation(unit, request, site, told)


def _after(before: Case, command: RecordObservation) -> Case | None:
    """Give the case as it is with less of what was observed; None: nothing is taken back."""
    held, ends = dict(before.subject.observations), dict(before.subject.until)
    if held.pop(command.code, None) is None:
        return None
    if command.present:
        until = ends.get(command.code)
        if command.until is None or (until is not None and until <= command.until):
            return None
        held, ends = dict(before.subject.observations), {**ends, command.code: command.until}
    return replace(before, subject=replace(before.subject, observations=held, until=ends))


def _own_slip(unit: Unit, request: Request[RecordObservation], site: Site) -> bool:
    recorded = views.observed_by(unit.db, request.command.person, request.command.code)
    if recorded is None or recorded[0] != request.actor.code:
        return False
    day = local_day(recorded[1], site.clock.zone)
    return day == site.clock.today()
