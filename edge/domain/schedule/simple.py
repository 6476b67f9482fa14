"""The schedule of a programme that states none: so many doses, so many days apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from edge.domain.schedule.calendar import Period
from edge.domain.schedule.model import (
    AgeRule,
    Antigen,
    Association,
    IntervalRule,
    Schedule,
    Series,
    TargetDose,
    VaccineGroup,
    VaccineRule,
)


@dataclass(frozen=True, slots=True)
class SimpleSeries:
    """A vaccine's own series: ``gaps`` are the least and greatest days between its doses.

    n gaps make n+1 doses (DIVOC ``Medicine.doseIntervals``); a greatest of 0 is no limit.
    """

    vaccine: str
    name: str
    gaps: tuple[tuple[int, int], ...]


def simple_schedule(
    programme: str, series: Iterable[SimpleSeries], youngest: int = 0, oldest: int = 0
) -> Schedule:
    """Turn a programme's simple rules into the engine's model.

    Ages in whole years bound the first dose; ``oldest`` 0 is no limit. A dose is early before the
    least of its gap, and late after the greatest.
    """
    known = tuple(series)
    start = Period(years=youngest)
    ages = AgeRule(start, start, start, None, Period(years=oldest + 1) if oldest else None)
    return Schedule(
        antigens={
            programme: Antigen(
                programme,
                tuple(
                    Series(
                        name=one.name,
                        antigen=programme,
                        default=place == 0,
                        preference=place + 1,
                        doses=(
                            TargetDose(ages=(ages,), preferable=(VaccineRule(one.vaccine),)),
                            *(_later(one.vaccine, *gap) for gap in one.gaps),
                        ),
                    )
                    for place, one in enumerate(known)
                ),
            )
        },
        vaccines={simple_series.vaccine: (Association(programme),) for simple_series in known},
        groups={programme: VaccineGroup(programme, (programme,))},
    )


def _later(vaccine: str, least: int, greatest: int) -> TargetDose:
    gap = Period(days=least)
    late = Period(days=greatest + 1) if greatest else None
    rule = IntervalRule(absolute_min=gap, min=gap, earliest=gap, latest=late)
    return TargetDose(intervals=(rule,), preferable=(VaccineRule(vaccine),))
