"""What a vaccinator is told first of a vaccine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

from edge.domain import eligibility
from edge.domain.errors import Refusal

_SOON = timedelta(days=365)

Status = Literal[
    "due",
    "overdue",
    "notYet",
    "complete",
    "notForThisAge",
    "notEligible",
    "conflict",
    "askBirth",
    "askSex",
    "askClinician",
    "askSupervisor",
]

_STATUS: Mapping[str, Status] = {
    "dose.too-early": "notYet",
    "dose.complete": "complete",
    "dose.immune": "complete",
    "dose.not-recommended": "complete",
    "dose.too-old": "notForThisAge",
    "dose.conflict": "conflict",
    "dose.same-day": "conflict",
    "dose.depends-on-birth": "askBirth",
    "dose.depends-on-sex": "askSex",
    "dose.ask-clinician": "askClinician",
}
"""What a vaccinator is told first of an objection; of any other: ask a supervisor."""


def status_of(against: Refusal, on: date) -> Status:
    """Say what an objection comes to, of a dose on a day."""
    by_rule = against.code.startswith(eligibility.CODE)
    waits = by_rule or against.code in ("dose.too-young", "dose.contraindicated")
    if waits and against.earliest:
        return "notYet" if against.earliest <= on + _SOON else "notForThisAge"
    if by_rule and not against.overridable:
        return "notEligible"
    if by_rule and against.decides == "clinician":
        return "askClinician"
    return _STATUS.get(against.code, "askSupervisor")
