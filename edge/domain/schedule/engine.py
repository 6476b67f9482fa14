"""A person's whole history against a whole schedule (Logic Specification, chapters 4 and 9)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from edge.domain.schedule.calendar import at_age, within
from edge.domain.schedule.conditions import CONDITIONS
from edge.domain.schedule.evaluation import evaluate
from edge.domain.schedule.forecast import (
    AGED_OUT,
    COMPLETE,
    CONTRAINDICATED,
    IMMUNE,
    JUDGEMENT,
    NOT_COMPLETE,
    NOT_RECOMMENDED,
    Forecast,
    forecast,
)
from edge.domain.schedule.model import Antigen, Schedule, Series, Shot, Subject, VaccineGroup
from edge.domain.schedule.observed import as_of
from edge.domain.schedule.progress import EXTRANEOUS, NOT_VALID, VALID, Context, Evaluation
from edge.domain.schedule.selection import (
    Candidate,
    asks_sex,
    best,
    makes_way,
    out_of_reach,
    relevant,
)

_GRAVEST = (
    NOT_COMPLETE,
    JUDGEMENT,
    CONTRAINDICATED,
    AGED_OUT,
    NOT_RECOMMENDED,
    COMPLETE,
    IMMUNE,
)
_SEXES = ("Female", "Male")


@dataclass(frozen=True, slots=True)
class GroupAssessment:
    """What a vaccine group comes to: the forecast, each dose's evaluation, and the series."""

    group: str
    forecast: Forecast
    evaluations: tuple[Evaluation, ...]
    chosen: Mapping[str, Candidate]


@dataclass(frozen=True, slots=True)
class _History:
    """Everything somebody was given, and what of it carries one antigen; both in order."""

    shots: Sequence[Shot]
    own: Sequence[Shot]


def assess(
    schedule: Schedule,
    subject: Subject,
    shots: Sequence[Shot],
    on: date,
    antigens: Container[str] | None = None,
) -> dict[str, GroupAssessment]:
    """Evaluate a history and forecast every vaccine group as of a day, or those of some antigens.

    The order of ``shots`` does not matter; their ``place`` in the evaluations is the one they have
    there. Vaccines that the schedule does not know count for nothing: see :func:`unknown`.
    """
    ordered = sorted(
        (
            shot if shot.place == place else replace(shot, place=place)
            for place, shot in enumerate(shots)
        ),
        key=lambda shot: (shot.on, shot.proposed, shot.cvx, shot.mvx),
    )
    subject = as_of(schedule, subject, on)
    chosen: dict[str, Candidate] = {}
    carried = _by_antigen(schedule, subject, ordered)
    for antigen in schedule.antigens.values():
        if antigens is not None and antigen.name not in antigens:
            continue
        history = _History(ordered, carried.get(antigen.name, ()))
        found = _of_antigen(schedule, antigen, subject, history, on)
        if found is not None:
            chosen[antigen.name] = found
    return {
        group.name: _of_group(group, chosen)
        for group in schedule.groups.values()
        if any(name in chosen for name in group.antigens)
    }


def without_proposed(schedule: Schedule, group: GroupAssessment, on: date) -> Forecast:
    """Forecast a group without the shot that is proposed, by the series that it was counted in.

    Of a group it is what the shot's own vaccine is against: another vaccine of the group may be due
    on another day. What else was given on the same day holds nothing up: live vaccines go together
    or far apart. No day is recommended where that hangs on a condition nobody here can answer.
    """
    forecasts = []
    for name, candidate in group.chosen.items():
        if not any(evaluation.shot.proposed for evaluation in candidate.progress.evaluations):
            continue
        antigen, sexes = schedule.antigens[name], candidate.by_sex
        forecasts.append(
            _joined_sexes([_without_proposed(sex, antigen, on) for sex in sexes], on)
            if sexes
            else _without_proposed(candidate, antigen, on)
        )
    return _together(schedule.groups[group.group], forecasts)


def _without_proposed(candidate: Candidate, antigen: Antigen, on: date) -> Forecast:
    own = [
        evaluation.shot
        for evaluation in candidate.progress.evaluations
        if not evaluation.shot.proposed
    ]
    places = {shot.place for shot in own}
    shots = [
        shot
        for shot in candidate.context.all_shots
        if shot.place in places or not (shot.proposed or shot.on == on)
    ]
    context = replace(candidate.context, all_shots=shots)
    progress = evaluate(candidate.series, own, context)
    due = forecast(progress, antigen, context, on)
    due = _also_unanswered(due, candidate.progress.unanswered)
    return replace(due, recommended=None, past_due=None) if due.unanswered else due


def unknown(schedule: Schedule, shots: Sequence[Shot]) -> list[Shot]:
    """Give the shots whose vaccine the schedule does not know."""
    return [shot for shot in shots if shot.cvx not in schedule.vaccines]


def _of_antigen(
    schedule: Schedule, antigen: Antigen, subject: Subject, history: _History, on: date
) -> Candidate | None:
    if not asks_sex(antigen.series, subject):
        return _of_one_sex(schedule, antigen, subject, history, on)
    found = (
        _of_one_sex(schedule, antigen, replace(subject, gender=sex), history, on) for sex in _SEXES
    )
    return _of_either_sex([candidate for candidate in found if candidate is not None], on)


def _of_either_sex(found: Sequence[Candidate], on: date) -> Candidate | None:
    if not found:
        return None
    chosen = min(found, key=lambda one: _GRAVEST.index(one.forecast.status))
    if len(found) == len(_SEXES) and len({candidate.series.name for candidate in found}) == 1:
        return chosen
    # a sex for which there is no series stands beside it as one of whom nothing is asked
    due = _joined_sexes([candidate.forecast for candidate in found], on)
    return replace(chosen, forecast=due, by_sex=tuple(found))


def _joined_sexes(forecasts: Sequence[Forecast], on: date) -> Forecast:
    """Join what is said of the two sexes: where a dose would be due of one alone, it is asked."""
    due = min(forecasts, key=lambda one: _GRAVEST.index(one.status))
    open_ = due.status in (NOT_COMPLETE, JUDGEMENT) and (due.earliest is None or due.earliest <= on)
    alike = len(forecasts) == len(_SEXES) and all(other == due for other in forecasts)
    return replace(due, status=JUDGEMENT, by_sex=True) if open_ and not alike else due


def _of_one_sex(
    schedule: Schedule, antigen: Antigen, subject: Subject, history: _History, on: date
) -> Candidate | None:
    series = [each for each in antigen.series if relevant(each, subject, on)]
    asks = any(_asks_for_groups(each) for each in series)
    complete: frozenset[str] = frozenset()
    for _ in range(2):  # the second time with the groups known that are complete
        context = Context(subject, history.shots, schedule.conflicts, complete, schedule.conditions)
        candidates = _candidates(series, antigen, context, history, on, every=asks)
        found = complete | {each.series.group for each in candidates if each.complete}
        if found == complete or not asks:
            break
        complete = found
    return _certain(best(candidates, subject, on), candidates)


def _candidates(
    series: Sequence[Series],
    antigen: Antigen,
    context: Context,
    history: _History,
    on: date,
    *,
    every: bool,
) -> list[Candidate]:
    """Evaluate and forecast series; without those that nobody could be on, unless ``every``."""
    found: list[Candidate] = []
    left_out: set[str] = set()
    latest = history.shots[-1].on if history.shots else on
    for each in series:
        others = [other for other in found if other.series.group == each.group]
        if not every and out_of_reach(each, others, context.subject, on, latest):
            left_out.add(each.group)
            continue
        progress = evaluate(each, history.own, context)
        found.append(Candidate(context, progress, forecast(progress, antigen, context, on)))
    if any(makes_way(group, found, context.subject, on) for group in left_out):
        return _candidates(series, antigen, context, history, on, every=True)
    return found


def _asks_for_groups(series: Series) -> bool:
    """Say whether a series may change with the groups of series that are complete."""
    return any(
        condition.series_groups or condition.kind not in CONDITIONS
        for condition in series.conditions
    )


def _certain(chosen: Candidate | None, candidates: Sequence[Candidate]) -> Candidate | None:
    """Let a series hang on what nobody answers of any: with the answers another might be chosen."""
    open_ = {kind for candidate in candidates for kind in candidate.forecast.unanswered}
    if chosen is None or len(candidates) == 1 or not open_:
        return chosen
    progress = replace(chosen.progress, unanswered=open_)
    return replace(chosen, progress=progress, forecast=_also_unanswered(chosen.forecast, open_))


def _also_unanswered(due: Forecast, more: Iterable[str]) -> Forecast:
    every = {*due.unanswered, *more}
    if len(every) == len(due.unanswered):
        return due
    return replace(due, unanswered=tuple(sorted(every)))


def _by_antigen(
    schedule: Schedule, subject: Subject, shots: Sequence[Shot]
) -> Mapping[str, Sequence[Shot]]:
    """Sort shots by the antigens that they carry; one of several stands under each."""
    born, found = subject.born, dict[str, list[Shot]]()
    for shot in shots:
        carried = dict.fromkeys(
            association.antigen
            for association in schedule.vaccines.get(shot.cvx, ())
            if within(shot.on, at_age(born, association.begin), at_age(born, association.end))
        )
        for antigen in carried:
            found.setdefault(antigen, []).append(shot)
    return found


def _of_group(group: VaccineGroup, chosen: Mapping[str, Candidate]) -> GroupAssessment:
    own = {name: chosen[name] for name in group.antigens if name in chosen}
    evaluations: dict[int, list[Evaluation]] = {}
    for candidate in own.values():
        for evaluation in candidate.progress.evaluations:
            evaluations.setdefault(evaluation.shot.place, []).append(evaluation)
    return GroupAssessment(
        group.name,
        _together(group, [candidate.forecast for candidate in own.values()]),
        tuple(
            sorted(
                (_one_of(found) for found in evaluations.values()),
                key=lambda one: (one.shot.on, one.shot.proposed),
            )
        ),
        own,
    )


def _one_of(found: Sequence[Evaluation]) -> Evaluation:
    """A dose is not valid when it is so for an antigen, else valid where it is for any."""
    for status in (NOT_VALID, VALID, EXTRANEOUS):
        for evaluation in found:
            if evaluation.status == status:
                return evaluation
    return found[0]


def _together(group: VaccineGroup, forecasts: Sequence[Forecast]) -> Forecast:
    """Join the forecasts of a group's antigens (section 9.3)."""
    if len(forecasts) == 1:
        return forecasts[0]
    status = min((due.status for due in forecasts), key=_GRAVEST.index)
    gravest = [due for due in forecasts if due.status == status]
    unanswered = tuple(sorted({condition for due in forecasts for condition in due.unanswered}))
    because = tuple(dict.fromkeys(text for due in gravest for text in due.because))
    if status not in (NOT_COMPLETE, JUDGEMENT):
        return Forecast(status, unanswered=unanswered, because=because)
    earliest = [due.earliest for due in gravest if due.earliest]
    recommended = [due.recommended for due in gravest if due.recommended]
    past_due = [due.past_due for due in gravest if due.past_due]
    latest = [due.latest for due in gravest if due.latest]
    first = (max if group.whole else min)(earliest, default=None)
    next_ = min(gravest, key=lambda due: due.target)

    def not_before(day: date | None) -> date | None:
        return max(first, day) if first and day else day

    return Forecast(
        status,
        next_.target,
        first,
        not_before(min(recommended, default=None)),
        not_before(min(past_due, default=None)),
        min(latest, default=None),
        tuple(limit for due in gravest for limit in due.limits),
        _for_all([due.vaccines for due in gravest]),
        unanswered,
        next_.place,
        because,
        tuple(sorted({code for due in gravest for code in due.needs})),
        any(due.by_sex for due in gravest),
    )


def _for_all(vaccines: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Give the vaccines that are right for every antigen that is open, else for any of them."""
    every = dict.fromkeys(code for codes in vaccines for code in codes)
    shared = tuple(code for code in every if all(code in codes for codes in vaccines))
    return shared or tuple(every)
