"""What is refused while nobody knows what day it is, in words that name the clock."""

from __future__ import annotations

from edge.domain.believable import HINT
from edge.domain.errors import EdgeError, Unavailable
from edge.ports import Clock

_BY_TODAY = frozenset(
    {
        *("appointment.far", "appointment.over", "appointment.other-day", "card.day"),
        *("dose.before-birth", "dose.before-last", "dose.depends-on-birth", "dose.in-the-future"),
        *("dose.not-recommended", "dose.same-day", "dose.too-early", "dose.too-old"),
        *("dose.too-young", "facility.closed", "facility.daily-rate", "facility.hours"),
        *("lot.expired", "observation.date", "observation.until", "person.age"),
        *("person.birth-year", "person.born-after-dose", "person.born-after-record"),
        *("person.born-in-the-future", "plan.no-session", "programme.not-running"),
        *("programme.stopped", "vaccinator.daily-rate"),
    }
)
"""What a request is refused for that a wrong date of today alone may be the reason of."""


def clock_unsure(clock: Clock, hint: str) -> Unavailable:
    """Give the refusal of what waits until the clock is right; ``hint`` says what was done."""
    belief = clock.belief()
    if belief.believed or not belief.sentence:
        return Unavailable(
            "clock.unsure", "The clock is wrong: set the date of the site computer.", hint=hint
        )
    return Unavailable("clock.unsure", belief.sentence, hint=hint, **belief.values)


def named(error: EdgeError, clock: Clock) -> EdgeError:
    """Give what a request is refused for by a clock that is not believed: the clock, where it may
    be the reason, and not what follows from a wrong date.
    """
    return clock_unsure(clock, HINT) if error.code in _BY_TODAY else error
