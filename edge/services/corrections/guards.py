"""What stands before every correction."""

from __future__ import annotations

from edge.domain.errors import BadInput, Unavailable
from edge.journal.unit import Unit


def check_clock(unit: Unit) -> None:
    """Refuse to change a record while nobody knows what day it is."""
    if not unit.stamp.believed:
        raise Unavailable(
            "clock.unsure",
            "The clock is wrong: set the date of the site computer.",
            hint="Nothing was changed. Correct it afterwards.",
        )


def nothing_changed() -> BadInput:
    """Give the refusal of a correction that corrects nothing."""
    return BadInput(
        "correction.nothing",
        "This is what is recorded already.",
        hint="Change what is wrong, then save.",
    )
