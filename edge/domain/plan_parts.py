"""The vaccine groups that a plan is made of, and what the answer about each can hang on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from edge.domain.catalogue import Programme
from edge.domain.same_day import alike
from edge.domain.schedule.calendar import Period, at_age
from edge.domain.schedule.model import Antigen, Schedule, VaccineGroup
from edge.domain.schedule.observed import as_of
from edge.domain.scheduled import Case

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PlanPart:
    """A vaccine group of a programme: what it is asked with, and vaccines its answer hangs on.

    ``own`` are the vaccines that count in it, ``touches`` those that change what is said of it;
    None where a package's condition may look at anything.
    """

    programme: Programme
    group: str
    schedule: Schedule
    own: frozenset[str]
    touches: frozenset[str] | None


def parts(case: Case) -> Iterator[PlanPart]:
    """Give every vaccine group of the programmes that are active."""
    for programme in case.catalogue.programmes.values():
        if programme.active:
            for group in programme.schedule.groups.values():
                part, own = _of_group(programme.schedule, group), _own(programme.schedule, group)
                touches = _touches(case, programme.schedule, own)
                yield PlanPart(programme, group.name, part, own, touches)


def _of_group(schedule: Schedule, group: VaccineGroup) -> Schedule:
    antigens = {name: schedule.antigens[name] for name in group.antigens}
    return replace(schedule, antigens=antigens, groups={group.name: group})


def _own(schedule: Schedule, group: VaccineGroup) -> frozenset[str]:
    return frozenset(
        code
        for code, carried in schedule.vaccines.items()
        if any(association.antigen in group.antigens for association in carried)
    )


def _touches(case: Case, schedule: Schedule, own: frozenset[str]) -> frozenset[str] | None:
    """Name the vaccines of the campaign that can change what is said of a group."""
    if schedule.conditions:
        return None
    # a vaccine of the group is judged in its other groups, too
    wider = {
        code
        for code, carried in schedule.vaccines.items()
        for member in own
        if {association.antigen for association in carried}
        & {association.antigen for association in schedule.vaccines[member]}
    }
    before = {
        conflict.previous
        for conflicts in schedule.conflicts.values()
        for conflict in conflicts
        if conflict.current in wider
    }
    counted_from = {
        code
        for antigen in schedule.antigens.values()
        for series in antigen.series
        for dose in series.doses
        for rule in (*dose.intervals, *dose.allowable_intervals)
        for code in rule.from_most_recent
    }
    same = {
        code
        for code in case.catalogue.vaccines
        if any(alike(case.catalogue, code, member) for member in own)
    }
    return frozenset(wider | before | counted_from | same)


def turns(case: Case) -> Iterator[date]:
    """Give the days on which a series, a programme or a contraindication begins or ends."""
    born = case.subject.born
    for programme in case.catalogue.programmes.values():
        if not programme.active:
            continue
        yield programme.start
        held = as_of(programme.schedule, case.subject, date.min)
        yield from (last + _DAY for last in held.until.values() if last < date.max)
        for antigen in programme.schedule.antigens.values():
            yield from filter(None, (at_age(born, period) for period in _turning_ages(antigen)))


def _turning_ages(antigen: Antigen) -> Iterator[Period | None]:
    for against in antigen.contraindications:
        yield from (against.begin, against.end)
    for series in antigen.series:
        yield from (series.min_start, series.max_start)
        for indication in series.indications:
            yield from (indication.begin, indication.end)
