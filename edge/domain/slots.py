"""The slots of a facility's programme: when people are expected, and for how many there is room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, Protocol, TypeVar

from edge.domain.catalogue import Facility, Programme
from edge.domain.facility_programmes import FacilityProgramme

FARTHEST = timedelta(days=731)
"""How far ahead somebody is booked."""
SlotKey = tuple[date, str]
"""A day, and the hours as :attr:`Slot.hours` writes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A slot of one day, in the site's own time; without hours it is the whole day.

    ``room``: for how many people; None: for any number.
    """

    on: date
    opens: time | None = None
    closes: time | None = None
    room: int | None = None

    @property
    def hours(self) -> str:
        """The hours as DIVOC writes them (``appointmentSlot``); empty for the whole day."""
        return f"{self.opens:%H:%M}-{self.closes:%H:%M}" if self.opens and self.closes else ""

    @property
    def key(self) -> SlotKey:
        """The day and the hours."""
        return self.on, self.hours

    def is_over(self, now: datetime) -> bool:
        """Say whether nobody can come any more; ``now`` is in the site's own time."""
        return now.date() > self.on or (
            now.date() == self.on and self.closes is not None and now.time() >= self.closes
        )

    def holds(self, moment: datetime) -> bool:
        """Say whether a moment, in the site's own time, is within it."""
        return moment.date() == self.on and (
            self.opens is None or self.closes is None or self.opens <= moment.time() < self.closes
        )


@dataclass(frozen=True, slots=True)
class SlotState:
    """A slot with how many were booked into it, and how many came in it who were not expected."""

    slot: Slot
    booked: int = 0
    walk_ins: int = 0

    @property
    def left(self) -> int | None:
        """For how many there is room; None: for any number."""
        taken = self.booked + self.walk_ins
        return None if self.slot.room is None else max(self.slot.room - taken, 0)

    @property
    def full(self) -> bool:
        """Say whether there is room for nobody."""
        return self.left == 0


def programme_at(facility: Facility, programme: str) -> FacilityProgramme | None:
    """Give what a facility does for a programme (by its id); None: it is not approved for it."""
    if facility.programmes is None:
        return FacilityProgramme()
    return facility.programmes.get(programme)


def slots_on(facility: Facility, programme: Programme, day: date) -> tuple[Slot, ...]:
    """Give the slots of a day, earliest first; none on a day without a session.

    Without slots of its own a programme has one for the whole day, with room for its daily rate.
    """
    at = programme_at(facility, programme.id)
    open_ = facility.active and facility.sessions.holds(day) and programme.runs_on(day)
    if at is None or not open_ or not at.runs_on(day):
        return ()
    if at.appointments is None:
        return (Slot(on=day, room=at.daily_rate or None),)
    found = {
        (opening.opens, opening.closes): Slot(
            on=day,
            opens=opening.opens,
            closes=opening.closes,
            room=opening.rooms.get(day.weekday()),
        )
        for opening in at.appointments
        if day.weekday() in opening.days
    }
    return tuple(found[hours] for hours in sorted(found))


def days_from(day: date, count: int) -> Iterator[date]:
    """Give so many days from one on."""
    return (day + timedelta(days=number) for number in range(count))


class SlotAppointment(Protocol):
    """An appointment as the slots see it; ``position`` is that of the entry that put it there."""

    @property
    def on(self) -> date:
        """The day."""
        ...

    @property
    def hours(self) -> str:
        """The hours, as :attr:`Slot.hours`."""
        ...

    @property
    def position(self) -> int:
        """The place of the entry in the journal."""
        ...


B = TypeVar("B", bound=SlotAppointment)
Unkept = Literal["gone", "over"]
"""Why an appointment cannot be kept: there is no such slot any more, or it has room for fewer."""


def unkept(booked: Iterable[B], slots: Mapping[SlotKey, Slot]) -> list[tuple[B, Unkept]]:
    """Give the appointments that a campaign's slots do not have room for, last booked last."""
    found: list[tuple[B, Unkept]] = []
    taken: Counter[SlotKey] = Counter()
    for appointment in sorted(booked, key=lambda asked: asked.position):
        slot = slots.get((appointment.on, appointment.hours))
        if slot is None:
            found.append((appointment, "gone"))
            continue
        taken[slot.key] += 1
        if slot.room is not None and taken[slot.key] > slot.room:
            found.append((appointment, "over"))
    return found


def next_with_room(states: Sequence[SlotState], now: datetime, after: SlotKey) -> SlotState | None:
    """Give the first slot with room from a day and hour on, of slots in their order."""
    later = (state for state in states if state.slot.key > after)
    return next((state for state in later if not state.full and not state.slot.is_over(now)), None)
