"""Why no series of a vaccine group is for a person."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from datetime import date

from edge.domain.schedule.explanation import Reason
from edge.domain.schedule.model import EVALUATION_ONLY, RISK, Schedule, Series, Subject
from edge.domain.schedule.selection import relevant


def not_for(
    schedule: Schedule, subject: Subject, asked: Container[str], on: date
) -> Iterator[tuple[str, Sequence[Reason]]]:
    """Give the groups that nothing is asked of for a person, each with the reasons.

    ``asked`` are the names of those of which something is.
    """
    for group in schedule.groups.values():
        if group.name in asked:
            continue
        series = [
            plan
            for name in group.antigens
            if name in schedule.antigens
            for plan in schedule.antigens[name].series
            if plan.kind != EVALUATION_ONLY and not relevant(plan, subject, on)
        ]
        yield group.name, [_why(plan, schedule, subject) for plan in series]


def _why(series: Series, schedule: Schedule, subject: Subject) -> Reason:
    if series.genders and subject.gender not in series.genders:
        return Reason(0, "{series} is for another sex.", {"series": series.name})
    titles = {
        schedule.observations[code].title if code in schedule.observations else code
        for code in (indication.code for indication in series.indications)
    }
    sentence = "{series} is for people of whom something else is noted."
    if series.kind == RISK and titles:
        sentence = "{series} is only for people of whom one of this is noted: {titles}."
    return Reason(0, sentence, {"series": series.name, "titles": ", ".join(sorted(titles))})
