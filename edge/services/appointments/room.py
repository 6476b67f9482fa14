"""For how many there is room in which slot, and the refusal of a slot that has none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from edge.domain.catalogue import Catalogue, Facility, Programme
from edge.domain.errors import BadInput, Conflict, EdgeError
from edge.domain.slots import (
    FARTHEST,
    Slot,
    SlotKey,
    SlotState,
    days_from,
    next_with_room,
    programme_at,
    slots_on,
)
from edge.journal import views
from edge.services.site import Site
from sync.protocol.counted import Counted

if TYPE_CHECKING:
    from sqlite_utils import Database

_AHEAD = 60
"""Days that are looked through for the next slot with room."""


def slot_states(
    db: Database,
    site: Site,
    facility: Facility,
    programme: Programme,
    first: date,
    days: int,
    preview: Sequence[Database] = (),
) -> list[SlotState]:
    """Give the slots of so many days from one on, in their order, each with who was booked.

    Of another facility nobody here knows who was booked. ``preview`` is what an import that is only
    tried would have written.
    """
    slots = [slot for day in days_from(first, days) for slot in slots_on(facility, programme, day)]
    if facility.code != site.facility or not slots:
        return [SlotState(slot) for slot in slots]
    booked: Counter[SlotKey] = Counter()
    for each in (db, *preview):
        booked += views.booked(each, facility.code, programme.id, first, slots[-1].on)
    at, today = programme_at(facility, programme.id), site.clock.today()
    came = []
    if at is not None and at.walk_ins_take_room and any(slot.on == today for slot in slots):
        moments = views.walk_ins(db, facility.code, programme.id, today)
        came = [moment.astimezone(site.clock.zone) for moment in moments]
    return [
        SlotState(slot, booked[slot.key], sum(slot.holds(moment) for moment in came))
        for slot in slots
    ]


def check_slot(
    db: Database,
    site: Site,
    catalogue: Catalogue,
    facility_code: str,
    programme_id: str,
    on: date,
    hours: str,
    preview: Sequence[Database] = (),
) -> None:
    """Refuse a slot that there is not, that is over, or that has no room; names the next.

    Raises :class:`BadInput` and :class:`Conflict`.
    """
    facility = known_facility(catalogue, facility_code)
    programme = catalogue.programmes[programme_id]
    now = site.clock.now().astimezone(site.clock.zone)
    if on > now.date() + FARTHEST:
        raise BadInput(
            "appointment.far",
            "The day {on} is more than two years away.",
            hint="Check the day.",
            field="on",
            on=on,
        )
    states = slot_states(db, site, facility, programme, max(on, now.date()), _AHEAD, preview)
    on_day = [state for state in states if state.slot.on == on]
    asked = next((state for state in on_day if state.slot.hours == hours), None)
    if on < now.date() or (asked is not None and asked.slot.is_over(now)):
        raise BadInput(
            "appointment.over",
            "This time is over already.",
            hint="Choose a day and an hour to come.",
            field="on",
        )
    if asked is None:
        raise _no_such_slot(facility, programme, on, on_day, states)
    if asked.full:
        raise _full(asked, next_with_room(states, now, asked.slot.key))


def known_facility(catalogue: Catalogue, code: str) -> Facility:
    """Find a facility that is in force; raises :class:`BadInput`."""
    facility = catalogue.facilities.get(code)
    if facility is None:
        raise BadInput(
            "facility.unknown",
            "The facility {facility} is not in the campaign in force.",
            hint="Check its code.",
            field="facility",
            facility=code[:40],
        )
    return facility


def _no_such_slot(
    facility: Facility,
    programme: Programme,
    on: date,
    on_day: list[SlotState],
    states: list[SlotState],
) -> EdgeError:
    if on_day:
        return BadInput(
            "appointment.no-slot",
            "{programme} has no such slot at {facility} on {on}.",
            hint="Choose one of: {known}.",
            field="slot",
            programme=programme.name,
            facility=facility.name,
            on=on,
            known=", ".join(state.slot.hours for state in on_day if state.slot.hours) or "—",
        )
    later = next((state.slot.on for state in states if state.slot.on > on), None)
    return BadInput(
        "appointment.no-session",
        "{programme} has no session at {facility} on {on}.",
        hint="The next one is on {next}." if later else "Ask the programme office for its days.",
        field="on",
        programme=programme.name,
        facility=facility.name,
        on=on,
        next=later,
    )


def _full(asked: SlotState, later: SlotState | None) -> Conflict:
    hint: str = Counted(
        "No other slot has room in the next {days} day.",
        "No other slot has room in the next {days} days.",
    )
    if later is not None:
        hint = "The next with room is on {next_on}: {next_slot}."
        hint = hint if later.slot.hours else "The next day with room is {next_on}."
    return Conflict(
        "appointment.full",
        _sentence(asked.slot),
        hint=hint,
        field="slot",
        slot=asked.slot.hours,
        on=asked.slot.on,
        room=asked.slot.room,
        next_on=later.slot.on if later else None,
        next_slot=later.slot.hours if later else "",
        days=_AHEAD,
    )


def _sentence(slot: Slot) -> str:
    if slot.hours:
        return "The slot {slot} on {on} is full: it has room for {room}."
    return "The day {on} is full: it has room for {room}."
