"""Does each past dose count? One series, dose after dose (Logic Specification, chapter 6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from edge.domain.schedule.calendar import at_age, within
from edge.domain.schedule.model import (
    AgeRule,
    IntervalRule,
    Series,
    Shot,
    TargetDose,
    VaccineRule,
)
from edge.domain.schedule.progress import (
    CONFLICT,
    EXTRANEOUS,
    INADVERTENT,
    LESS_VOLUME,
    NOT_VALID,
    SATISFIED,
    SKIPPED,
    TOO_OLD,
    TOO_SOON,
    TOO_YOUNG,
    VALID,
    WRONG_VACCINE,
    Context,
    Evaluation,
    Progress,
    Target,
)
from edge.domain.schedule.skipping import skipped

_GRACE_ENDS = (TOO_YOUNG, TOO_SOON)


@dataclass(frozen=True, slots=True)
class Check:
    """One rule and whether a dose keeps it: ``rule`` is the reason when it is broken.

    ``bound`` is the day the rule is about, ``status`` what the dose is when it breaks the rule.
    """

    rule: str
    holds: bool
    bound: date | None = None
    status: str = NOT_VALID


def evaluate(series: Series, shots: Sequence[Shot], context: Context) -> Progress:
    """Hold every shot of the antigen, in order, against the target doses of a series."""
    progress = Progress(series)
    for shot in shots:
        _take(progress, shot, context)
    return progress


def _take(progress: Progress, shot: Shot, context: Context) -> None:
    doses = progress.series.doses
    while progress.next_target < len(doses):
        target = doses[progress.next_target]
        if not skipped(target, progress, shot.on, context, forecast=False):
            break
        if target.recurring:
            break
        progress.targets.append(Target(SKIPPED))
    index = progress.next_target
    if index >= len(doses):
        progress.evaluations.append(Evaluation(shot, EXTRANEOUS))
        return
    status, reason = _judge(doses[index], index, progress, shot, context)
    place = progress.place(index)
    progress.evaluations.append(Evaluation(shot, status, reason, index + 1, place))
    if status == VALID:
        progress.targets.append(Target(SATISFIED, shot.on))


def _judge(
    target: TargetDose, index: int, progress: Progress, shot: Shot, context: Context
) -> tuple[str, str]:
    remark = ""
    for check in checks(target, index, progress, shot, context):
        if not check.holds:
            return check.status, check.rule
        if check.rule == LESS_VOLUME:
            remark = check.rule
    return VALID, remark


def checks(
    target: TargetDose, index: int, progress: Progress, shot: Shot, context: Context
) -> Iterator[Check]:
    """Hold a shot against every rule of a target dose, in CDSi's order; the first broken decides.

    A rule's ``bound`` is the day from which (for the greatest age: until before which) it holds.
    """
    yield Check(INADVERTENT, shot.cvx not in target.inadvertent)
    born = context.subject.born
    last = progress.last
    grace = last is None or not (last.status == NOT_VALID and last.reason in _GRACE_ENDS)
    start = at_age(born, progress.series.min_start) if progress.series.by_begin else None
    if start is not None and progress.begun is None:
        yield Check(TOO_YOUNG, shot.on >= start, start)
    age = age_rule(target, shot.on)
    if age is not None:
        yield _old_enough(age, born, shot.on, grace=grace or index == 0)
        oldest = at_age(born, age.max)
        if oldest is not None:
            yield Check(TOO_OLD, shot.on < oldest, oldest, EXTRANEOUS)
    interval = _long_enough(target.intervals, progress, shot, context, grace=grace)
    if not interval.holds and target.allowable_intervals:
        allowed = _long_enough(target.allowable_intervals, progress, shot, context, grace=True)
        interval = allowed if allowed.holds else interval
    yield interval
    yield _apart(shot, progress, context)
    yield from _right_vaccine(target, shot, born)


def _right_vaccine(target: TargetDose, shot: Shot, born: date) -> Iterator[Check]:
    preferred = [rule for rule in target.preferable if _fits(rule, shot, born)]
    if not preferred:
        yield Check(WRONG_VACCINE, any(_fits(rule, shot, born) for rule in target.allowable))
    elif shot.volume is not None and all(shot.volume < rule.volume for rule in preferred):
        yield Check(LESS_VOLUME, holds=True)


def age_rule(target: TargetDose, on: date) -> AgeRule | None:
    """Give the ages in force on a day."""
    for rule in target.ages:
        if within(on, rule.effective, rule.cessation):
            return rule
    return target.ages[0] if target.ages else None


def _old_enough(age: AgeRule, born: date, on: date, *, grace: bool) -> Check:
    least, usual = at_age(born, age.absolute_min), at_age(born, age.min)
    bound = (least or usual) if grace else (usual or least)
    return Check(TOO_YOUNG, bound is None or on >= bound, bound)


def _long_enough(
    rules: Sequence[IntervalRule],
    progress: Progress,
    shot: Shot,
    context: Context,
    *,
    grace: bool,
) -> Check:
    latest: date | None = None
    for rule in rules:
        if not within(shot.on, rule.effective, rule.cessation):
            continue
        since = reference(rule, progress, context, shot)
        length = (rule.absolute_min or rule.min) if grace else (rule.min or rule.absolute_min)
        if since is None or length is None:
            continue
        bound = length.after(since)
        latest = bound if latest is None else max(latest, bound)
    return Check(TOO_SOON, latest is None or shot.on >= latest, latest)


def reference(
    rule: IntervalRule, progress: Progress, context: Context, before: Shot | None = None
) -> date | None:
    """Give the day an interval is counted from; None: there is nothing to count from."""
    if rule.from_target:
        index = rule.from_target - 1
        return progress.targets[index].on if index < len(progress.targets) else None
    if rule.from_kind:
        return _last_of_kind(rule.from_kind, progress)
    if rule.from_most_recent:
        found = [
            shot.on
            for shot in context.all_shots
            if shot.cvx in rule.from_most_recent and (before is None or shot.on < before.on)
        ]
        return max(found, default=None)
    if rule.from_observation:
        return context.subject.observations.get(rule.from_observation)
    if rule.from_previous:
        last = progress.last
        return last.shot.on if last is not None else None
    return None


def _last_of_kind(kind: str, progress: Progress) -> date | None:
    doses = progress.series.doses
    found = [
        target.on
        for dose, target in zip(doses, progress.targets, strict=False)
        if dose.kind == kind and target.on is not None
    ]
    return found[-1] if found else None


def _apart(shot: Shot, progress: Progress, context: Context) -> Check:
    """Keep a live vaccine's distance: longer after one that did not count (section 6.7)."""
    latest: date | None = None
    for other in context.all_shots:
        for conflict in context.conflicts.get(other.cvx, ()) if other.place != shot.place else ():
            if conflict.current != shot.cvx or conflict.begin.after(other.on) > shot.on:
                continue
            failed = any(
                evaluation.shot.place == other.place and evaluation.status == NOT_VALID
                for evaluation in progress.evaluations
            )
            end = (conflict.end if failed else conflict.min_end).after(other.on)
            latest = end if latest is None else max(latest, end)
    return Check(CONFLICT, latest is None or shot.on >= latest, latest)


def _fits(rule: VaccineRule, shot: Shot, born: date) -> bool:
    if rule.cvx != shot.cvx or (rule.mvx and shot.mvx and rule.mvx != shot.mvx):
        return False
    return within(shot.on, at_age(born, rule.begin), at_age(born, rule.end))
