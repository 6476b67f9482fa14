"""What is said of a dose to somebody who is expected at another time, on another day, elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from edge.domain.approval import ApprovalOutcome
from edge.domain.eligibility import Otherwise, refusal_of
from edge.domain.errors import Refusal
from edge.domain.slots import SlotState
from sync.protocol.counted import Counted


@dataclass(frozen=True, slots=True)
class Expectation:
    """When and where somebody is expected; ``here``: at this facility, ``hours`` of the slot."""

    on: date
    hours: str
    here: bool
    facility_name: str


def expected_today(expected: Sequence[Expectation], today: date) -> bool:
    """Say whether somebody has an appointment at this facility on the day."""
    return any(appointment.here and appointment.on == today for appointment in expected)


def against_appointments(
    expected: Sequence[Expectation],
    now: datetime,
    states: Sequence[SlotState],
    otherwise: Otherwise,
    *,
    walk_ins_take_room: bool,
) -> ApprovalOutcome:
    """Say what speaks against a dose now, by a person's appointments and the room of the slot.

    ``now`` is in the site's own time, ``states`` are the slots of the day. Nothing holds a dose up
    unless ``otherwise`` says so.
    """
    found = tuple(_found(expected, now, states, otherwise, walk_ins_take_room))
    return ApprovalOutcome(advice=found) if otherwise == "advise" else ApprovalOutcome(found)


def _found(
    expected: Sequence[Expectation],
    now: datetime,
    states: Sequence[SlotState],
    otherwise: Otherwise,
    walk_ins_take_room: bool,
) -> Iterator[Refusal]:
    today = [asked for asked in expected if asked.here and asked.on == now.date()]
    current = [state for state in states if state.slot.holds(now)]
    if today:
        slots = {state.slot.hours for state in current}
        if all(appointment.hours and appointment.hours not in slots for appointment in today):
            yield _told(otherwise, today[0], "appointment.other-time")
        return
    if expected:
        yield _told(
            otherwise,
            expected[0],
            "appointment.other-day" if expected[0].here else "appointment.elsewhere",
        )
    if walk_ins_take_room and current and all(state.full for state in current):
        yield refusal_of(
            otherwise,
            "appointment.no-room",
            Counted(
                "The places of this hour are taken: {booked} person is booked.",
                "The places of this hour are taken: {booked} people are booked.",
            ),
            hint="Those who are booked come first. Offer another time.",
            field="on",
            booked=max(state.booked for state in current),
        )


_SENTENCES = {
    "appointment.other-time": "This person is expected today at another time: {slot}.",
    "appointment.other-day": "This person is expected on {on}.",
    "appointment.elsewhere": "This person is expected on {on} at another facility: {facility}.",
}


def _told(otherwise: Otherwise, appointment: Expectation, code: str) -> Refusal:
    return refusal_of(
        otherwise,
        code,
        _SENTENCES[code],
        hint="Move or cancel the appointment where the person is vaccinated now.",
        field="on",
        slot=appointment.hours,
        on=appointment.on,
        facility=appointment.facility_name,
    )
