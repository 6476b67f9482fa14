"""The number of a dose in its series: no two doses hold one."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date
from itertools import count

from edge.domain.dose import Dose
from edge.domain.schedule.engine import GroupAssessment
from edge.domain.schedule.evaluation import EXTRANEOUS


def series_number(
    group: GroupAssessment, target: int, counted: Sequence[Dose], on: date, at_least: int
) -> tuple[int, int]:
    """Give the number of a dose of a day in its series, and of how many.

    It is the schedule's ``target``, or the next that no dose until then holds: where one did not
    count, the course is one dose longer. Without a target it is a booster, beyond the course.
    """
    total = max((len(candidate.series.doses) for candidate in group.chosen.values()), default=1)
    more = sum(
        evaluation.status == EXTRANEOUS
        and not evaluation.target
        and not evaluation.shot.proposed
        and evaluation.shot.on <= on
        for evaluation in group.evaluations
    )
    first = target or total + more + 1
    vaccines = {evaluation.shot.cvx for evaluation in group.evaluations}
    number = next_free(counted, vaccines, on, max(first, at_least))
    return number, max(total, 1) if first > total else max(total, number)


def next_free(counted: Sequence[Dose], vaccines: Container[str], on: date, first: int) -> int:
    """Give the first number, from one on, that no dose of these vaccines holds until a day.

    It is above a number that somebody has stated: who says that a dose was the third has said
    that those after it are not the second.
    """
    before = [dose for dose in counted if dose.vaccine in vaccines and dose.on <= on]
    held = {dose.number for dose in before}
    stated = max((dose.number for dose in before if dose.stated_number), default=0)
    return next(number for number in count(max(first, stated + 1)) if number not in held)
