"""What a facility does for a programme: on which days, in which hours, how much of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningTime:
    """From when to when on which days of the week (Monday is 0); ``closes`` is outside.

    ``rooms``: for how many people there is room on a day of the week; one that is not in it has
    room for any number.
    """

    days: frozenset[int]
    opens: time
    closes: time
    rooms: Mapping[int, int] = field(default_factory=dict)

    def holds(self, moment: datetime) -> bool:
        """Say whether a moment, in the site's own time, is within it."""
        return moment.weekday() in self.days and self.opens <= moment.time() < self.closes


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityProgramme:
    """A programme at a facility (DIVOC ``Facility.programs``, ``FacilityProgramSlot``).

    ``daily_rate`` is how many doses a day are meant, ``rate_per_vaccinator`` how many of one
    vaccinator, 0: any. ``appointments`` are the slots that people are booked into; None: they are
    expected at any time. ``walk_ins`` are the times for who was not expected; None: any time, and
    none: they are not taken. ``walk_ins_take_room``: each of them takes a place of the slot they
    came in.
    """

    active: bool = True
    first: date | None = None
    last: date | None = None
    daily_rate: int = 0
    rate_per_vaccinator: int = 0
    appointments: tuple[OpeningTime, ...] | None = None
    walk_ins: tuple[OpeningTime, ...] | None = None
    walk_ins_take_room: bool = False

    def runs_on(self, day: date) -> bool:
        """Say whether the facility is approved for the programme on a day."""
        began = self.first is None or self.first <= day
        return self.active and began and (self.last is None or day <= self.last)
