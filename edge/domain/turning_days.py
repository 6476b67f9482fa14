"""When may an answer of the engine change with time alone? So long an answer holds, unasked."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from typing import Any

from edge.domain.schedule.calendar import Period
from edge.domain.schedule.model import IntervalRule, Schedule, SkipCondition, Subject
from edge.domain.schedule.observed import as_of
from edge.domain.schedule.spans import periods_of

_DAY = timedelta(days=1)


class TurningDays:
    """The days on which what is said of a vaccine group may become another, if nothing is given.

    These are the ages of its rules, its intervals after each dose and each observation, and the
    days that it names; ``own`` are the vaccines that count in it.
    """

    def __init__(self, schedule: Schedule, own: frozenset[str], subject: Subject) -> None:
        antigens = tuple(schedule.antigens.values())
        carried = tuple(schedule.vaccines.get(code, ()) for code in sorted(own))
        conflicts = tuple(
            conflict
            for found in schedule.conflicts.values()
            for conflict in found
            if conflict.current in own
        )
        self._intervals = {*_intervals(antigens), *periods_of(conflicts)}
        seen = [day for day in subject.observations.values() if day is not None]
        ends = as_of(schedule, subject, date.min).until.values()
        self._by_age = sorted(
            {
                *_both({period.after(subject.born) for period in periods_of((antigens, carried))}),
                *_both({period.after(day) for day in seen for period in self._intervals}),
                *_both({*seen, *ends, *_dates(antigens)}),
            }
        )
        self._behind: dict[date, list[date]] = {}

    def after(self, on: date, given: Iterable[date]) -> date:
        """Give the first such day behind one, where doses were given on these days."""
        found = [_next(self._by_age, on)]
        for day in set(given):
            if day not in self._behind:
                days = {period.after(day) for period in self._intervals}
                self._behind[day] = sorted(_both({day, *days}))
            found.append(_next(self._behind[day], on))
        return min(found)


def _next(days: list[date], on: date) -> date:
    place = bisect_right(days, on)
    return days[place] if place < len(days) else date.max


def _both(days: Iterable[date]) -> set[date]:
    """Give days and those behind them: rules hold from a day on, or until it has passed."""
    known = set(days)
    return known | {day + _DAY for day in known if day < date.max}


def _intervals(thing: Any) -> Iterator[Period]:
    """Give the lengths that are counted from a dose or an observation."""
    if isinstance(thing, IntervalRule):
        yield from periods_of(thing)
    elif isinstance(thing, SkipCondition):
        yield from periods_of(thing.interval)
    else:
        for inner in _inside(thing):
            yield from _intervals(inner)


def _dates(thing: Any) -> Iterator[date]:
    if isinstance(thing, date):
        yield thing
    else:
        for inner in _inside(thing):
            yield from _dates(inner)


def _inside(thing: Any) -> Iterable[Any]:
    if is_dataclass(thing):
        return [getattr(thing, field.name) for field in fields(thing)]
    if isinstance(thing, Mapping):
        return list(thing.values())
    return thing if isinstance(thing, tuple) else ()
