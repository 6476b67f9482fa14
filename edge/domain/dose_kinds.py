"""Which kind a dose on record is, by its number and the schedule; which doses are expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from edge.domain.catalogue import Programme
from edge.domain.schedule.model import BOOSTER, PRIMARY, SUPPLEMENTARY, ZERO, TargetDose


@dataclass(frozen=True, slots=True)
class ExpectedDose:
    """A dose that a schedule expects: recorded by its ``number``, of ``total`` in the course."""

    number: int
    total: int
    kind: str = PRIMARY


def kind_on_record(number: int, total: int, programme: Programme | None, vaccine: str) -> str:
    """Give the kind of a dose on record; one beyond the course is of the kind the schedule has.

    Where the schedule has both boosters and supplementary doses of the vaccine, or neither, it is
    called a booster.
    """
    if number == 0:
        return ZERO
    if number <= total:
        return PRIMARY
    longer = {dose.kind for dose in _places(programme, vaccine)} - {ZERO, PRIMARY}
    return SUPPLEMENTARY if longer == {SUPPLEMENTARY} else BOOSTER


def place_by_command(number: int, total: int, kind: str) -> str:
    """Say which dose it is, in a command's answer: ``2/3``, or its kind outside the course."""
    return f"{number}/{total}" if kind == PRIMARY else kind


def expected_doses(programme: Programme, vaccine: str, usual: int) -> list[ExpectedDose]:
    """Give the doses that a schedule prefers a vaccine for; ``usual`` many where it has none."""
    kinds = Counter(dose.kind for dose in _places(programme, vaccine))
    course = kinds.pop(PRIMARY, 0) if kinds else usual
    zero = [ExpectedDose(0, course, ZERO)] if kinds.pop(ZERO, 0) else []
    primary = [ExpectedDose(number, course) for number in range(1, course + 1)]
    longer = [
        ExpectedDose(course + number, course, kind)
        for kind, many in kinds.items()
        for number in range(1, many + 1)
    ]
    return [*zero, *primary, *longer]


def total_on_card(programme: Programme, vaccine: str, number: int, usual: int) -> int:
    """Give of how many doses one of a card is: of the course, unless it was longer than that."""
    expected = expected_doses(programme, vaccine, usual)
    course = max((dose.total for dose in expected), default=usual)
    longer = any(dose.number == number > course for dose in expected)
    return course if longer else max(course, number)


def _places(programme: Programme | None, vaccine: str) -> Sequence[TargetDose]:
    """Give the doses of the series that has most for a vaccine."""
    found = [
        [dose for dose in series.doses if any(rule.cvx == vaccine for rule in dose.preferable)]
        for antigen in (programme.schedule.antigens.values() if programme else ())
        for series in antigen.series
    ]
    return max(found, key=len, default=[])
