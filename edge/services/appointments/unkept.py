"""Appointments that a campaign has no slot or no room for: these people must be called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, tzinfo
from typing import TYPE_CHECKING

from edge.domain.catalogue import Catalogue
from edge.domain.slots import Slot, Unkept, slots_on, unkept
from edge.journal import views

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class UnkeptAppointment:
    """An appointment that cannot be kept: its slot is ``gone``, or ``over`` its room."""

    record: views.AppointmentRecord
    why: Unkept


def unkept_appointments(
    db: Database, catalogue: Catalogue, facility: str, today: date, zone: tzinfo
) -> list[UnkeptAppointment]:
    """Give a facility's appointments to come that cannot be kept by a campaign, by their days.

    Only the days of slots that are gone or have too many are read: there may be thousands to come.
    """
    booked = views.booked_from(db, facility, today)
    slots = {
        (programme, slot.key): slot
        for programme in {programme for programme, _ in booked}
        for slot in _slots(catalogue, facility, programme, {day for _, (day, _) in booked})
    }
    days = {
        (programme, key[0])
        for (programme, key), count in booked.items()
        if (slot := slots.get((programme, key))) is None
        or (slot.room is not None and count > slot.room)
    }
    found = []
    for programme, day in days:
        open_ = [
            record
            for record in views.appointments_on(db, facility, day, zone)
            if record.programme == programme and record.opens(today)
        ]
        of_it = {key: slot for (owner, key), slot in slots.items() if owner == programme}
        found += [UnkeptAppointment(record, why) for record, why in unkept(open_, of_it)]
    return sorted(found, key=lambda one: (one.record.on, one.record.hours, one.record.position))


def _slots(catalogue: Catalogue, facility: str, programme: str, days: set[date]) -> list[Slot]:
    at, plan = catalogue.facilities.get(facility), catalogue.programmes.get(programme)
    if at is None or plan is None:
        return []
    return [slot for day in days for slot in slots_on(at, plan, day)]
