"""What WHO's example patients come to by a schedule: one state for each of its antigens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from edge.campaign.who_rows import WhoCase
from edge.domain.schedule.engine import assess
from edge.domain.schedule.forecast import COMPLETE as DONE
from edge.domain.schedule.forecast import (
    CONTRAINDICATED,
    IMMUNE,
    JUDGEMENT,
    NOT_COMPLETE,
    Forecast,
)
from edge.domain.schedule.model import (
    BOOSTER,
    PRIMARY,
    SUPPLEMENTARY,
    ZERO,
    Schedule,
    Shot,
    Subject,
)
from edge.domain.schedule.selection import Candidate

DUE, NOT_DUE, COMPLETE = "due", "not-due", "complete"
ASK, AGAINST = "further-evaluation", "contraindicated"
NOTHING = "no-series"
"""No series of the schedule is for this person."""
LETTERS = {ZERO: "D", PRIMARY: "P", BOOSTER: "B", SUPPLEMENTARY: "S"}
"""How a kind of dose is written before its number."""


@dataclass(frozen=True, slots=True)
class AntigenStatus:
    """What one antigen comes to: the outcome, the dose that is next (``P2``), and its day.

    ``counted`` are the vaccines of the doses that count, a dose zero apart; ``yearly`` is a dose
    that is given again and again.
    """

    antigen: str
    outcome: str
    dose: str = ""
    vaccines: tuple[str, ...] = ()
    earliest: date | None = None
    counted: tuple[str, ...] = ()
    yearly: bool = False

    def document(self) -> dict[str, Any]:
        """Give it as a JSON object."""
        found: dict[str, Any] = {"outcome": self.outcome}
        if self.dose:
            found |= {"dose": self.dose, "vaccines": list(self.vaccines)}
        if self.earliest:
            found["earliest"] = self.earliest.isoformat()
        return found


def states_of(case: WhoCase, schedule: Schedule) -> tuple[AntigenStatus, ...]:
    """Assess a case for every antigen of a schedule."""
    found = assess(schedule, subject_of(case, schedule), _shots(case, schedule), case.on)
    chosen = {name: one for group in found.values() for name, one in group.chosen.items()}
    return tuple(
        _state(name, chosen[name], case.on) if name in chosen else AntigenStatus(name, NOTHING)
        for name in schedule.antigens
    )


def overall(states: Sequence[AntigenStatus]) -> str:
    """Say what all antigens come to together: the first of these that one of them comes to."""
    outcomes = {state.outcome for state in states}
    order = (AGAINST, DUE, ASK, NOT_DUE, COMPLETE, NOTHING)
    return next((outcome for outcome in order if outcome in outcomes), NOTHING)


def _shots(case: WhoCase, schedule: Schedule) -> list[Shot]:
    """Give the shots; one of a product that a schedule knows by its own name is that vaccine."""
    products = [f"{shot.cvx}-{brand}" for shot, brand in zip(case.shots, case.brands, strict=True)]
    return [
        replace(shot, cvx=product) if product in schedule.vaccines else shot
        for shot, product in zip(case.shots, products, strict=True)
    ]


def subject_of(case: WhoCase, schedule: Schedule) -> Subject:
    """Give a case's person as a schedule sees them.

    A fact that the schedule does not ask for is one that it does, where a single one begins so.
    """
    observed: dict[str, date | None] = {}
    for code, day in case.facts.items():
        near = [name for name in schedule.observations if name.startswith(code)]
        near += [name for name in schedule.observations if code.startswith(name)]
        known = code in schedule.observations or len(near) != 1
        observed[code if known else near[0]] = day
    return Subject(born=case.born, gender=case.gender, observations=observed)


def _state(antigen: str, candidate: Candidate, on: date) -> AntigenStatus:
    due = candidate.forecast
    counted = tuple(
        evaluation.shot.cvx
        for evaluation in candidate.progress.valid
        if evaluation.place.kind != ZERO
    )
    open_ = due.status in (NOT_COMPLETE, JUDGEMENT)
    return AntigenStatus(
        antigen,
        _outcome(candidate, due, on),
        LETTERS[due.place.kind] + str(due.place.number) if open_ else "",
        due.vaccines if open_ else (),
        due.earliest if open_ else None,
        counted,
        bool(due.target) and candidate.series.doses[due.target - 1].recurring,
    )


def _outcome(candidate: Candidate, due: Forecast, on: date) -> str:
    if due.status == NOT_COMPLETE:
        return DUE if due.earliest is not None and due.earliest <= on else NOT_DUE
    if due.status == JUDGEMENT:
        return ASK
    if due.status in (DONE, IMMUNE):
        return COMPLETE
    if due.status == CONTRAINDICATED:
        return NOT_DUE  # a table of what is due knows no word for it
    progress = candidate.progress
    target = min(progress.next_target, len(candidate.series.doses) - 1)
    past_primary = progress.valid and candidate.series.doses[target].kind in (
        BOOSTER,
        SUPPLEMENTARY,
    )
    return COMPLETE if past_primary else NOT_DUE  # too old for the next
