"""A dose judged by a schedule: the engine's answers as refusals in a vaccinator's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from edge.domain.catalogue import Programme, Vaccine
from edge.domain.dose import Dose
from edge.domain.errors import Refusal
from edge.domain.people import Person
from edge.domain.schedule.engine import GroupAssessment, assess
from edge.domain.schedule.evaluation import (
    CONFLICT,
    EXTRANEOUS,
    INADVERTENT,
    TOO_OLD,
    TOO_SOON,
    TOO_YOUNG,
    VALID,
    Evaluation,
)
from edge.domain.schedule.forecast import (
    AGED_OUT,
    CONTRAINDICATED,
    IMMUNE,
    LIVE_VIRUS,
    MIN_AGE,
    MIN_INTERVAL,
    NOT_COMPLETE,
    NOT_RECOMMENDED,
    SEASON,
    Forecast,
)
from edge.domain.schedule.model import Schedule, Shot, Subject

_USUAL_GAP = 28
"""Days between a dose nobody recorded and the one whose certificate tells of it."""
_SOON = timedelta(days=365)

Status = Literal[
    "due", "overdue", "notYet", "complete", "notForThisAge", "conflict", "askSupervisor"
]

_STATUS: Mapping[str, Status] = {
    "dose.too-early": "notYet",
    "dose.complete": "complete",
    "dose.immune": "complete",
    "dose.not-recommended": "complete",
    "dose.too-old": "notForThisAge",
    "dose.conflict": "conflict",
}
"""What a vaccinator is told first of an objection; of any other: ask a supervisor."""


_EARLY: Mapping[str, tuple[str, str]] = {
    TOO_YOUNG: (
        "dose.too-young",
        "This person is too young for this dose until {earliest}.",
    ),
    TOO_SOON: (
        "dose.too-early",
        "Dose {number} is due on {earliest} at the earliest; the last was on {last}.",
    ),
    CONFLICT: (
        "dose.conflict",
        "Another live vaccine was given a short time ago: not before {earliest}.",
    ),
    SEASON: ("dose.too-early", "The season for this vaccine begins on {earliest}."),
}
"""What makes a dose come too early: the code, and what a vaccinator is told."""
_LIMITS = {MIN_AGE: TOO_YOUNG, MIN_INTERVAL: TOO_SOON, LIVE_VIRUS: CONFLICT, SEASON: SEASON}


@dataclass(frozen=True, slots=True)
class Judged:
    """What a schedule says of a dose of one vaccine: its number, what speaks against it, the next.

    ``recommended`` and ``past_due`` are of this dose: the day it is best on, the last on which it
    is not late. ``next_due`` is the day recommended for the one after it. ``before`` is the whole
    assessment without this dose, for an explanation.
    """

    vaccine: str
    number: int
    total: int
    status: Status
    objections: tuple[Refusal, ...] = ()
    recommended: date | None = None
    past_due: date | None = None
    next_due: date | None = None
    before: GroupAssessment | None = field(default=None, repr=False, compare=False)


def judge(
    subject: Subject,
    history: Sequence[Dose],
    schedule: Schedule,
    vaccine: Vaccine,
    on: date,
) -> Judged:
    """Judge a dose of a vaccine on a day as if it had been given."""
    shots = shots_of(history)
    return _judge(subject, shots, schedule, vaccine, on, assess(schedule, subject, shots, on))


def due_now(
    subject: Subject,
    history: Sequence[Dose],
    programme: Programme,
    vaccines: Mapping[str, Vaccine],
    on: date,
) -> list[Judged]:
    """Judge, for every vaccine group, a dose of the vaccine that would come next."""
    shots, schedule = shots_of(history), programme.schedule
    before = assess(schedule, subject, shots, on)
    codes = [next_vaccine(group, programme.vaccines) for group in before.values()]
    return [
        _judge(subject, shots, schedule, vaccines[code], on, before)
        for code in dict.fromkeys(codes)
        if code in vaccines
    ]


def _judge(
    subject: Subject,
    shots: list[Shot],
    schedule: Schedule,
    vaccine: Vaccine,
    on: date,
    before: Mapping[str, GroupAssessment],
) -> Judged:
    proposed = Shot(on, vaccine.code)
    after = assess(schedule, subject, [*shots, proposed], on)
    own = [
        (group, found)
        for group in after.values()
        for found in group.evaluations
        if found.shot is proposed
    ]
    if not own:
        return Judged(vaccine.code, len(shots) + 1, vaccine.total_doses, "due")
    group, evaluation = next(((group, one) for group, one in own if one.status == VALID), own[0])
    due = before[group.group].forecast if group.group in before else None
    total = max((len(one.series.doses) for one in group.chosen.values()), default=1)
    objection = _objection(
        evaluation, before.get(group.group), [one.shot for one in group.evaluations], on
    )
    late = due is not None and due.past_due is not None and due.past_due < on
    return Judged(
        vaccine.code,
        evaluation.target or (due.target if due and due.target else total + 1),
        max(total, 1),
        _status(objection, on) if objection else "overdue" if late else "due",
        (objection,) if objection else (),
        due.recommended if due else None,
        due.past_due if due else None,
        group.forecast.recommended if group.forecast.status == NOT_COMPLETE else None,
        before.get(group.group),
    )


def _status(objection: Refusal, on: date) -> Status:
    if objection.code == "dose.too-young" and objection.earliest:
        return "notYet" if objection.earliest <= on + _SOON else "notForThisAge"
    return _STATUS.get(objection.code, "askSupervisor")


def shots_of(history: Sequence[Dose]) -> list[Shot]:
    """Give a history as shots.

    A certificate may tell of a second dose where nobody recorded the first: then the first is
    taken as given the usual time before.
    """
    shots: list[Shot] = []
    seen: dict[tuple[str, str], int] = {}
    for dose in sorted(history, key=lambda one: (one.on, one.number)):
        series = (dose.programme, dose.vaccine)
        count = seen.get(series, 0)
        if dose.evidence:
            for missing in range(count + 1, dose.number):
                gap = timedelta(days=_USUAL_GAP * (dose.number - missing))
                shots.append(Shot(dose.on - gap, dose.vaccine))
            count = max(count, dose.number - 1)
        shots.append(Shot(dose.on, dose.vaccine))
        seen[series] = count + 1
    return shots


def next_vaccine(group: GroupAssessment, wanted: Sequence[str]) -> str:
    """Choose one of the wanted vaccines for the dose that is due, else for the last one."""
    for code in group.forecast.vaccines:
        if code in wanted:
            return code
    for candidate in group.chosen.values():
        doses = candidate.series.doses
        index = min(max(group.forecast.target, 1), len(doses)) - 1
        for rule in doses[index].preferable if doses else ():
            if rule.cvx in wanted:
                return rule.cvx
    return ""


def subject_of(person: Person, observations: Mapping[str, date | None] | None = None) -> Subject:
    """Give a person as a schedule sees them; of a year of birth its first day is taken."""
    born = person.birth_date or date(person.birth_year or 1900, 1, 1)
    gender = person.gender if person.gender != "Other" else ""
    return Subject(born=born, gender=gender, observations=observations or {})


def _objection(
    evaluation: Evaluation, before: GroupAssessment | None, shots: Sequence[Shot], on: date
) -> Refusal | None:
    due = before.forecast if before else None
    status, earliest = (due.status, due.earliest) if due else ("", None)
    last = max((shot.on for shot in shots), default=on)
    if last > on:
        return Refusal(
            "dose.before-last",
            "A later dose, of {last}, is already recorded.",
            hint="Check the date of this dose.",
            field="on",
            overridable=True,
            last=last,
        )
    if status == IMMUNE:
        return _refusal("dose.immune", "This person is immune: nothing is due.", "")
    if status == NOT_RECOMMENDED:
        return _refusal("dose.not-recommended", "No dose of this vaccine is recommended now.", "")
    if status == CONTRAINDICATED:
        return _refusal(
            "dose.contraindicated",
            "Something recorded of this person speaks against this vaccine.",
            "Ask a supervisor.",
        )
    reason = evaluation.reason
    if evaluation.status == VALID:
        # days of grace are for doses given already, not for one that is about to be given
        reason = _held_up_by(due) if due and earliest and earliest > on else ""
        if not reason:
            return None
    if reason in _EARLY and earliest and earliest > on:
        code, sentence = _EARLY[reason]
        return Refusal(
            code,
            sentence,
            hint="Ask the person to come back on {earliest}.",
            field="on",
            overridable=True,
            earliest=earliest,
            number=evaluation.target,
            last=last,
        )
    if reason == TOO_OLD or status == AGED_OUT:
        return _refusal("dose.too-old", "This person is too old for this dose of the schedule.", "")
    if evaluation.status == EXTRANEOUS:
        return Refusal(
            "dose.complete",
            "The series of this schedule is complete; the last dose was on {last}.",
            hint="Nothing is due. A supervisor may record a booster.",
            field="person",
            overridable=True,
            last=last,
        )
    if reason == INADVERTENT:
        return _refusal(
            "dose.inadvertent", "This vaccine is not for a person of this age.", "Check the vial."
        )
    return _refusal(
        "dose.other-vaccine",
        "This vaccine does not count for the dose that is due.",
        "Give the vaccine of the schedule, or ask a supervisor.",
    )


def _held_up_by(due: Forecast) -> str:
    """Name what holds a dose up longest, as an evaluation would."""
    name, _ = max(due.limits, key=lambda limit: limit[1], default=("", None))
    return _LIMITS.get(name, "")


def _refusal(code: str, sentence: str, hint: str) -> Refusal:
    return Refusal(code, sentence, hint=hint, field="vaccine", overridable=True)
