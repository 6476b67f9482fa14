"""Why a dose of a plan is on its day, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from edge.domain.outlook import ComingDose
from edge.domain.schedule.explanation import LIMIT_WORDS, Reason
from edge.domain.schedule.forecast import LAST_DOSE
from edge.domain.visits import PlannedVisit


def why(visit: PlannedVisit, dose: ComingDose, as_of: date) -> Iterator[Reason]:
    """Say what a dose waits for, why it is on the day of the visit, and until when it may wait."""
    for name, day in dict.fromkeys(dose.limits):
        if day == dose.not_before and name != LAST_DOSE:
            yield Reason(0, LIMIT_WORDS[name], {"day": day})
    late = visit.late(dose)
    if late:
        yield Reason(0, "It was due by {day}.", {"day": dose.past_due})
    first = max(dose.not_before, as_of)
    if dose.recommended > first and visit.on >= dose.recommended:
        yield Reason(0, "It is best from {day} on.", {"day": dose.recommended})
        first = dose.recommended
    if visit.on > dose.wanted:
        yield Reason(0, "It waits for other doses, so that one visit less is needed.")
    elif visit.on < dose.wanted:
        yield Reason(
            0, "It comes before {day}, when it is best, so that one visit less is needed.",
            {"day": dose.recommended},
        )  # fmt: skip
    elif visit.on > first:
        yield Reason(0, "This is the first session from {day} on.", {"day": first})
    if dose.past_due and not late:
        yield Reason(0, "It is late after {day}.", {"day": dose.past_due})
    if dose.until:
        yield Reason(0, "It can be given until {day}.", {"day": dose.until})
    if dose.vaccine in visit.unsure:
        yield Reason(0, "Whether it is due then depends on the date of birth: ask for it.")
