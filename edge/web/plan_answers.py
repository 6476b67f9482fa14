"""What the API answers of coming visits."""

from __future__ import annotations

from datetime import date

from edge.web.answer import Answer
from edge.web.answers import ProblemAnswer


class PlannedDoseAnswer(Answer, frozen=True):
    """A dose of a planned visit.

    ``notBefore`` is the first day that the rules allow, ``recommended`` the one it is best on,
    ``pastDue`` the last on which it is not ``late``, ``until`` the last of all. ``unsure``: whether
    it is due then hangs on a date of birth that is not known. ``kind`` is
    zero, primary, booster or supplementary, ``called`` the words for it. ``why`` are sentences.
    """

    programme: str
    vaccine: str
    series: str
    dose: int
    total: int
    kind: str
    called: str
    not_before: date
    recommended: date
    past_due: date | None
    until: date | None
    late: bool
    unsure: bool
    why: list[str]


class PlannedVisitAnswer(Answer, frozen=True):
    """A day to come on, and what is given then."""

    on: date
    doses: list[PlannedDoseAnswer]


class UnplannedDoseAnswer(Answer, frozen=True):
    """A dose for which no day is planned, and what somebody has to decide or find out first."""

    programme: str
    vaccine: str
    objection: ProblemAnswer


class VisitPlanAnswer(Answer, frozen=True):
    """All coming visits as seen on a day.

    ``more``: doses come after ``until``. ``bornFrom`` and ``bornUntil`` are given where the day of
    birth is not known: the visits are then the earliest on which all is certain.
    """

    as_of: date
    until: date
    visits: list[PlannedVisitAnswer]
    unplanned: list[UnplannedDoseAnswer]
    more: bool
    born_from: date | None = None
    born_until: date | None = None
