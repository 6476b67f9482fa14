"""The API of appointments: the slots of a programme, the list of a day, those of a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from edge.domain.errors import BadInput
from edge.domain.identities import IdentityRules
from edge.domain.numbers import typed_number
from edge.domain.slots import SlotState
from edge.journal.views import AppointmentRecord, appointments_of
from edge.services.appointments.day_list import DayList, as_csv, day_list
from edge.services.appointments.room import known_facility, slot_states
from edge.services.lookups import check_programme
from edge.web.appointment_answers import (
    AppointmentAnswer,
    AppointmentDayAnswer,
    SlotAnswer,
    UnkeptAnswer,
)
from edge.web.calls import ApiInput, known_person, query_day
from edge.web.noting import showed
from edge.web.serializers import answer_of, person_answer

_USUAL_DAYS, _MOST_DAYS = 14, 92


def slots(call: ApiInput) -> list[SlotAnswer]:
    """Give the slots of a programme from a day on, with what is left of each.

    ``from`` is today by default, ``days`` 14; ``facility`` another one, of which nobody here knows
    who was booked.
    """
    site = call.backend.site
    days = typed_number(call.query.get("days", str(_USUAL_DAYS)))
    if days is None or not 0 < days <= _MOST_DAYS:
        raise BadInput(
            "appointment.days",
            "The number of days is from 1 to {most}.",
            hint="Ask for fewer days at a time.",
            field="days",
            most=_MOST_DAYS,
        )
    first = query_day(call.query.get("from", ""), "from") or site.clock.today()
    programme = call.query.get("programme", "")
    with call.backend.journal.reading() as db:
        catalogue = site.catalogues.current(db)
        check_programme(catalogue, programme)
        facility = known_facility(catalogue, call.query.get("facility", "") or site.facility)
        plan = catalogue.programmes[programme]
        found = slot_states(db, site, facility, plan, first, days)
    return [slot_answer(programme, state) for state in found]


def appointments(call: ApiInput) -> AppointmentDayAnswer:
    """Give who is expected on a day (query ``on``, today by default), and who must be called."""
    today, rules = call.backend.site.clock.today(), call.backend.site.identities.rules()
    found = _asked(call)
    showed(record.person.id for record in found.records)
    showed(unkept.record.person.id for unkept in found.unkept)
    return AppointmentDayAnswer(
        on=found.on,
        slots=[slot_answer(slot.programme, slot.state) for slot in found.slots if slot.state],
        appointments=[appointment_answer(record, rules, today) for record in found.records],
        unkept=[
            UnkeptAnswer(
                appointment=appointment_answer(unkept.record, rules, today), why=unkept.why
            )
            for unkept in found.unkept
        ],
    )


def appointments_csv(call: ApiInput) -> Iterator[bytes]:
    """Give who is expected on a day as CSV."""
    found = _asked(call)
    showed(record.person.id for record in found.records)
    return (line.encode() for line in as_csv(found, call.backend.site.clock.today()))


def person_appointments(call: ApiInput) -> list[AppointmentAnswer]:
    """Give a person's appointments by their days, also those that were cancelled."""
    clock = call.backend.site.clock
    with call.backend.journal.reading() as db:
        person = known_person(db, call.values["id"])
        found = appointments_of(db, person.id, clock.zone)
    rules = call.backend.site.identities.rules()
    return [appointment_answer(record, rules, clock.today()) for record in found]


def slot_answer(programme: str, state: SlotState) -> SlotAnswer:
    """Answer a slot with what is left of it."""
    slot = state.slot
    return answer_of(SlotAnswer, state, programme=programme, on=slot.on, slot=slot.hours,
                     room=slot.room)  # fmt: skip


def appointment_answer(
    record: AppointmentRecord, rules: IdentityRules, today: date
) -> AppointmentAnswer:
    """Answer an appointment as it stands on a day."""
    return answer_of(
        AppointmentAnswer,
        record,
        person=person_answer(record.person, rules),
        slot=record.hours,
        state=record.state(today),
    )


def _asked(call: ApiInput) -> DayList:
    site = call.backend.site
    on = query_day(call.query.get("on", ""), "on") or site.clock.today()
    with call.backend.journal.reading() as db:
        return day_list(db, site, site.catalogues.current(db), on)
