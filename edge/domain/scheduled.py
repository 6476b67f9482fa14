"""A dose judged by a schedule: the engine's answers as refusals in a vaccinator's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

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
from edge.domain.schedule.forecast import AGED_OUT, CONTRAINDICATED, IMMUNE, NOT_COMPLETE
from edge.domain.schedule.model import Schedule, Shot, Subject

_USUAL_GAP = 28
"""Days between a dose nobody recorded and the one whose certificate tells of it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a schedule says of a dose of one vaccine: its number, what speaks against it, the next.

    ``late`` is the day on which the dose was past due, if it was.
    """

    vaccine: str
    number: int
    total: int
    objections: tuple[Refusal, ...]
    next_due: date | None = None
    late: date | None = None


def judge(
    person: Person,
    history: Sequence[Dose],
    schedule: Schedule,
    vaccine: Vaccine,
    on: date,
) -> Judged:
    """Judge a dose of a vaccine on a day as if it had been given."""
    subject, shots = _subject(person), shots_of(history)
    proposed = Shot(on, vaccine.code)
    before = assess(schedule, subject, shots, on)
    after = assess(schedule, subject, [*shots, proposed], on)
    own = [
        (group, found)
        for group in after.values()
        for found in group.evaluations
        if found.shot == proposed
    ]
    if not own:
        return Judged(vaccine.code, len(shots) + 1, vaccine.total_doses, ())
    group, evaluation = next(((group, one) for group, one in own if one.status == VALID), own[0])
    due = before[group.group].forecast if group.group in before else None
    late = due.past_due if due and due.past_due and due.past_due < on else None
    total = max((len(one.series.doses) for one in group.chosen.values()), default=1)
    objection = _objection(
        evaluation, before.get(group.group), [one.shot for one in group.evaluations], on
    )
    number = evaluation.target or (due.target if due and due.target else total + 1)
    return Judged(
        vaccine.code,
        number,
        max(total, 1),
        (objection,) if objection else (),
        group.forecast.recommended if group.forecast.status == NOT_COMPLETE else None,
        late,
    )


def due_now(
    person: Person,
    history: Sequence[Dose],
    programme: Programme,
    schedule: Schedule,
    vaccines: Mapping[str, Vaccine],
    on: date,
) -> list[Judged]:
    """Judge, for every vaccine group, a dose of the vaccine that would come next."""
    found = []
    for group in assess(schedule, _subject(person), shots_of(history), on).values():
        code = _next_vaccine(group, programme)
        if code in vaccines:
            found.append(judge(person, history, schedule, vaccines[code], on))
    return list({one.vaccine: one for one in found}.values())


def shots_of(history: Sequence[Dose]) -> list[Shot]:
    """Give a history as shots.

    A certificate may tell of a second dose where nobody recorded the first: then the first is
    taken as given the usual time before.
    """
    shots: list[Shot] = []
    seen: dict[str, int] = {}
    for dose in sorted(history, key=lambda one: (one.on, one.number)):
        count = seen.get(dose.programme, 0)
        if dose.evidence:
            for missing in range(count + 1, dose.number):
                gap = timedelta(days=_USUAL_GAP * (dose.number - missing))
                shots.append(Shot(dose.on - gap, dose.vaccine))
            count = max(count, dose.number - 1)
        shots.append(Shot(dose.on, dose.vaccine))
        seen[dose.programme] = count + 1
    return shots


def _next_vaccine(group: GroupAssessment, programme: Programme) -> str:
    """Choose a vaccine of the programme for the dose that is due, or for the last one."""
    for candidate in group.chosen.values():
        doses = candidate.series.doses
        index = min(max(group.forecast.target, 1), len(doses)) - 1
        for rule in doses[index].preferable if doses else ():
            if rule.cvx in programme.vaccines:
                return rule.cvx
    return ""


def _subject(person: Person) -> Subject:
    born = person.birth_date or date(person.birth_year or 1900, 1, 1)
    return Subject(born=born, gender=person.gender if person.gender != "Other" else "")


def _objection(
    evaluation: Evaluation, before: GroupAssessment | None, shots: Sequence[Shot], on: date
) -> Refusal | None:
    if evaluation.status == VALID and not any(shot.on > on for shot in shots):
        return None
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
    if status == CONTRAINDICATED:
        return _refusal(
            "dose.contraindicated",
            "Something recorded of this person speaks against this vaccine.",
            "Ask a supervisor.",
        )
    if evaluation.reason in (TOO_YOUNG, TOO_SOON, CONFLICT) and earliest and earliest > on:
        sentences = {
            TOO_YOUNG: "This person is too young for this dose until {earliest}.",
            TOO_SOON: "The time since the dose before is too short until {earliest}.",
            CONFLICT: "Another live vaccine was given a short time ago: not before {earliest}.",
        }
        codes = {
            TOO_YOUNG: "dose.too-young",
            TOO_SOON: "dose.too-early",
            CONFLICT: "dose.conflict",
        }
        return Refusal(
            codes[evaluation.reason],
            sentences[evaluation.reason],
            hint="Ask the person to come back on {earliest}.",
            field="on",
            overridable=True,
            earliest=earliest,
        )
    if evaluation.reason == TOO_OLD or status == AGED_OUT:
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
    if evaluation.reason == INADVERTENT:
        return _refusal(
            "dose.inadvertent", "This vaccine is not for a person of this age.", "Check the vial."
        )
    return _refusal(
        "dose.other-vaccine",
        "This vaccine does not count for the dose that is due.",
        "Give the vaccine of the schedule, or ask a supervisor.",
    )


def _refusal(code: str, sentence: str, hint: str) -> Refusal:
    return Refusal(code, sentence, hint=hint, field="vaccine", overridable=True)
