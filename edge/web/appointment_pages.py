"""The pages of appointments: the list of a day, and the slots that somebody is booked into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Response, redirect, request

from edge.domain.catalogue import Catalogue, Programme
from edge.domain.errors import EdgeError, NotFound
from edge.domain.modules import APPOINTMENTS, met
from edge.domain.people import Person
from edge.domain.slots import FARTHEST, SlotKey, SlotState, next_with_room
from edge.domain.visits import PlannedVisit
from edge.journal import views
from edge.journal.coming_visits import coming_visits
from edge.journal.views import AppointmentRecord, DoseRecord
from edge.services.appointments.day_list import as_csv, day_list
from edge.services.appointments.room import slot_states
from edge.web import calls, serializers
from edge.web.appointment_words import APPOINTMENT_WORDS
from edge.web.noting import showed
from edge.web.visit import Answer, Visit, form_date, form_missing, page_or_refusal

_DAYS = 14
"""Days whose slots are on one page."""
_PLANNED = 3
"""Coming visits that lead to their day."""
_A_YEAR = timedelta(days=366)


def appointments(visit: Visit) -> Answer:
    """List who is expected on a day, who came, and who must be called."""
    site = visit.backend.site
    on = calls.query_day(request.args.get("on", ""), "on") or site.clock.today()
    with visit.backend.journal.reading() as db:
        catalogue = site.catalogues.current(db)
        found = day_list(db, site, catalogue, on)
    showed(record.person.id for record in found.records)
    showed(unkept.record.person.id for unkept in found.unkept)
    return visit.page(
        "appointments.html",
        found=found,
        today=site.clock.today(),
        now=site.clock.now().astimezone(site.clock.zone),
        before=on - timedelta(days=1) if on > date.min else on,
        after=on + timedelta(days=1) if on < date.max else on,
        programmes=catalogue.ever.programmes,
        words=APPOINTMENT_WORDS,
    )


def appointments_csv(visit: Visit) -> Answer:
    """Give who is expected on a day as a file."""
    site = visit.backend.site
    on = calls.query_day(request.args.get("on", ""), "on") or site.clock.today()
    with visit.backend.journal.reading() as db:
        found = day_list(db, site, site.catalogues.current(db), on)
    showed(record.person.id for record in found.records)
    return Response(
        (line.encode() for line in as_csv(found, site.clock.today())),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="appointments-{on}.csv"'},
    )


def book_appointment(visit: Visit, id_: str) -> Answer:
    """Book a person into a slot, from what is planned or from a day that is typed."""
    problem = None
    if request.method == "POST":
        try:
            programme = visit.form.get("programme") or form_missing("programme")
            told = {"type": "BookAppointment", "person": id_, "programme": programme}
            visit.take({**told, **_slot_typed(visit)})
            return redirect(f"/people/{id_}", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = error
    with visit.backend.journal.reading() as db:
        person = calls.known_person(db, id_)
    return _slots_page(visit, person, None, problem)


def move_appointment(visit: Visit, id_: str) -> Answer:
    """Put an appointment into another slot."""
    record, problem = _known(visit, id_), None
    if request.method == "POST":
        try:
            visit.take({"type": "MoveAppointment", "appointment": id_, **_slot_typed(visit)})
            return redirect(f"/people/{record.person.id}", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = error
    showed([record.person.id])
    return _slots_page(visit, record.person, record, problem)


def appointments_shown(visit: Visit, id_: str) -> list[AppointmentRecord]:
    """Give what a person's page shows of appointments; nothing where the module does not run."""
    if not met(APPOINTMENTS, visit.backend.running()):
        return []
    with visit.backend.journal.reading() as db:
        return views.appointments_of(db, id_, visit.backend.site.clock.zone)


def left_open_by(visit: Visit, given: DoseRecord) -> list[AppointmentRecord]:
    """Give the appointments that a dose came before: booked earlier, for its programme, to come."""
    today = visit.backend.site.clock.today()
    return [
        record
        for record in appointments_shown(visit, given.person.id)
        if record.opens(today)
        and record.programme == given.dose.programme
        and record.on > given.dose.on
        and record.booked_at < given.given_at
    ]


def cancel_appointment(visit: Visit, id_: str) -> Answer:
    """Expect somebody no more; then show the dose after which it was asked, or the person."""
    record = _known(visit, id_)
    reason = visit.form.get("reason", "").strip()[:200] or form_missing("reason")
    visit.take({"type": "CancelAppointment", "appointment": id_, "reason": reason})
    with visit.backend.journal.reading() as db:
        dose = views.recorded(db, visit.form.get("dose", ""))
    page = f"/doses/{dose.dose.id}" if dose else f"/people/{record.person.id}"
    return redirect(page, 303)  # type: ignore[return-value]


def _known(visit: Visit, id_: str) -> AppointmentRecord:
    with visit.backend.journal.reading() as db:
        record = views.appointment(db, id_, visit.backend.site.clock.zone)
    if record is None:
        raise NotFound("appointment.unknown", "There is no such appointment here.")
    return record


def _slot_typed(visit: Visit) -> dict[str, str]:
    on, _, hours = (visit.form.get("at") or form_missing("at")).partition("|")
    return {"on": form_date(on, "at"), "slot": hours[:20]}


@dataclass(frozen=True, slots=True)
class _Offer:
    """The slots from a day on, and the coming visits that lead to their days."""

    programme: Programme | None
    first: date
    states: list[SlotState]
    planned: tuple[PlannedVisit, ...]


def _slots_page(
    visit: Visit, person: Person, record: AppointmentRecord | None, problem: EdgeError | None
) -> Answer:
    site = visit.backend.site
    today = site.clock.today()
    with visit.backend.journal.reading() as db:
        catalogue = site.catalogues.current(db)
        plan = coming_visits(
            *(db, catalogue, site.facility, person, today, site.clock.zone), today + _A_YEAR
        )
        offer = _offered(visit, db, catalogue, record, plan.visits)
    said = serializers.problem(problem, visit.language) if problem else None
    drawn = visit.page(
        "book.html",
        person=person,
        record=record,
        offer=offer,
        days=_by_day(offer.states),
        chosen=_chosen(visit, offer),
        now=site.clock.now().astimezone(site.clock.zone),
        today=today,
        last=today + FARTHEST,
        later=min(offer.first + timedelta(days=_DAYS), today + FARTHEST),
        programmes=[plan for plan in catalogue.programmes.values() if plan.active],
        vaccines=catalogue.ever.vaccines,
        problem=said,
    )
    return page_or_refusal(said, drawn)


def _offered(
    visit: Visit,
    db: Any,
    catalogue: Catalogue,
    record: AppointmentRecord | None,
    visits: tuple[PlannedVisit, ...],
) -> _Offer:
    site, today = visit.backend.site, visit.backend.site.clock.today()
    coming = [planned for planned in visits if planned.on > today] or list(visits)
    asked = record.programme if record else _said(visit, "programme")
    if not asked and coming:
        asked = coming[0].doses[0].programme
    known = {plan.id: plan for plan in catalogue.programmes.values() if plan.active}
    programme = known.get(asked) or (next(iter(known.values()), None) if not record else None)
    of_it = [day for day in coming if any(dose.programme == asked for dose in day.doses)]
    planned = tuple(of_it[:_PLANNED])
    first = _first_day(visit, record, planned)
    facility = catalogue.facilities.get(record.facility if record else site.facility)
    states = (
        slot_states(db, site, facility, programme, first, _DAYS) if facility and programme else []
    )
    return _Offer(programme, first, states, planned)


def _first_day(
    visit: Visit, record: AppointmentRecord | None, planned: tuple[PlannedVisit, ...]
) -> date:
    """Give the day whose slots come first: the one asked for, of the appointment, of the plan."""
    today = visit.backend.site.clock.today()
    typed = _typed_slot(visit)
    asked = typed[0] if typed else calls.query_day(request.args.get("from", ""), "from")
    if asked is None:
        asked = record.on if record else planned[0].on if planned else today
    return min(max(asked, today), today + FARTHEST)


def _said(visit: Visit, name: str) -> str:
    return visit.form.get(name, "") or request.args.get(name, "")


def _by_day(states: list[SlotState]) -> list[tuple[date, list[SlotState]]]:
    days: dict[date, list[SlotState]] = {}
    for state in states:
        days.setdefault(state.slot.on, []).append(state)
    return list(days.items())


def _chosen(visit: Visit, offer: _Offer) -> tuple[date, str] | None:
    """Give the slot to begin with: where one was asked for that has no room, the next that has."""
    clock = visit.backend.site.clock
    now = clock.now().astimezone(clock.zone)
    found = next_with_room(offer.states, now, _typed_slot(visit) or (date.min, ""))
    return found.slot.key if found else None


def _typed_slot(visit: Visit) -> SlotKey | None:
    """Give the slot that the form at hand asks for; none where it is not one."""
    on, _, hours = visit.form.get("at", "").partition("|")
    try:
        return date.fromisoformat(on), hours
    except ValueError:
        return None
