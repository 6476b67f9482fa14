"""The vaccine groups that a plan is made of, and what the answer about each can hang on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from edge.domain.catalogue import Programme
from edge.domain.eligibility import counted_vaccines
from edge.domain.same_day import antigens_of
from edge.domain.schedule.calendar import Period, at_age
from edge.domain.schedule.model import Antigen, Schedule, VaccineGroup
from edge.domain.schedule.observed import as_of
from edge.domain.scheduled import Case
from edge.domain.turning_days import TurningDays

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PlanPart:
    """A vaccine group of a programme: what it is asked with, and vaccines its answer hangs on.

    ``own`` are the vaccines that count in it, ``hangs_on`` those that change its forecast,
    ``touches`` those that change how a vaccine of it is judged; None where a package's condition,
    or a rule of the campaign that counts doses, may look at any. ``turning`` are the days on which
    the forecast may be another with time alone.
    """

    programme: Programme
    group: str
    schedule: Schedule
    own: frozenset[str]
    hangs_on: frozenset[str] | None
    touches: frozenset[str] | None
    turning: TurningDays


def parts(case: Case) -> Iterator[PlanPart]:
    """Give every vaccine group of the programmes that are active."""
    against = {code: antigens_of(case.catalogue, code) for code in case.catalogue.vaccines}
    counted = counted_vaccines(case.catalogue.eligibility)
    for programme in case.catalogue.programmes.values():
        carried = {
            code: frozenset(association.antigen for association in found)
            for code, found in programme.schedule.vaccines.items()
        }
        for group in programme.schedule.groups.values() if programme.active else ():
            part = _of_group(programme.schedule, group)
            own = _sharing(carried, frozenset(group.antigens))
            # a vaccine of the group is judged in its other groups, too, and beside others alike
            wider = _sharing(carried, _all_of(carried, own))
            alike = own | _sharing(against, _all_of(against, own))
            touches = wider | _beside(programme.schedule, wider) | alike | (counted or frozenset())
            yield PlanPart(
                programme=programme,
                group=group.name,
                schedule=part,
                own=own,
                hangs_on=None if part.conditions else own | _beside(part, own),
                touches=None if part.conditions or counted is None else touches,
                turning=TurningDays(part, own, case.subject),
            )


def _of_group(schedule: Schedule, group: VaccineGroup) -> Schedule:
    antigens = {name: schedule.antigens[name] for name in group.antigens}
    return replace(schedule, antigens=antigens, groups={group.name: group})


def _sharing(carried: Mapping[str, frozenset[str]], antigens: frozenset[str]) -> frozenset[str]:
    return frozenset(code for code, own in carried.items() if own & antigens)


def _all_of(carried: Mapping[str, frozenset[str]], codes: frozenset[str]) -> frozenset[str]:
    return frozenset(name for code in codes for name in carried.get(code, ()))


def _beside(schedule: Schedule, own: frozenset[str]) -> frozenset[str]:
    """Name the vaccines that others must keep a distance from, or are counted from."""
    before = {
        conflict.previous
        for conflicts in schedule.conflicts.values()
        for conflict in conflicts
        if conflict.current in own
    }
    counted_from = {
        code
        for antigen in schedule.antigens.values()
        for series in antigen.series
        for dose in series.doses
        for rule in (*dose.intervals, *dose.allowable_intervals)
        for code in rule.from_most_recent
    }
    return frozenset(before | counted_from)


def turns(case: Case) -> Iterator[date]:
    """Give the days on which a series, a programme or a contraindication begins or ends."""
    born = case.subject.born
    for rule in case.catalogue.eligibility:
        for group in (*rule.only, *rule.excluded):
            yield from filter(None, (at_age(born, group.from_age), at_age(born, group.until_age)))
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
