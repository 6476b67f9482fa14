"""The vaccine that a vaccine group asks for next."""

from __future__ import annotations

from collections.abc import Sequence

from edge.domain.schedule.engine import GroupAssessment


def next_vaccine(group: GroupAssessment, wanted: Sequence[str]) -> str:
    """Choose one of the wanted vaccines for the dose that is due, else for the last one."""
    for code in group.forecast.vaccines:
        if code in wanted:
            return code
    for candidate in group.chosen.values():
        doses = candidate.series.doses
        index = min(max(group.forecast.target, 1), len(doses)) - 1
        for rule in doses[index].preferable if doses else ():
            if rule.cvx in wanted:
                return rule.cvx
    return ""
