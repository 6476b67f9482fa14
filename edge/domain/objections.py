"""What a schedule has against a dose, in a vaccinator's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from edge.domain.catalogue import Vaccine
from edge.domain.errors import Refusal
from edge.domain.schedule.forecast import (
    AGED_OUT,
    COMPLETE,
    CONTRAINDICATED,
    IMMUNE,
    JUDGEMENT,
    LIVE_VIRUS,
    MIN_AGE,
    MIN_INTERVAL,
    NOT_COMPLETE,
    NOT_RECOMMENDED,
    SEASON,
    Forecast,
)
from edge.domain.schedule.progress import (
    CONFLICT,
    EXTRANEOUS,
    INADVERTENT,
    TOO_OLD,
    TOO_SOON,
    TOO_YOUNG,
    VALID,
    Evaluation,
)

_EARLY = {
    TOO_YOUNG: (
        "dose.too-young",
        "This person is too young for this dose until {earliest}.",
    ),
    CONFLICT: (
        "dose.conflict",
        "Another live vaccine was given a short time ago: not before {earliest}.",
    ),
    SEASON: ("dose.too-early", "The season for this vaccine begins on {earliest}."),
}
"""What makes a dose come too early: the code, and what a vaccinator is told."""
NOT_JUDGED = "dose.not-judged"
"""The code of a refusal because nobody here can answer what the schedule asks."""
_LIMITS: Mapping[str, str] = {
    MIN_INTERVAL: TOO_SOON,
    LIVE_VIRUS: CONFLICT,
    MIN_AGE: TOO_YOUNG,
    SEASON: SEASON,
}


def objection(
    evaluation: Evaluation, due: Forecast, earlier: Sequence[date], on: date
) -> Refusal | None:
    """Say what a schedule has against a dose; None only for one that counts, is open and in time.

    ``due`` is the forecast before the dose, ``earlier`` the days of the other doses of its group.
    """
    last = max(earlier, default=None)
    if last is not None and last > on:
        return Refusal(
            "dose.before-last",
            "A later dose, of {last}, is already recorded.",
            hint="Check the date of this dose.",
            field="on",
            overridable=True,
            last=last,
        )
    if due.unanswered and due.status not in (IMMUNE, CONTRAINDICATED):
        return _not_judged(due.unanswered)
    return _closed(due) or _early(evaluation, due, last, on) or _wrong(evaluation, due, last)


def no_rule(*, known: bool) -> Refusal:
    """Say that a schedule has no rule for a vaccine, or (``known``) none for this person."""
    if known:
        return _refusal(
            "dose.not-for-person",
            "The schedule has no dose of this vaccine for this person.",
            "Ask a supervisor.",
        )
    return _refusal(
        "dose.no-schedule", "The schedule has no rule for this vaccine.", "Ask a supervisor."
    )


def without_day(refusal: Refusal) -> Refusal | None:
    """Give a refusal that names no day to come back on; None: its sentence is about that day."""
    if "{earliest}" in refusal.sentence:
        return None
    values: dict[str, Any] = dict(refusal.values)
    values.pop("earliest", None)
    return Refusal(
        refusal.code,
        refusal.sentence,
        hint="Look at the doses so far, or ask a supervisor.",
        field=refusal.field,
        overridable=refusal.overridable,
        decides=refusal.decides,
        **values,
    )


def depends_on_birth(first: date, last: date) -> Refusal:
    """Say that a dose is due for some days of the span of a birth, and for others is not."""
    return Refusal(
        "dose.depends-on-birth",
        "It depends on the date of birth ({first} to {last}): ask for the month, or for the age.",
        hint="Correct the person with the month of birth, or the age in months or weeks.",
        field="birthDate",
        overridable=True,
        first=first,
        last=last,
    )


def _not_judged(conditions: Sequence[str]) -> Refusal:
    """Say that a dose hangs on conditions of the schedule that nobody here can answer."""
    return Refusal(
        NOT_JUDGED,
        "This site cannot judge now whether this dose is needed: it does not get the answer to"
        " {conditions}.",
        hint="Ask a supervisor, and tell the technician.",
        field="vaccine",
        overridable=True,
        conditions=", ".join(conditions),
    )


def stopped_vaccine(vaccine: Vaccine) -> Refusal:
    """Say that a vaccine is not given at present, whoever decides."""
    return Refusal(
        "vaccine.stopped",
        "The vaccine {vaccine} may not be given at present.",
        field="vaccine",
        vaccine=vaccine.name,
    )


def _closed(due: Forecast) -> Refusal | None:
    if due.status == IMMUNE:
        return _refusal("dose.immune", "This person is immune: nothing is due.", "")
    if due.status == NOT_RECOMMENDED:
        return _refusal("dose.not-recommended", "No dose of this vaccine is recommended now.", "")
    return contraindicated(due.because) if due.status == CONTRAINDICATED else None


def for_every_group(
    own: Refusal | None, every: Sequence[tuple[Forecast, Refusal | None]]
) -> Refusal | None:
    """Say what speaks against a dose that counts in several groups, where ``own`` is of its best.

    What speaks against it for one of them, or cannot be judged there, is not given for another.
    """
    barred = [due for due, _ in every if due.status == CONTRAINDICATED]
    if barred:
        return contraindicated(barred[0].because)
    open_ = (refusal for _, refusal in every if refusal and refusal.code == NOT_JUDGED)
    return own or next(open_, None)


def contraindicated(because: Sequence[str] = (), earliest: date | None = None) -> Refusal:
    """Say that something speaks against a vaccine, whatever is due; ``earliest``: until then."""
    sentence = "Something recorded of this person speaks against this vaccine."
    if earliest and because:
        sentence = "This vaccine is not given before {earliest}: {because}."
    elif earliest:
        sentence = "Something recorded of this person speaks against this vaccine until {earliest}."
    elif because:
        sentence = "Something speaks against this vaccine: {because}."
    return Refusal(
        "dose.contraindicated",
        sentence,
        hint="Ask the person to come back on {earliest}." if earliest else "Ask a supervisor.",
        field="vaccine",
        overridable=True,
        earliest=earliest,
        because=joined(because),
    )


def joined(words: Sequence[str]) -> str:
    """Put what speaks against a dose into one sentence."""
    return "; ".join(text.rstrip(". ") for text in words)


def _early(evaluation: Evaluation, due: Forecast, last: date | None, on: date) -> Refusal | None:
    """Say that a dose would be right from a later day on, and what holds it up until then.

    Days of grace are for doses given already, not for one that is about to be given.
    """
    waits = evaluation.status == VALID or evaluation.reason in (TOO_YOUNG, TOO_SOON, CONFLICT)
    if not waits or due.earliest is None or due.earliest <= on:
        return None
    held_by = next((_LIMITS[name] for name in _LIMITS if (name, due.earliest) in due.limits), "")
    code, sentence = "dose.too-early", "Dose {number} is due on {earliest} at the earliest."
    if held_by in _EARLY:
        code, sentence = _EARLY[held_by]
    elif last is not None:
        sentence = "Dose {number} is due on {earliest} at the earliest; the last was on {last}."
    return Refusal(
        code,
        sentence,
        hint="Ask the person to come back on {earliest}.",
        field="on",
        overridable=True,
        earliest=due.earliest,
        number=evaluation.place.number,
        last=last,
    )


def _wrong(evaluation: Evaluation, due: Forecast, last: date | None) -> Refusal | None:
    if evaluation.reason == TOO_OLD or due.status == AGED_OUT:
        return _refusal("dose.too-old", "This person is too old for this dose of the schedule.", "")
    if evaluation.status == EXTRANEOUS or due.status == COMPLETE:
        return Refusal(
            "dose.complete",
            "The series of this schedule is complete; the last dose was on {last}."
            if last
            else "The series of this schedule is complete.",
            hint="Nothing is due. A supervisor may record a booster.",
            field="person",
            overridable=True,
            last=last,
        )
    if evaluation.reason == INADVERTENT:
        return _refusal(
            "dose.inadvertent", "This vaccine is not for a person of this age.", "Check the vial."
        )
    if evaluation.status == VALID and due.status in (NOT_COMPLETE, JUDGEMENT):
        return None
    return _refusal(
        "dose.other-vaccine",
        "This vaccine does not count for the dose that is due.",
        "Give the vaccine of the schedule, or ask a supervisor.",
    )


def _refusal(code: str, sentence: str, hint: str) -> Refusal:
    return Refusal(code, sentence, hint=hint, field="vaccine", overridable=True)
