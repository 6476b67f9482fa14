"""The vaccine that a vaccine group asks for next."""

from __future__ import annotations

from collections.abc import Sequence

from edge.domain.schedule.engine import GroupAssessment


def next_vaccines(group: GroupAssessment, wanted: Sequence[str]) -> list[str]:
    """Choose the vaccines that a group asks for: several where no one vaccine is for all of it.

    Such are the oral and the inactivated polio vaccine, given at one visit.
    """
    asked = [
        candidate.forecast.vaccines
        for candidate in group.chosen.values()
        if candidate.forecast.status == group.forecast.status and candidate.forecast.vaccines
    ]
    if len(asked) < 2 or set(asked[0]).intersection(*asked[1:]):
        return [code for code in [next_vaccine(group, wanted)] if code]
    found = (next((code for code in codes if code in wanted), "") for codes in asked)
    return list(dict.fromkeys(code for code in found if code))


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
