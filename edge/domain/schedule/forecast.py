"""When is the next dose of a series due? (Logic Specification, chapter 7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from edge.domain.schedule.calendar import at_age, within
from edge.domain.schedule.contraindications import NOTHING_AGAINST, Against, speaks_against
from edge.domain.schedule.evaluation import age_rule, reference
from edge.domain.schedule.model import AgeRule, Antigen, Series, TargetDose
from edge.domain.schedule.progress import (
    NO_PLACE,
    SATISFIED,
    SKIPPED,
    Context,
    Place,
    Progress,
    Target,
)
from edge.domain.schedule.skipping import skipped

NOT_COMPLETE, COMPLETE, IMMUNE = "Not Complete", "Complete", "Immune"
CONTRAINDICATED, AGED_OUT = "Contraindicated", "Aged Out"
NOT_RECOMMENDED, JUDGEMENT = "Not Recommended", "Clinical Judgement"
MIN_AGE, MIN_INTERVAL, LIVE_VIRUS = "minimum age", "minimum interval", "live vaccine conflict"
SEASON, LAST_DOSE, AGAINST = "season", "last dose", "contraindication"


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is due of a series: calendar dates, None where the schedule sets none.

    ``target`` is the number of the dose that is due, from 1; 0 when none is. ``past_due`` is the
    first day on which it is late. ``limits`` say what holds it up until which day: ``earliest`` is
    the last of them. ``vaccines`` are those to recommend. ``unanswered`` are the conditions that
    nobody here can answer: without them no more can be said than what is due if they do not hold.

    ``place`` is how the dose is called. ``because`` are the words for what speaks against it, or
    why a clinician decides; ``needs`` are observations of which one has to hold first. ``by_sex``:
    it is so for one sex alone, and nobody knows the person's.
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
    place: Place = NO_PLACE
    because: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    by_sex: bool = False


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
    return _open(index, ahead, speaks_against(antigen, context.subject, on), context, on)


def _open(index: int, ahead: Progress, against: Against, context: Context, on: date) -> Forecast:
    """Forecast a dose that is open: its days, and what speaks against it."""
    target = ahead.series.doses[index]
    vaccines = _recommended(target, against, context, on)
    due = _dates(target, ahead, context, on, index + 1, vaccines, ahead.place(index))
    if against:
        due = _held_up(due, target, against)
        if due.status != NOT_COMPLETE:
            return due
    last = due.latest
    if last is not None and on > last:
        return Forecast(AGED_OUT)
    if target.season[1] is not None and on > target.season[1]:
        return Forecast(NOT_RECOMMENDED)
    if last is not None and due.earliest is not None and due.earliest > last:
        return Forecast(AGED_OUT)
    return _asked(due, target, context, on)


def _held_up(due: Forecast, target: TargetDose, against: Against) -> Forecast:
    """Say what speaks against a dose; where it ends on a known day, the dose waits for that day.

    What a clinician judges is nothing to wait for, unless the dose has to wait as long anyway.
    """
    barred = against.of("")
    if not barred.outright and target.preferable and not due.vaccines:
        barred = against
    if barred.outright:
        if barred.lifts is None:
            return Forecast(CONTRAINDICATED, because=barred.because)
        return _not_before(due, barred.lifts, barred.because)
    judged = barred if barred.judged else _judged_each(against, due.vaccines)
    if not judged:
        return due
    waits = judged.lifts is not None and due.earliest is not None and due.earliest >= judged.lifts
    return replace(due, status=due.status if waits else JUDGEMENT, because=judged.because)


def _not_before(due: Forecast, day: date, because: tuple[str, ...]) -> Forecast:
    earliest = max(due.earliest or day, day)
    return replace(
        due,
        earliest=earliest,
        recommended=max(due.recommended or earliest, earliest),
        past_due=max(due.past_due, earliest) if due.past_due else None,
        limits=(*due.limits, (AGAINST, day)),
        because=because,
    )


def _judged_each(against: Against, vaccines: Sequence[str]) -> Against:
    """Give what is to be judged where that is so of every vaccine that may be given."""
    judged = [against.of(vaccine) for vaccine in vaccines]
    return judged[0] if judged and all(judged) else NOTHING_AGAINST


def _asked(due: Forecast, target: TargetDose, context: Context, on: date) -> Forecast:
    """Leave a dose to a clinician whose rule says so, from the day on which it could be given."""
    observed = context.subject.observations
    met = not target.needs or any(code in observed for code in target.needs)
    if met and not target.judgement:
        return due
    now = due.earliest is None or due.earliest <= on
    return replace(
        due,
        status=JUDGEMENT if now else due.status,
        because=(target.judgement,) if target.judgement else (),
        needs=() if met else tuple(sorted(target.needs)),
    )


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


def _dates(
    target: TargetDose,
    progress: Progress,
    context: Context,
    on: date,
    number: int = 0,
    vaccines: tuple[str, ...] = (),
    place: Place = NO_PLACE,
) -> Forecast:
    """Date a target dose; ``number``, ``vaccines`` and ``place`` are told with it."""
    born = context.subject.born
    age = age_rule(target, on)
    wanted = at_age(born, age.earliest) if age else None
    late = at_age(born, age.latest) if age else None
    if progress.begun is None:
        youngest, oldest = begun_between(progress.series, age, born)
    else:
        youngest, oldest = _between(age, born)
    rules = [rule for rule in target.intervals if within(on, rule.effective, rule.cessation)]
    since = [(rule, reference(rule, progress, context)) for rule in rules]
    soonest = [rule.earliest.after(day) for rule, day in since if rule.earliest and day]
    longest = [rule.latest.after(day) for rule, day in since if rule.latest and day]
    limits = [(MIN_INTERVAL, rule.min.after(day)) for rule, day in since if rule.min and day]
    if context.conflicts:
        limits += [(LIVE_VIRUS, day) for day in _conflict_ends(target, context)]
    if youngest:
        limits.append((MIN_AGE, youngest))
    if target.season[0]:
        limits.append((SEASON, target.season[0]))
    if progress.evaluations:
        limits.append((LAST_DOSE, progress.evaluations[-1].shot.on))
    earliest = max((day for _, day in limits), default=born)
    recommended = wanted if wanted is not None else max(soonest, default=earliest)
    if late is None:
        late = max(longest, default=None)
    past_due = max(earliest, late - timedelta(days=1)) if late is not None else None
    return Forecast(
        NOT_COMPLETE,
        number,
        earliest,
        max(earliest, recommended),
        past_due,
        oldest - timedelta(days=1) if oldest else None,
        tuple(limits),
        vaccines,
        place=place,
    )


def _between(age: AgeRule | None, born: date) -> tuple[date | None, date | None]:
    return (at_age(born, age.min), at_age(born, age.max)) if age else (None, None)


def begun_between(
    series: Series, age: AgeRule | None, born: date
) -> tuple[date | None, date | None]:
    """Bound a first dose by its age, and by the ages between which its series is begun.

    The second day is the first on which it is too late.
    """
    youngest, oldest = _between(age, born)
    if not series.by_begin:
        return youngest, oldest
    start, end = at_age(born, series.min_start), at_age(born, series.max_start)
    lower = [day for day in (youngest, start) if day is not None]
    upper = [day for day in (oldest, end) if day is not None]
    return max(lower, default=None), min(upper, default=None)


def _recommended(
    target: TargetDose, against: Against, context: Context, on: date
) -> tuple[str, ...]:
    """Give the vaccines to recommend for a dose: those of its age that nothing speaks against."""
    born = context.subject.born
    free = list(target.preferable)
    if against:
        free = [rule for rule in free if not against.of(rule.cvx).outright]
        free = [rule for rule in free if not against.of(rule.cvx)] or free
    fitting = [
        rule
        for rule in free
        if within(max(on, born), at_age(born, rule.begin), at_age(born, rule.end))
    ]
    best = [rule for rule in fitting if rule.forecast] or fitting or free
    return tuple(dict.fromkeys(rule.cvx for rule in best))


def _conflict_ends(target: TargetDose, context: Context) -> list[date]:
    live = [shot for shot in context.all_shots if shot.cvx in context.conflicts]
    if not live:
        return []
    wanted = {rule.cvx for rule in target.preferable}
    return [
        conflict.end.after(shot.on)
        for shot in live
        for conflict in context.conflicts[shot.cvx]
        if conflict.current in wanted
    ]


def _immune(antigen: Antigen, context: Context) -> bool:
    known: Sequence[str] = tuple(context.subject.observations)
    if antigen.immunity.observations & set(known):
        return True
    day = antigen.immunity.born_before
    excluded = bool(antigen.immunity.exclusions & set(known))
    return day is not None and context.subject.born < day and not excluded
