"""A person's doses as a schedule sees them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from edge.domain.dose import Dose
from edge.domain.schedule.model import Shot

_USUAL_GAP = 28
"""Days between a dose nobody recorded and the one whose certificate tells of it."""


def shots_of(history: Sequence[Dose]) -> list[Shot]:
    """Give a history as shots.

    A certificate may tell of a second dose where nobody recorded the first: then the first is
    taken as given the usual time before; whatever programme those on record were given for.
    """
    shots: list[Shot] = []
    seen: dict[str, int] = {}
    for dose in sorted(history, key=lambda one: (one.on, one.number)):
        count = seen.get(dose.vaccine, 0)
        if dose.evidence:
            for missing in range(count + 1, dose.number):
                gap = timedelta(days=_USUAL_GAP * (dose.number - missing))
                shots.append(Shot(dose.on - gap, dose.vaccine, place=len(shots)))
            count = max(count, dose.number - 1)
        shots.append(Shot(dose.on, dose.vaccine, place=len(shots)))
        seen[dose.vaccine] = count + 1
    return shots
