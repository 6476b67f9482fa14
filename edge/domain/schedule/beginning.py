"""Could somebody who was given nothing against a disease be due a first dose of it?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from edge.domain.schedule.evaluation import age_rule
from edge.domain.schedule.forecast import begun_between
from edge.domain.schedule.model import Antigen, Schedule, Series, Shot


def antigens_in_question(
    schedule: Schedule, born: date, shots: Sequence[Shot], on: date, until: date
) -> frozenset[str]:
    """Name the antigens of which a dose may be due by a day: what was begun, or may be by age.

    The others need no assessment: their first dose is for another age. An antigen brings those of
    its group, as they are told together.
    """
    wanted = {
        association.antigen for shot in shots for association in schedule.vaccines.get(shot.cvx, ())
    }
    wanted |= {
        name
        for name, antigen in schedule.antigens.items()
        if name not in wanted and _may_begin(antigen, born, on, until)
    }
    groups = (group.antigens for group in schedule.groups.values())
    return frozenset(name for group in groups if not wanted.isdisjoint(group) for name in group)


def _may_begin(antigen: Antigen, born: date, on: date, until: date) -> bool:
    return any(_may_begin_series(series, born, on, until) for series in antigen.series)


def _may_begin_series(series: Series, born: date, on: date, until: date) -> bool:
    if not series.doses:
        return False
    first = series.doses[0]
    if first.skips:  # which dose comes first is then not certain
        return True
    youngest, oldest = begun_between(series, age_rule(first, on), born)
    return (youngest is None or youngest <= until) and (oldest is None or on < oldest)
