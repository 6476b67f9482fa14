"""When is a target dose not needed? A table of pure functions, one for each kind of condition.

CDSi has five kinds (Logic Specification, section 6.2). A package adds its own, which begin with
``x-``. What nobody here can answer is no answer, and never a guess.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from edge.domain.schedule.calendar import at_age, within
from edge.domain.schedule.model import Holds, Schedule, Situation, SkipCondition

ADDED = "x-"
"""How the kinds begin that packages add."""


@dataclass(frozen=True, slots=True)
class AddedCondition:
    """What a package adds: a pure function, and what a schedule may write under its name.

    ``parameters`` is a JSON Schema (2020-12); the function finds the value that keeps it in the
    condition's ``parameters``. One that fails, or answers anything but true or false, has not
    answered: a supervisor decides.
    """

    holds: Holds
    parameters: Mapping[str, Any] = field(default_factory=dict)


AddedConditions = Mapping[str, AddedCondition]
"""What packages add, by the name a schedule writes."""
NONE_ADDED: AddedConditions = MappingProxyType({})
LOGICS: Mapping[str, Callable[[int, int], bool]] = {
    "greater than": operator.gt,
    "equal to": operator.eq,
    "less than": operator.lt,
}


def _age(condition: SkipCondition, situation: Situation) -> bool:
    born = situation.subject.born
    return within(situation.on, at_age(born, condition.begin_age), at_age(born, condition.end_age))


def _interval(condition: SkipCondition, situation: Situation) -> bool:
    if situation.last is None or condition.interval is None:
        return False
    return situation.on >= condition.interval.after(situation.last)


def _completed_series(condition: SkipCondition, situation: Situation) -> bool:
    return bool(condition.series_groups & situation.complete_groups)


def _count(condition: SkipCondition, situation: Situation) -> bool:
    born = situation.subject.born
    begin, end = at_age(born, condition.begin_age), at_age(born, condition.end_age)
    count = sum(
        (not condition.vaccines or shot.cvx in condition.vaccines)
        and within(shot.on, begin, end)
        and within(shot.on, condition.start, condition.end)
        for shot in (situation.valid if condition.valid_only else situation.shots)
    )
    return LOGICS[condition.logic](count, condition.count)


CONDITIONS: Mapping[str, Holds] = {
    "age": _age,
    "interval": _interval,
    "completed series": _completed_series,
    "vaccine count by age": _count,
    "vaccine count by date": _count,
}


def answer(
    condition: SkipCondition, situation: Situation, added: Mapping[str, Holds]
) -> bool | None:
    """Say whether a condition holds; None where no function here can say."""
    own = CONDITIONS.get(condition.kind)
    if own is not None:
        return own(condition, situation)
    holds = added.get(condition.kind)
    if holds is None:
        return None
    try:
        found: object = holds(condition, situation)
    except Exception:  # a fault of a package is no answer
        return None
    return found if isinstance(found, bool) else None


def joined(answers: Iterable[bool | None], *, any_of: bool) -> bool | None:
    """Join answers; one that is missing leaves it open only where the others do not decide."""
    found = set(answers)
    if any_of in found:
        return any_of
    if None in found:
        return None
    return bool(found) and not any_of


def missing(schedule: Schedule) -> list[str]:
    """Name the kinds of condition in a schedule that nobody here can answer, in order."""
    known = {*CONDITIONS, *schedule.conditions}
    kinds = {
        condition.kind
        for antigen in schedule.antigens.values()
        for series in antigen.series
        for dose in series.doses
        for skip in dose.skips
        for skip_set in skip.sets
        for condition in skip_set.conditions
    }
    return sorted(kinds - known)
