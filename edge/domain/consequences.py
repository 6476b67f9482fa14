"""What a correction does to the rules: what speaks against doses given already, what comes due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from edge.domain.errors import Refusal
from edge.domain.scheduled import Case, due_now, judge


def consequences(before: Case, after: Case, today: date) -> tuple[Refusal, ...]:
    """Give the rules a correction breaks or lifts, each once, gravest first.

    Broken is a rule that speaks against a dose given here and did not before; lifted is one where
    a vaccine becomes due today that was not.
    """
    was = {id_: {refusal.code for refusal in against} for id_, against in _against(before)}
    broken = {
        refusal.code: refusal
        for id_, against in _against(after)
        for refusal in against
        if refusal.overridable and refusal.code not in was.get(id_, ())
    }
    due = _due(before, today)
    for key, name in _due(after, today).items():
        if key not in due:
            lifted = Refusal(
                "correction.makes-due",
                "With this correction {vaccine} would be due today, and was not.",
                hint="Ask a supervisor.",
                field="on",
                overridable=True,
                vaccine=name,
            )
            broken.setdefault(lifted.code, lifted)
    return tuple(broken.values())


def _against(case: Case) -> Iterator[tuple[str, tuple[Refusal, ...]]]:
    """Judge each dose given here again, by what was given until its day."""
    for dose in case.history:
        programme = case.catalogue.programmes.get(dose.programme)
        vaccine = case.catalogue.vaccines.get(dose.vaccine)
        if dose.reported or programme is None or vaccine is None:
            continue
        others = [known for known in case.history if known.id != dose.id and known.on <= dose.on]
        judged = judge(replace(case, history=others), programme, vaccine, dose.on)
        yield dose.id, judged.objections


def _due(case: Case, today: date) -> dict[tuple[str, str], str]:
    return {
        (programme.id, judgement.vaccine): case.catalogue.vaccines[judgement.vaccine].name
        for programme in case.catalogue.programmes.values()
        if programme.runs_on(today)
        for judgement in due_now(case, programme, today)
        if not judgement.objections
    }
