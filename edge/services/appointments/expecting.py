"""By a person's appointments: whether they are expected here today, and what is said of a dose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.approval import ApprovalOutcome
from edge.domain.catalogue import Catalogue, Facility, Programme
from edge.domain.expected import Expectation, against_appointments
from edge.domain.modules import APPOINTMENTS, met
from edge.domain.slots import programme_at
from edge.journal import views
from edge.services.appointments.room import slot_states
from edge.services.site import Site

if TYPE_CHECKING:
    from sqlite_utils import Database


def expectations(
    db: Database, site: Site, catalogue: Catalogue, person: str, programme: str
) -> list[Expectation]:
    """Give when a person is expected for a programme from today on; nothing without the module."""
    if not met(APPOINTMENTS, site.running(catalogue)):
        return []
    today = site.clock.today()
    found = []
    for record in views.appointments_of(db, person, site.clock.zone):
        if record.programme == programme and record.on >= today and not record.cancelled_at:
            facility = catalogue.find_facility(record.facility)
            name = facility.name if facility else record.facility
            here = record.facility == site.facility
            found.append(Expectation(record.on, record.hours, here, name))
    return found


def by_appointments(
    db: Database,
    site: Site,
    catalogue: Catalogue,
    facility: Facility,
    programme: Programme,
    expected: list[Expectation],
) -> ApprovalOutcome:
    """Say what speaks against a dose now by the appointments of its person and of everybody."""
    at = programme_at(facility, programme.id)
    if at is None or not met(APPOINTMENTS, site.running(catalogue)):
        return ApprovalOutcome()
    if not expected and not at.walk_ins_take_room:
        return ApprovalOutcome()  # nobody asks how full the day's slots are
    now = site.clock.now().astimezone(site.clock.zone)
    return against_appointments(
        expected,
        now,
        slot_states(db, site, facility, programme, now.date(), 1),
        catalogue.approval.appointment,
        walk_ins_take_room=at.walk_ins_take_room,
    )
