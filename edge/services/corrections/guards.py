"""What stands before every correction."""

from __future__ import annotations

from edge.domain.errors import BadInput, Conflict, NotFound
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.doubtful_clock import clock_unsure
from edge.services.site import Site
from sync.protocol.instants import local_day


def check_clock(unit: Unit, site: Site) -> None:
    """Refuse to change a record while nobody knows what day it is."""
    if not unit.stamp.believed:
        raise clock_unsure(site.clock, "Nothing was changed. Correct it afterwards.")


def nothing_changed() -> BadInput:
    """Give the refusal of a correction that corrects nothing."""
    return BadInput(
        "correction.nothing",
        "This is what is recorded already.",
        hint="Change what is wrong, then save.",
    )


def standing_dose(unit: Unit, site: Site, id_: str, *, told: bool = False) -> views.DoseRecord:
    """Find a dose that was given here (``told``: or that others told of) and still stands."""
    record = views.recorded(unit.db, id_)
    if record is None or (record.dose.reported and not told):
        raise NotFound("dose.unknown", "There is no such dose here.", field="dose")
    if record.withdrawn:
        raise Conflict(
            "dose.withdrawn",
            "This dose was taken back on {day}.",
            hint="Nothing is to be done. What was given in its place is corrected instead.",
            field="dose",
            day=local_day(record.withdrawn.at, site.clock.zone),
        )
    return record
