"""When is the next dose of a series due? (Logic Specification, chapter 7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from edge.domain.schedule.calendar import at_age, within
from edge.domain.schedule.evaluation import (
    SATISFIED,
    SKIPPED,
    Context,
    Progress,
    Target,
    age_rule,
    reference,
    skipped,
)
from edge.domain.schedule.model import Antigen, TargetDose

NOT_COMPLETE, COMPLETE, IMMUNE = "Not Complete", "Complete", "Immune"
CONTRAINDICATED, AGED_OUT = "Contraindicated", "Aged Out"
NOT_RECOMMENDED = "Not Recommended"
MIN_AGE, MIN_INTERVAL, LIVE_VIRUS = "minimum age", "minimum interval", "live vaccine conflict"
SEASON, LAST_DOSE = "season", "last dose"


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is due of a series: calendar dates, None where the schedule sets none.

    ``target`` is the number of the dose that is due, from 1; 0 when none is. ``past_due`` is the
    first day on which it is late. ``limits`` say what holds it up until which day: ``earliest`` is
    the last of them. ``vaccines`` are those to recommend. ``unanswered`` are the conditions that
    nobody here can answer: without them no more can be said than what is due if they do not hold.
    """

    status: str
    target: int = 0
    earliest: date | None = None
    recommended: date | None = None
    past_due: date | None = None
    latest: date | None = None
    limits: tuple[tuple[str, date], ...] = ()
    vaccines: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()


def forecast(progress: Progress, antigen: Antigen, context: Context, on: date) -> Forecast:
    """Forecast the next dose of a series as of a day."""
    ahead = Progress(
        progress.series, progress.evaluations, list(progress.targets), set(progress.unanswered)
    )
    found = _forecast(ahead, antigen, context, on)
    unanswered = tuple(sorted(ahead.unanswered))
    return replace(found, unanswered=unanswered) if unanswered else found


def _forecast(ahead: Progress, antigen: Antigen, context: Context, on: date) -> Forecast:
    doses = ahead.series.doses
    while ahead.next_target < len(doses):
        target = doses[ahead.next_target]
        if target.recurring or not _not_needed(target, ahead, context, on):
            break
        ahead.targets.append(Target(SKIPPED))
    if ahead.complete:
        any_given = any(target.status == SATISFIED for target in ahead.targets)
        return Forecast(COMPLETE if any_given else NOT_RECOMMENDED)
    index = ahead.next_target
    target = doses[index]
    if target.recurring and skipped(target, ahead, on, context, forecast=True):
        return Forecast(COMPLETE)
    if _immune(antigen, context):
        return Forecast(IMMUNE)
    vaccines = _recommended(target, antigen, context, on)
    if _contraindicated(antigen, context, on) or (target.preferable and not vaccines):
        return Forecast(CONTRAINDICATED)
    found = _dates(target, ahead, context, on)
    last = found.latest
    if last is not None and on > last:
        return Forecast(AGED_OUT)
    if target.season[1] is not None and on > target.season[1]:
        return Forecast(NOT_RECOMMENDED)
    if last is not None and found.earliest is not None and found.earliest > last:
        return Forecast(AGED_OUT)
    return replace(found, target=index + 1, vaccines=vaccines)


def finish(progress: Progress, due: Forecast, context: Context) -> date | None:
    """Give the day on which a series could be complete at the earliest (section 8.6).

    Each dose after the one that is due is taken as given on the first day its age and its
    intervals allow, counted from the doses before it.
    """
    if due.earliest is None:
        return None
    doses, last = progress.series.doses, due.earliest
    ahead = Progress(progress.series, [], list(progress.targets))
    while len(ahead.targets) < due.target - 1:
        ahead.targets.append(Target(SKIPPED))
    ahead.targets.append(Target(SATISFIED, last))
    for target in doses[len(ahead.targets) :]:
        age = age_rule(target, last)
        youngest = at_age(context.subject.born, age.min) if age else None
        soonest = [last, *([youngest] if youngest else [])]
        for rule in target.intervals:
            since = last if rule.from_previous else reference(rule, ahead, context)
            if rule.min and since and within(last, rule.effective, rule.cessation):
                soonest.append(rule.min.after(since))
        last = max(soonest)
        ahead.targets.append(Target(SATISFIED, last))
    return last


def _not_needed(target: TargetDose, ahead: Progress, context: Context, on: date) -> bool:
    """Say whether a dose will not be needed any more when it could be given."""
    if not any(skip.forecast for skip in target.skips):
        return False
    if skipped(target, ahead, on, context, forecast=True):
        return True
    earliest = _dates(target, ahead, context, on).earliest
    return bool(
        earliest and earliest > on and skipped(target, ahead, earliest, context, forecast=True)
    )


def _dates(target: TargetDose, progress: Progress, context: Context, on: date) -> Forecast:
    born = context.subject.born
    age = age_rule(target, on)
    youngest = at_age(born, age.min) if age else None
    wanted = at_age(born, age.earliest) if age else None
    late = at_age(born, age.latest) if age else None
    oldest = at_age(born, age.max) if age else None
    rules = [rule for rule in target.intervals if within(on, rule.effective, rule.cessation)]
    since = [(rule, reference(rule, progress, context)) for rule in rules]
    soonest = [rule.earliest.after(day) for rule, day in since if rule.earliest and day]
    longest = [rule.latest.after(day) for rule, day in since if rule.latest and day]
    limits = [
        *((MIN_INTERVAL, rule.min.after(day)) for rule, day in since if rule.min and day),
        *((LIVE_VIRUS, day) for day in _conflict_ends(target, context)),
        *([(MIN_AGE, youngest)] if youngest else []),
        *([(SEASON, target.season[0])] if target.season[0] else []),
        *((LAST_DOSE, evaluation.shot.on) for evaluation in progress.evaluations[-1:]),
    ]
    earliest = max((day for _, day in limits), default=born)
    recommended = wanted if wanted is not None else max(soonest, default=earliest)
    if late is None:
        late = max(longest, default=None)
    past_due = max(earliest, late - timedelta(days=1)) if late is not None else None
    return Forecast(
        NOT_COMPLETE,
        0,
        earliest,
        max(earliest, recommended),
        past_due,
        oldest - timedelta(days=1) if oldest else None,
        tuple(limits),
    )


def _recommended(
    target: TargetDose, antigen: Antigen, context: Context, on: date
) -> tuple[str, ...]:
    """Give the vaccines to recommend for a dose: those of its age that nothing speaks against."""
    born = context.subject.born
    against = {
        contraindication.cvx
        for contraindication in antigen.vaccine_contraindications
        if contraindication.code in context.subject.observations
        and within(on, at_age(born, contraindication.begin), at_age(born, contraindication.end))
    }
    free = [rule for rule in target.preferable if rule.cvx not in against]
    fitting = [
        rule
        for rule in free
        if within(max(on, born), at_age(born, rule.begin), at_age(born, rule.end))
    ]
    best = [rule for rule in fitting if rule.forecast] or fitting or free
    return tuple(dict.fromkeys(rule.cvx for rule in best))


def _conflict_ends(target: TargetDose, context: Context) -> list[date]:
    wanted = {rule.cvx for rule in target.preferable}
    return [
        conflict.end.after(shot.on)
        for shot in context.all_shots
        for conflict in context.conflicts.get(shot.cvx, ())
        if conflict.current in wanted
    ]


def _immune(antigen: Antigen, context: Context) -> bool:
    known: Sequence[str] = tuple(context.subject.observations)
    if antigen.immunity.observations & set(known):
        return True
    day = antigen.immunity.born_before
    excluded = bool(antigen.immunity.exclusions & set(known))
    return day is not None and context.subject.born < day and not excluded


def _contraindicated(antigen: Antigen, context: Context, on: date) -> bool:
    born = context.subject.born
    return any(
        contraindication.code in context.subject.observations
        and within(on, at_age(born, contraindication.begin), at_age(born, contraindication.end))
        for contraindication in antigen.contraindications
    )
