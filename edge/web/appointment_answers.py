"""What the API answers of appointments."""

from __future__ import annotations

from datetime import date
from typing import Literal

from edge.web.answer import Answer
from edge.web.people_answers import PersonAnswer


class SlotAnswer(Answer, frozen=True):
    """A slot of a programme on a day; ``slot`` is from when to when, empty for the whole day.

    ``room`` and ``left`` are numbers of people, left out where there is room for any. ``walkIns``
    are counted where they take room.
    """

    programme: str
    on: date
    slot: str
    booked: int
    walk_ins: int = 0
    room: int | None = None
    left: int | None = None


class AppointmentAnswer(Answer, frozen=True):
    """An appointment, and how it stands today.

    ``came``: the person was here that day; ``vaccinated``: given a dose of the programme, whose id
    is ``dose``; ``missed``: the day is over. ``freed`` is the status of the person that freed the
    place.
    """

    id: str
    person: PersonAnswer
    programme: str
    facility: str
    on: date
    slot: str
    state: Literal["expected", "came", "vaccinated", "missed", "cancelled"]
    source: str
    booked_at: str
    booked_by: str
    changed_at: str = ""
    cancelled_at: str = ""
    reason: str = ""
    freed: str = ""
    dose: str = ""


class UnkeptAnswer(Answer, frozen=True):
    """An appointment that cannot be kept: its slot is ``gone``, or it is ``over`` its room."""

    appointment: AppointmentAnswer
    why: Literal["gone", "over"]


class AppointmentDayAnswer(Answer, frozen=True):
    """Who is expected on a day, slot by slot; ``unkept``: everybody who must be called."""

    on: date
    slots: list[SlotAnswer]
    appointments: list[AppointmentAnswer]
    unkept: list[UnkeptAnswer]
