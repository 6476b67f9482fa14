"""Which series is a person on? (Logic Specification, chapter 8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from edge.domain.schedule.calendar import at_age, within
from edge.domain.schedule.forecast import (
    AGED_OUT,
    COMPLETE,
    JUDGEMENT,
    NOT_COMPLETE,
    Forecast,
    finish,
)
from edge.domain.schedule.model import EVALUATION_ONLY, RISK, Series, Subject
from edge.domain.schedule.progress import SATISFIED, Context, Progress


@dataclass(frozen=True, slots=True)
class Candidate:
    """A series, how far somebody has come in it, and what it asks for next.

    ``by_sex`` are those of each sex that has one, where the sex decides and nobody knows it.
    """

    context: Context
    progress: Progress
    forecast: Forecast
    by_sex: tuple[Candidate, ...] = ()

    @property
    def series(self) -> Series:
        """The series."""
        return self.progress.series

    @property
    def complete(self) -> bool:
        """Whether nothing is open in it."""
        return self.forecast.status == COMPLETE

    @property
    def left(self) -> int:
        """How many target doses are open."""
        return len(self.series.doses) - len(self.progress.targets)


def relevant(series: Series, subject: Subject, on: date) -> bool:
    """Say whether a series is for a person: by gender, and by indication for a risk series."""
    gender = subject.gender or "Unknown"
    if series.genders and gender not in series.genders:
        return False
    if series.kind == EVALUATION_ONLY:
        return False
    if series.kind != RISK:
        return True
    return any(
        indication.code in subject.observations
        and within(on, at_age(subject.born, indication.begin), at_age(subject.born, indication.end))
        for indication in series.indications
    )


def asks_sex(series: Sequence[Series], subject: Subject) -> bool:
    """Say whether a sex that is not known decides which series there are.

    Not where the data says itself what is done then.
    """
    genders = [plan.genders for plan in series if plan.genders and plan.kind != EVALUATION_ONLY]
    return bool(genders) and not subject.gender and not any("Unknown" in known for known in genders)


def best(candidates: Sequence[Candidate], subject: Subject, on: date) -> Candidate | None:
    """Choose the series an antigen is forecast by: the best of each group, then of the groups."""
    if len(candidates) == 1:
        return candidates[0]
    groups: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(candidate.series.group, []).append(candidate)
    chosen = [found for group in groups.values() if (found := _of_group(group, subject, on))]
    complete = {candidate.series.group for candidate in chosen if candidate.complete}
    open_ = [
        candidate
        for candidate in chosen
        if candidate.forecast.status in (NOT_COMPLETE, JUDGEMENT)
        and not candidate.series.equivalent_groups & complete
    ]
    usual = [candidate for candidate in candidates if candidate.series.default] or list(candidates)
    for choice in (open_, [candidate for candidate in chosen if candidate.complete], chosen, usual):
        if choice:
            return min(choice, key=lambda one: (one.series.priority, one.series.group))
    return None


def out_of_reach(
    series: Series, others: Sequence[Candidate], subject: Subject, on: date, latest: date
) -> bool:
    """Say whether nobody can be on a series for those who begin at an age, beside the others.

    That age is still to come on the day and on that of the last shot, or another series was begun
    before it. Where the others turn out to be for nobody either, it is asked after all: see
    :func:`makes_way`.
    """
    start = at_age(subject.born, series.min_start) if series.by_begin else None
    if start is None or not others:
        return False
    begun = (other.progress.begun for other in others)
    return max(on, latest) < start or any(day is not None and day < start for day in begun)


def makes_way(group: str, candidates: Sequence[Candidate], subject: Subject, on: date) -> bool:
    """Say whether a group has no series that somebody is on, or only those they are too old for."""
    own = [candidate for candidate in candidates if candidate.series.group == group]
    found = _of_group(own, subject, on)
    return found is None or found.forecast.status == AGED_OUT


def _of_group(group: Sequence[Candidate], subject: Subject, on: date) -> Candidate | None:
    """Choose a series of a group by the highest priority that has one in time.

    One that somebody is too old for makes way: what is left for them is in the others.
    """
    in_time = [candidate for candidate in group if _in_time(candidate, group, subject, on)]
    priorities = sorted({candidate.series.priority for candidate in in_time})
    found = [
        _best_of([candidate for candidate in in_time if candidate.series.priority == priority])
        for priority in priorities
    ]
    later = (other for other in group if _begins_later(other, group, subject, on))
    open_ = (candidate for candidate in (*found, *later) if candidate.forecast.status != AGED_OUT)
    return next(open_, found[0] if found else None)


def _begins_later(one: Candidate, group: Sequence[Candidate], subject: Subject, on: date) -> bool:
    """Say whether nobody has begun, and a series is for who begins at a greater age than now."""
    start = at_age(subject.born, one.series.min_start) if one.series.by_begin else None
    if start is None or start <= on:
        return False
    return all(candidate.progress.begun is None for candidate in group)


def _best_of(scorable: Sequence[Candidate]) -> Candidate:
    complete = [candidate for candidate in scorable if candidate.complete]
    begun = [candidate for candidate in scorable if candidate.progress.begun]
    if len(complete) == 1:
        return complete[0]
    if complete:
        return _highest(complete, _complete_score)
    if begun:
        return begun[0] if len(begun) == 1 else _best_begun(begun)
    return min(
        scorable,
        key=lambda one: (not one.series.default, _starts(one, scorable), one.series.preference),
    )


def _in_time(one: Candidate, group: Sequence[Candidate], subject: Subject, on: date) -> bool:
    """A series is begun between two ages: now, or before the upper one by its first valid dose.

    Whether the first dose was early enough is what its own ages have decided, as they were then.
    Where a series is for those who begin at an age, a dose that began another one before that age
    has decided.
    """
    series, begun = one.series, one.progress.begun
    start, end = at_age(subject.born, series.min_start), at_age(subject.born, series.max_start)
    if series.by_begin and start is not None:
        others = (other.progress.begun for other in group)
        if any(day is not None and day < start for day in others):
            return False
    if begun is not None:
        return end is None or begun < end
    return within(on, start, end)


def _highest(
    candidates: Sequence[Candidate], score: Callable[[Candidate, Sequence[Candidate]], int]
) -> Candidate:
    return min(candidates, key=lambda one: (-score(one, candidates), one.series.preference))


def _complete_score(one: Candidate, all_: Sequence[Candidate]) -> int:
    return (
        _most(one, all_, lambda c: len(c.progress.valid), 1)
        + (1 if _all_by_product(one) else -1)
        + _most(one, all_, lambda c: -_completed_on(c).toordinal(), 2)
    )


def _best_begun(begun: Sequence[Candidate]) -> Candidate:
    ends = {
        candidate.series.name: finish(candidate.progress, candidate.forecast, candidate.context)
        or date.max
        for candidate in begun
    }

    def score(one: Candidate, all_: Sequence[Candidate]) -> int:
        return _begun_score(one, all_) + _most(
            one, all_, lambda c: -ends[c.series.name].toordinal(), 1
        )

    return _highest(begun, score)


def _begun_score(one: Candidate, all_: Sequence[Candidate]) -> int:
    return (
        (2 if _all_by_product(one) else -2)
        + (3 if one.forecast.status == NOT_COMPLETE else -3)
        + _most(one, all_, lambda c: len(c.progress.valid), 2)
        + _most(one, all_, lambda c: -c.left, 2)
    )


def _starts(one: Candidate, all_: Sequence[Candidate]) -> int:
    return -_most(one, all_, lambda c: -(c.forecast.earliest or date.max).toordinal(), 1)


def _most(
    one: Candidate, all_: Sequence[Candidate], value: Callable[[Candidate], int], points: int
) -> int:
    """Give points to the only best, none to several, and take them from the others."""
    values = [value(other) for other in all_]
    if value(one) < max(values):
        return -points
    return points if values.count(max(values)) == 1 else 0


def _all_by_product(one: Candidate) -> bool:
    return one.series.product_path and all(
        evaluation.status == "Valid" for evaluation in one.progress.evaluations
    )


def _completed_on(one: Candidate) -> date:
    days = [
        target.on for target in one.progress.targets if target.status == SATISFIED and target.on
    ]
    return max(days, default=date.max)
