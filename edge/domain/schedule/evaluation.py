"""Does each past dose count? One series, dose after dose (Logic Specification, chapter 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from edge.domain.schedule.calendar import at_age, within
from edge.domain.schedule.conditions import answer, joined
from edge.domain.schedule.model import (
    AgeRule,
    Conflict,
    Holds,
    IntervalRule,
    Series,
    Shot,
    Situation,
    Skip,
    SkipCondition,
    Subject,
    TargetDose,
    VaccineRule,
)

VALID, NOT_VALID, EXTRANEOUS = "Valid", "Not Valid", "Extraneous"
SATISFIED, SKIPPED = "Satisfied", "Skipped"
TOO_YOUNG, TOO_OLD, TOO_SOON = "Age: Too Young", "Age: Too Old", "Interval: Too Short"
INADVERTENT, CONFLICT = "Inadvertent Vaccine", "Live Virus Conflict"
WRONG_VACCINE, LESS_VOLUME = "Vaccine: Not Allowed", "Volume: Less Than Recommended"
_GRACE_ENDS = (TOO_YOUNG, TOO_SOON)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What became of one dose: ``target`` is the target dose it was held against, from 1."""

    shot: Shot
    status: str
    reason: str = ""
    target: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """One rule and whether a dose keeps it: ``rule`` is the reason when it is broken.

    ``bound`` is the day the rule is about, ``status`` what the dose is when it breaks the rule.
    """

    rule: str
    holds: bool
    bound: date | None = None
    status: str = NOT_VALID


@dataclass(frozen=True, slots=True)
class Target:
    """What became of one target dose: satisfied by a shot, or skipped."""

    status: str
    on: date | None = None


@dataclass(slots=True)
class Progress:
    """How far a person has come in one series.

    ``unanswered`` names the conditions it hangs on that nobody here can answer.
    """

    series: Series
    evaluations: list[Evaluation] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    unanswered: set[str] = field(default_factory=set)

    @property
    def next_target(self) -> int:
        """The index of the target dose that is open; as many as there are when complete."""
        done = len(self.targets)
        last = len(self.series.doses) - 1
        if last >= 0 and done > last and self.series.doses[last].recurring:
            return last
        return done

    @property
    def valid(self) -> list[Evaluation]:
        """The doses that count."""
        return [evaluation for evaluation in self.evaluations if evaluation.status == VALID]

    @property
    def complete(self) -> bool:
        """Whether every target dose is satisfied or skipped."""
        return self.next_target >= len(self.series.doses)


@dataclass(frozen=True, slots=True)
class Context:
    """What is around a series: the person, all their shots, what else is known."""

    subject: Subject
    all_shots: Sequence[Shot]
    conflicts: Mapping[str, tuple[Conflict, ...]] = field(default_factory=dict)
    complete_groups: frozenset[str] = frozenset()
    conditions: Mapping[str, Holds] = field(default_factory=dict)


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
    progress.evaluations.append(Evaluation(shot, status, reason, index + 1))
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
    last = _previous(progress)
    grace = last is None or not (last.status == NOT_VALID and last.reason in _GRACE_ENDS)
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
        last = _previous(progress)
        return last.shot.on if last is not None else None
    return None


def _previous(progress: Progress) -> Evaluation | None:
    """Give the last dose that was valid or not valid, and not given by mistake."""
    for evaluation in reversed(progress.evaluations):
        if evaluation.status in (VALID, NOT_VALID) and evaluation.reason != INADVERTENT:
            return evaluation
    return None


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


def skipped(
    target: TargetDose, progress: Progress, on: date, context: Context, *, forecast: bool
) -> bool:
    """Say whether a target dose is not needed on a day (section 6.2).

    Where that hangs on a condition which nobody here can answer, the dose is taken as needed, and
    the progress names the condition.
    """
    skips = [skip for skip in target.skips if (skip.forecast if forecast else skip.evaluation)]
    if not skips:
        return False
    situation = _situation(progress, on, context)
    unanswered: set[str] = set()

    def ask(condition: SkipCondition) -> bool | None:
        found = answer(condition, situation, context.conditions)
        if found is None:
            unanswered.add(condition.kind)
        return found

    found = joined((_skip_holds(skip, on, ask) for skip in skips), any_of=True)
    if found is None:
        progress.unanswered |= unanswered
    return bool(found)


_Ask = Callable[[SkipCondition], bool | None]


def _skip_holds(skip: Skip, on: date, ask: _Ask) -> bool | None:
    return joined(
        (
            joined((ask(condition) for condition in skip_set.conditions), any_of=skip_set.any_of)
            for skip_set in skip.sets
            if within(on, skip_set.effective, skip_set.cessation)
        ),
        any_of=skip.any_of,
    )


def _situation(progress: Progress, on: date, context: Context) -> Situation:
    last = _previous(progress)
    return Situation(
        on=on,
        subject=context.subject,
        shots=tuple(evaluation.shot for evaluation in progress.evaluations),
        valid=tuple(evaluation.shot for evaluation in progress.valid),
        last=last.shot.on if last is not None else None,
        history=context.all_shots,
        complete_groups=context.complete_groups,
    )
