"""The list of a day: who is expected in which slot, and who came; and who must be called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from edge.domain.catalogue import Catalogue
from edge.domain.slots import SlotState
from edge.journal import views
from edge.services.appointments.room import slot_states
from edge.services.appointments.unkept import UnkeptAppointment, unkept_appointments
from edge.services.csv_lines import csv_lines
from edge.services.site import Site

if TYPE_CHECKING:
    from sqlite_utils import Database

COLUMNS = (
    "day", "slot", "programme", "code", "name", "birthDate", "phone", "district", "state",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SlotList:
    """Those who are expected in the slot of a programme, by their names.

    ``state`` is None where the campaign in force has no such slot.
    """

    programme: str
    hours: str
    state: SlotState | None
    records: tuple[views.AppointmentRecord, ...]


@dataclass(frozen=True, slots=True)
class DayList:
    """A facility's day, slot by slot; ``unkept`` are all that the campaign has no place for."""

    on: date
    slots: tuple[SlotList, ...]
    unkept: tuple[UnkeptAppointment, ...]

    @property
    def records(self) -> Iterator[views.AppointmentRecord]:
        """The appointments of the day, slot by slot."""
        return (record for slot in self.slots for record in slot.records)


def day_list(db: Database, site: Site, catalogue: Catalogue, on: date) -> DayList:
    """Give who is expected at the site on a day, and for how many there is room."""
    zone = site.clock.zone
    expected = views.appointments_on(db, site.facility, on, zone)
    states = _states(db, site, catalogue, on)
    keys = {(record.hours, record.programme) for record in expected} | states.keys()
    slots = [
        SlotList(
            programme,
            hours,
            states.get((hours, programme)),
            tuple(
                sorted(
                    (
                        asked
                        for asked in expected
                        if (asked.hours, asked.programme) == (hours, programme)
                    ),
                    key=lambda record: record.person.name,
                )
            ),
        )
        for hours, programme in sorted(keys)
    ]
    unkept = unkept_appointments(db, catalogue, site.facility, site.clock.today(), zone)
    return DayList(on, tuple(slots), tuple(unkept))


def _states(
    db: Database, site: Site, catalogue: Catalogue, on: date
) -> dict[tuple[str, str], SlotState]:
    facility = catalogue.facilities.get(site.facility)
    if facility is None:
        return {}
    return {
        (state.slot.hours, programme.id): state
        for programme in catalogue.programmes.values()
        for state in slot_states(db, site, facility, programme, on, 1)
    }


def as_csv(found: DayList, today: date) -> Iterator[str]:
    """Write a day's list as CSV, slot by slot."""
    return csv_lines(
        COLUMNS,
        (
            (
                record.on,
                record.hours,
                record.programme,
                record.person.code,
                record.person.name,
                record.person.born_text,
                record.person.phone,
                record.person.address.district,
                record.state(today),
            )
            for record in found.records
        ),
    )
