"""Where a dose of a vaccine would count, and what the schedule says of it there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from edge.domain.errors import Refusal
from edge.domain.left_to_judgement import ask_to_judge, asked
from edge.domain.objections import (
    contraindicated,
    for_every_group,
    objection,
)
from edge.domain.schedule.contraindications import against_vaccine
from edge.domain.schedule.engine import GroupAssessment, assess, without_proposed
from edge.domain.schedule.forecast import JUDGEMENT, NOT_COMPLETE, Forecast
from edge.domain.schedule.model import Schedule, Shot, Subject
from edge.domain.schedule.observed import as_of
from edge.domain.schedule.progress import VALID, Evaluation

_KEPT = 256
"""Places kept for a vaccine: as many as there are years of birth, for a few histories."""


@dataclass(frozen=True, slots=True)
class DosePlace:
    """A dose in one vaccine group: how it counts, what was due there, what speaks against it.

    ``asks`` is what somebody has to decide or find out first.
    """

    group: GroupAssessment
    evaluation: Evaluation
    due: Forecast
    objection: Refusal | None
    asks: Refusal | None = None


def place_of(
    subject: Subject, shots: Sequence[Shot], schedule: Schedule, vaccine: str, on: date
) -> DosePlace | None:
    """Find where a dose on a day would count; None: the schedule has no rule for it.

    A vaccine against several diseases is given for the one that is due, and not at all when
    something speaks against it for any of them.

    Where nothing speaks against it and nothing was observed, it is kept: on a day of a campaign
    most people come to one of a few places.
    """
    if subject.observations or subject.until or schedule.conditions:
        return _place_of(subject, shots, schedule, vaccine, on)
    asked_for = (vaccine, on, subject.born, subject.born_last, subject.gender, *shots)
    known: DosePlace | None = schedule.places.get(asked_for)
    if known is not None:
        return known
    found = _place_of(subject, shots, schedule, vaccine, on)
    if found is not None and found.objection is None and found.asks is None:
        if len(schedule.places) >= _KEPT:
            schedule.places.clear()
        schedule.places[asked_for] = found
    return found


def _place_of(
    subject: Subject, shots: Sequence[Shot], schedule: Schedule, vaccine: str, on: date
) -> DosePlace | None:
    proposed = Shot(on, vaccine, proposed=True)
    titles = {code: observable.title for code, observable in schedule.observations.items()}
    found = []
    for group in assess(schedule, subject, [*shots, proposed], on).values():
        for evaluation in group.evaluations:
            if evaluation.shot.proposed:
                due = without_proposed(schedule, group, on)
                earlier = [other.shot.on for other in group.evaluations if other is not evaluation]
                against = objection(evaluation, due, earlier, on)
                asks = asked(due, titles, schedule.decides)
                found.append(DosePlace(group, evaluation, due, against, asks))
    if not found:
        return None
    own = min(found, key=lambda one: (one.objection is not None, one.evaluation.status != VALID))
    every = [(place.due, place.objection) for place in found]
    shared = for_every_group(own.objection, every)
    if shared is not own.objection:
        own = replace(own, objection=shared)
    return _with_what_speaks_against(own, schedule, subject, vaccine, on)


def _with_what_speaks_against(
    own: DosePlace, schedule: Schedule, subject: Subject, vaccine: str, on: date
) -> DosePlace:
    """Add what speaks against this very vaccine where a dose is open that it would count for."""
    if own.due.status not in (NOT_COMPLETE, JUDGEMENT):
        return own
    against = against_vaccine(schedule, as_of(schedule, subject, on), vaccine, on)
    if against.outright:
        waits = against.lifts and max(against.lifts, own.due.earliest or against.lifts)
        return replace(own, objection=contraindicated(against.because, waits), asks=None)
    if against.judged and own.asks is None:
        return replace(own, asks=ask_to_judge(against.because, schedule.decides))
    return own
