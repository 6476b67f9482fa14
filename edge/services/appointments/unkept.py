"""Appointments that a campaign has no slot or no room for: these people must be called."""

from __future__ import annotations

from collections import defaultdict
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
    """Give a facility's appointments to come that cannot be kept by a campaign, by their days."""
    by_programme: dict[str, list[views.AppointmentRecord]] = defaultdict(list)
    for record in views.appointments_from(db, facility, today, zone):
        if record.opens(today):
            by_programme[record.programme].append(record)
    found = []
    for programme, records in by_programme.items():
        slots = _slots(catalogue, facility, programme, {record.on for record in records})
        found += [
            UnkeptAppointment(record, why)
            for record, why in unkept(records, {slot.key: slot for slot in slots})
        ]
    return sorted(found, key=lambda one: (one.record.on, one.record.hours, one.record.position))


def _slots(catalogue: Catalogue, facility: str, programme: str, days: set[date]) -> list[Slot]:
    at, plan = catalogue.facilities.get(facility), catalogue.programmes.get(programme)
    if at is None or plan is None:
        return []
    return [slot for day in days for slot in slots_on(at, plan, day)]
