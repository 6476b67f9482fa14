"""Where the verdict on somebody may change between the days on which they may have been born."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from edge.domain.schedule.calendar import Period
from edge.domain.schedule.model import Schedule, Subject

_DAY = timedelta(days=1)
_AROUND = 4
"""Days around an age's own day within which calendars may set it."""

_SAMPLES = 4


def for_vaccine(schedule: Schedule, vaccine: str) -> Schedule:
    """Give what of a schedule a vaccine is judged by: the groups that it counts in."""
    kept = schedule.parts.get(vaccine)
    if kept is not None:
        return kept
    own = {association.antigen for association in schedule.vaccines.get(vaccine, ())}
    groups = {name: group for name, group in schedule.groups.items() if own & set(group.antigens)}
    names = {antigen for group in groups.values() for antigen in group.antigens}
    antigens = {name: antigen for name, antigen in schedule.antigens.items() if name in names}
    part = replace(schedule, antigens=antigens, groups=groups)
    if vaccine in schedule.vaccines:  # so many, and no more
        schedule.parts[vaccine] = part.parts[vaccine] = part
    return part


def telling_births(schedule: Schedule, first: date, last: date, days: Iterable[date]) -> list[date]:
    """Give births that stand for all between two days: any other is judged as one of these.

    ``days`` are those on which an age matters: of the judgement, and of each dose so far. A verdict
    changes only between two births where one is of an age on such a day and the next is not.
    """
    matter = sorted(days)
    if _past_every_age(schedule, last, matter[0]):
        return [first, last] if _tells_births_apart(schedule, first, last) else [last]
    found = {first, last, first + (last - first) // 2}
    for period in _lengths(schedule):
        for day in matter:
            found.update(_on_both_sides(period, day, first, last))
    return sorted(found)


def _past_every_age(schedule: Schedule, born: date, on: date) -> bool:
    """Say whether somebody is past every age that a schedule knows, with days to spare.

    So is whoever was born before, on that day and on each behind it. What a package's condition
    asks of a birth is not known.
    """
    if schedule.conditions:
        return False
    spare = on - _AROUND * _DAY
    return all(period.after(born) < spare for period in _lengths(schedule))


def _tells_births_apart(schedule: Schedule, first: date, last: date) -> bool:
    """Say whether some of those born in a span are taken as immune, and others are not."""
    days = (antigen.immunity.born_before for antigen in schedule.antigens.values())
    return any(day is not None and first < day <= last for day in days)


def _lengths(schedule: Schedule) -> Sequence[Period]:
    """Give every length of time in a schedule, once each."""
    if not schedule.lengths:  # whoever works it out beside another finds the same
        schedule.lengths[:] = dict.fromkeys(periods_of(schedule))
    return schedule.lengths


def born_by(subject: Subject, on: date) -> Subject:
    """Leave out the births after a day on which somebody is there."""
    last = subject.born_last or subject.born
    within = max(subject.born, min(last, on))
    return subject if within == subject.born_last else replace(subject, born_last=within)


def spread(first: date, last: date) -> list[date]:
    """Give days of a span, its ends among them, for what to look at more closely."""
    return [first + (last - first) * place // _SAMPLES for place in range(_SAMPLES + 1)]


def periods_of(thing: Any) -> Iterator[Period]:
    """Give every length of time in a schedule: ages, and intervals, which cost little."""
    waiting = [thing]
    while waiting:  # a generator in a generator takes four times as long
        one = waiting.pop()
        if isinstance(one, Period):
            yield one
        elif isinstance(one, Mapping):
            waiting.extend(one.values())
        elif isinstance(one, tuple):
            waiting.extend(one)
        else:
            waiting.extend(filter(None, (getattr(one, name) for name in _fields(one.__class__))))


@cache
def _fields(kind: type) -> tuple[str, ...]:
    """Name the fields that a class is made of; none where it is no dataclass."""
    if not is_dataclass(kind):
        return ()
    return tuple(field.name for field in fields(kind) if field.init)


def _on_both_sides(period: Period, day: date, first: date, last: date) -> Iterator[date]:
    try:
        middle = Period(-period.years, -period.months, -period.days).after(day)
    except (ValueError, OverflowError):
        return
    if not first - _AROUND * _DAY <= middle <= last + _AROUND * _DAY:
        return
    born = max(first, middle - _AROUND * _DAY)
    while born < min(last, middle + _AROUND * _DAY):
        after = born + _DAY
        # an age is reached on its day (>=), and passed on the day behind a last one (>)
        if _side(period, born, day) != _side(period, after, day):
            yield from (born, after)
        born = after


def _side(period: Period, born: date, day: date) -> int:
    reached = period.after(born)
    return (reached > day) - (reached < day)
