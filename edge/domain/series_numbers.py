"""The number of a dose in its series: no two doses hold one."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date
from itertools import count

from edge.domain.dose import Dose
from edge.domain.schedule.engine import GroupAssessment
from edge.domain.schedule.model import PRIMARY, ZERO
from edge.domain.schedule.progress import EXTRANEOUS, NO_PLACE, Place


def series_number(
    group: GroupAssessment, place: Place, counted: Sequence[Dose], on: date, at_least: int
) -> tuple[int, int]:
    """Give the number of a dose of a day in its course, and of how many.

    It is the one of its ``place``, or the next that no dose until then holds: where one did not
    count, the course is one dose longer. Without a place it is a booster, beyond the course.
    """
    if place == NO_PLACE:
        first, total = _beyond(group, on)
    else:
        first, total = in_course(place)
        if place.kind == ZERO:
            return first, total
    vaccines = {evaluation.shot.cvx for evaluation in group.evaluations}
    number = next_free(counted, vaccines, on, max(first, at_least))
    return number, total if first > total else max(total, number)


def in_course(place: Place) -> tuple[int, int]:
    """Give the number by which a dose is recorded, and of how many: those of the primary course.

    A dose beyond it has a greater number, a dose zero the number 0.
    """
    course = max(place.course, 1)
    if place.kind == ZERO:
        return 0, course
    return place.number + (course if place.kind != PRIMARY else 0), course


def _beyond(group: GroupAssessment, on: date) -> tuple[int, int]:
    """Number a dose that is more than a series asks for, after those that it asked for."""
    done = [candidate.progress for candidate in group.chosen.values()]
    more = sum(
        evaluation.status == EXTRANEOUS
        and not evaluation.target
        and not evaluation.shot.proposed
        and evaluation.shot.on <= on
        for evaluation in group.evaluations
    )
    course = max((progress.course for progress in done), default=1)
    given = max((progress.given for progress in done), default=0)
    return max(given, course) + more + 1, max(course, 1)


def next_free(counted: Sequence[Dose], vaccines: Container[str], on: date, first: int) -> int:
    """Give the first number, from one on, that no dose of these vaccines holds until a day.

    It is above a number that somebody has stated: who says that a dose was the third has said
    that those after it are not the second.
    """
    before = [dose for dose in counted if dose.vaccine in vaccines and dose.on <= on]
    held = {dose.number for dose in before}
    stated = max((dose.number for dose in before if dose.stated_number), default=0)
    return next(number for number in count(max(first, stated + 1)) if number not in held)
