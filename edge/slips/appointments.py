"""What the slips of appointments can say: when one person is to come, and who comes on a day."""

from __future__ import annotations

from datetime import date, tzinfo
from itertools import groupby
from typing import TYPE_CHECKING

from edge.domain.catalogue import Catalogue
from edge.domain.errors import Conflict
from edge.journal import views
from edge.journal.views import AppointmentRecord, DoseRecord
from edge.slips.layout import Values
from edge.slips.speech import Speech
from edge.slips.values import person_values

if TYPE_CHECKING:
    from sqlite_utils import Database

_STATES = {"vaccinated": "vaccinated", "came": "came", "missed": "did not come"}
"""What stands beside a name on the list of a day; who is still expected has nothing there."""


def appointment_values(record: AppointmentRecord, catalogue: Catalogue, speech: Speech) -> Values:
    """Say when somebody is expected, and where; raises :class:`Conflict` for a cancelled one."""
    if record.cancelled_at:
        raise Conflict(
            "appointment.cancelled",
            "This appointment was cancelled already.",
            hint="Book another one.",
            field="subject",
        )
    facility = catalogue.find_facility(record.facility)
    programme = catalogue.find_programme(record.programme)
    return {
        **person_values(record.person, record.on, speech, catalogue.identities),
        "facility": facility.name if facility else record.facility,
        "facility_code": record.facility,
        "programme_name": programme.name if programme else record.programme,
        "next_date": speech.day(record.on),
        "slot": record.hours,
    }


def next_appointment(
    db: Database, dose: DoseRecord, today: date, zone: tzinfo
) -> AppointmentRecord | None:
    """Give the first appointment to come of a dose's person and programme."""
    found = views.appointments_of(db, dose.person.id, zone)
    coming = (asked for asked in found if asked.on > dose.dose.on and asked.opens(today))
    return next((asked for asked in coming if asked.programme == dose.dose.programme), None)


def expected_values(
    records: list[AppointmentRecord], day: date, today: date, catalogue: Catalogue, speech: Speech
) -> Values:
    """Say who is expected on a day, slot by slot, and who has come."""
    say, number = speech.say, speech.number

    def programme(code: str) -> str:
        found = catalogue.find_programme(code)
        return found.name if found else code

    ordered = sorted(records, key=lambda one: (one.hours, one.programme, one.person.name))
    slots = [
        (*key, list(people))
        for key, people in groupby(ordered, key=lambda one: (one.hours, one.programme))
    ]
    return {
        "date": speech.day(day),
        "total": number(len(records)),
        "slots": [
            {
                "hours": hours or say("The whole day"),
                "programme": programme(code),
                "count": number(len(people)),
                "people": [
                    {
                        "name": record.person.name,
                        "person_code": record.person.code,
                        "state": say(_STATES.get(record.state(today), "")),
                    }
                    for record in people
                ],
            }
            for hours, code, people in slots
        ],
    }
