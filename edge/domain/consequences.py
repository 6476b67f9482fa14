"""What a correction does to the rules: what speaks against doses given already, what comes due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from edge.domain.errors import Refusal, as_a_fact
from edge.domain.schedule.model import Subject
from edge.domain.scheduled import Case, DoseJudgement, due_now, judge

_SOON = timedelta(days=28)
"""A dose that comes due later than this is looked at again when it does."""
_SLIP = timedelta(days=7)
"""A dose that is entered late, and corrected to its day, brings the next forward by no more."""


def consequences(before: Case, after: Case, today: date) -> tuple[Refusal, ...]:
    """Give the rules a correction breaks or lifts, each once, gravest first.

    Broken is a rule that speaks against a dose given here and did not before; lifted is one where
    a vaccine becomes due today that was not, or so soon and so much earlier that it could be given
    before anybody looks again.
    """
    was = {id_: {refusal.code for refusal in against} for id_, against in _against(before)}
    broken = {
        refusal.code: as_a_fact(refusal)
        for id_, against in _against(after)
        for refusal in against
        if refusal.code not in was.get(id_, ())
    }
    lifted = None if _narrowed(before.subject, after.subject) else _lifted(before, after, today)
    if lifted is not None:
        broken.setdefault(lifted.code, lifted)
    return tuple(broken.values())


def _narrowed(before: Subject, after: Subject) -> bool:
    """Say whether a birth or a sex is only known better than before: that was asked for."""
    was, is_ = ((subject.born, subject.born_last or subject.born) for subject in (before, after))
    inside = was[0] <= is_[0] and is_[1] <= was[1]
    same_sex, sex_told = after.gender == before.gender, not before.gender and bool(after.gender)
    return inside and ((same_sex and is_ != was) or sex_told)


def _lifted(before: Case, after: Case, today: date) -> Refusal | None:
    was = _first_days(before, today)
    for key, day in _first_days(after, today).items():
        then = was.get(key)
        vaccine = after.catalogue.vaccines[key[1]].name
        if day <= today and (then is None or then > today):
            sentence = "With this correction {vaccine} would be due today, and was not."
        elif then is not None and today < day <= today + _SOON and day + _SLIP < then:
            sentence = "With this correction {vaccine} would be due on {day}, and not on {then}."
        else:
            continue
        return Refusal(
            "correction.makes-due",
            sentence,
            hint="Ask a supervisor.",
            field="on",
            overridable=True,
            vaccine=vaccine,
            day=day,
            then=then,
        )
    return None


def _first_days(case: Case, today: date) -> Mapping[tuple[str, str], date]:
    """Give the day from which on each vaccine may be given that waiting is enough for."""
    return {
        (programme.id, judged.vaccine): day
        for programme in case.catalogue.programmes.values()
        if programme.runs_on(today)
        for judged in due_now(case, programme, today)
        if (day := _first_day(judged, today)) is not None
    }


def _first_day(judged: DoseJudgement, today: date) -> date | None:
    days = [refusal.earliest for refusal in judged.objections]
    return max([today, *(day for day in days if day)]) if all(days) else None


def _against(case: Case) -> Iterator[tuple[str, tuple[Refusal, ...]]]:
    """Judge each dose given here again, by what was given until its day."""
    for dose in case.history:
        programme = case.catalogue.find_programme(dose.programme)
        vaccine = case.catalogue.find_vaccine(dose.vaccine)
        if dose.reported or programme is None or vaccine is None:
            continue
        others = [known for known in case.history if known.id != dose.id and known.on <= dose.on]
        judged = judge(replace(case, history=others), programme, vaccine, dose.on)
        yield dose.id, judged.objections
