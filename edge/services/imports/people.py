"""Who is expected: a row of DIVOC's enrolments."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from edge.campaign.divoc_csv import Enrolment
from edge.domain.errors import BadInput, EdgeError
from edge.domain.identities import with_own_code
from edge.domain.modules import APPOINTMENTS, met
from edge.domain.people import Person
from edge.journal import views
from edge.journal.derived_ids import derived_id
from edge.journal.entries import entries_of_type, entry
from edge.journal.unit import Unit
from edge.services.appointments.booking import comes, when
from edge.services.appointments.room import check_slot
from edge.services.imports.books import Books
from edge.services.imports.own_bookings import check_own, has_booked, is_of_enrolment
from edge.services.imports.reports import ImportOptions, Question
from edge.services.imports.rows import Taker
from edge.services.imports.whose import check_same, named_or_asked
from edge.services.people.register_person import fresh_code, person_body
from edge.services.site import Site

WITHDRAWN = "The enrolment was withdrawn"
"""Why an appointment is cancelled that came with an enrolment."""
CALLED_OFF = "The scheduler called it off"
"""Why an appointment is cancelled that a scheduler takes back."""
_APPOINTMENT_COLUMNS = {"on": "appointmentDate", "slot": "appointmentSlot"}
_COLUMNS = {"name": "name", "birthDate": "dob", "gender": "gender"}


@dataclass(frozen=True, slots=True)
class NamedPeople:
    """The nation's list that rows are of, and the ids of the people whom they name, each once."""

    list: str
    people: dict[str, None] = field(default_factory=dict)


def enrolling(
    file: str, site: Site, programme: str, how: ImportOptions, named: NamedPeople | None = None
) -> Taker[Enrolment]:
    """Make what registers the people expected at a site, for a programme, and books them.

    ``named`` is where it is noted whom rows of a list name, new here or not.
    """

    def take(unit: Unit, books: Books, row: int, enrolment: Enrolment) -> bool | Question:
        if enrolment.cancelled:
            return _call_off(unit, books, site, programme, enrolment, how)
        found = _registered(unit, books, row, enrolment)
        if isinstance(found, Question):
            return found
        id_, new = found
        if named is not None:
            named.people[id_] = None
        return _book(unit, books, site, programme, id_, enrolment, how, anew=new) or new

    def _registered(
        unit: Unit, books: Books, row: int, enrolment: Enrolment
    ) -> tuple[str, bool] | Question:
        """Give the id of a row's person, and whether they are new."""
        person = enrolment.person
        _check_facility(enrolment.facility, site.facility)
        id_ = _id(books, enrolment)
        if books.has(id_):
            return id_, _expect(unit, books, id_, programme, site, how, expected=True)
        known = _known(books, file, row, person, how)
        if isinstance(known, Question):
            return known
        if known:
            return known, False
        person = replace(person, id=id_, code=person.code or fresh_code(site.ids))
        person = with_own_code(person)
        body = {
            "person": person_body(person),
            "source": "enrolment",
            "programme": programme,
            "facility": enrolment.facility,
            "dose": enrolment.dose,
            **({"list": named.list} if named else {}),
        }
        unit.append("PersonRegistered", body, id_=id_, by=how.by)
        return id_, True

    return take


def _book(
    unit: Unit,
    books: Books,
    site: Site,
    programme: str,
    person: str,
    enrolment: Enrolment,
    how: ImportOptions,
    *,
    anew: bool,
) -> bool:
    """Book who was enrolled for a day to come; false where nothing is to be booked.

    ``anew``: the enrolment is, and what was booked for one before is not looked at. Raises
    :class:`BadInput` for a slot that there is not, or without room: the person is enrolled all the
    same.
    """
    on, zone = enrolment.on, site.clock.zone
    catalogue = site.catalogues.current(books.journal)
    if on is None or on < site.clock.today() or not met(APPOINTMENTS, site.running(catalogue)):
        return False
    earlier = _earlier(books, site, person, programme, enrolment, how)
    if earlier is not None:
        return _move(unit, books, site, earlier, enrolment, how)
    if how.outside:
        check_own(books.journal, site, (person, programme), (on, enrolment.slot), how.by)
    told = {
        "person": person,
        "programme": programme,
        "facility": site.facility,
        **when(on, enrolment.slot),
        "source": "enrolment",
    }
    id_ = derived_id("appointment", told)
    known = views.person(books.journal, person)
    if books.has(id_):
        if not anew:
            return False
        id_ = site.ids.new()
    if books.is_expected(person, programme, on, zone):
        return False
    if known is not None and not comes(known):
        return False
    _check_room(books, site, programme, on, enrolment.slot)
    named = {"enrolment": enrolment.osid} if enrolment.osid else {}
    unit.append("AppointmentBooked", {**told, **named}, id_=id_, by=how.by)
    return True


def _check_room(books: Books, site: Site, programme: str, on: date, slot: str) -> None:
    """Refuse a slot that there is not, or without room, by the column that names it."""
    catalogue = site.catalogues.current(books.journal)
    try:
        check_slot(
            *(books.journal, site, catalogue, site.facility, programme, on, slot), books.preview
        )
    except EdgeError as error:
        raise BadInput(
            error.code,
            error.sentence,
            hint="The person is enrolled, and has no appointment: book another slot.",
            field=_APPOINTMENT_COLUMNS.get(error.field, "appointmentDate"),
            **error.values,
        ) from None


def _move(
    unit: Unit,
    books: Books,
    site: Site,
    record: views.AppointmentRecord,
    enrolment: Enrolment,
    how: ImportOptions,
) -> bool:
    """Move what a scheduler has booked before, unless it says again what it said last.

    Who was moved at the site since stays there.
    """
    on, slot = enrolment.on, enrolment.slot
    booked = entry(books.journal, record.id)
    moves = (
        moved
        for moved in entries_of_type(books.journal, "AppointmentMoved", 0)
        if moved.body["appointment"] == record.id and moved.document["by"] == how.by
    )
    said = [word.body for word in (booked, *moves) if word is not None]
    if on is None or (said[-1]["on"], said[-1].get("slot", "")) == (on.isoformat(), slot):
        return False
    _check_room(books, site, record.programme, on, slot)
    body = {"appointment": record.id, **when(on, slot)}
    unit.append("AppointmentMoved", body, id_=site.ids.new(), by=how.by)
    return True


def _earlier(
    books: Books, site: Site, person: str, programme: str, enrolment: Enrolment, how: ImportOptions
) -> views.AppointmentRecord | None:
    """Find the appointment to come that an enrolment, or a scheduler, has booked before."""
    today = site.clock.today()
    for record in views.appointments_of(books.journal, person, site.clock.zone):
        if record.programme == programme and record.opens(today):
            by = how.by if how.outside else ""
            if is_of_enrolment(books.journal, record.id, enrolment.osid, by):
                return record
    return None


def _call_off(
    unit: Unit, books: Books, site: Site, programme: str, enrolment: Enrolment, how: ImportOptions
) -> bool:
    """Cancel what a scheduler has booked and calls off; nobody is registered for that."""
    person = enrolment.person
    known = books.with_identity(person.identity) or (person.code and books.with_code(person.code))
    id_ = known.id if known else _id(books, enrolment)
    record = _earlier(books, site, id_, programme, enrolment, how)
    if record is None:
        if how.outside and not has_booked(books.journal, site, id_, enrolment.osid, how.by):
            check_own(books.journal, site, (id_, programme), None, how.by)
        return False
    body = {"appointment": record.id, "reason": CALLED_OFF}
    unit.append("AppointmentCancelled", body, id_=site.ids.new(), by=how.by)
    return True


def withdrawing(site: Site, programme: str, how: ImportOptions) -> Taker[Enrolment]:
    """Make what expects people no longer that :func:`enrolling` registered for a programme."""

    def take(unit: Unit, books: Books, _row: int, enrolment: Enrolment) -> bool | Question:
        id_ = _id(books, enrolment)
        if not books.has(id_):
            return False
        if not _expect(unit, books, id_, programme, site, how, expected=False):
            return False
        _cancel(unit, site, programme, id_, how)
        return True

    return take


def _cancel(unit: Unit, site: Site, programme: str, person: str, how: ImportOptions) -> None:
    """Free the places that an enrolment brought and that are still to come."""
    today = site.clock.today()
    for record in views.appointments_of(unit.db, person, site.clock.zone):
        if (record.source, record.programme) == ("enrolment", programme) and record.opens(today):
            body = {"appointment": record.id, "reason": WITHDRAWN}
            unit.append("AppointmentCancelled", body, id_=site.ids.new(), by=how.by)


def _known(books: Books, file: str, row: int, person: Person, how: ImportOptions) -> str | Question:
    """Give the id of whom a new row names, if they are here, or what must be asked first."""
    known = books.with_identity(person.identity)
    if known is None and person.code:
        known = books.with_code(person.code)
    if known is not None:
        check_same(known, person, _COLUMNS)
        return known.id
    alike = named_or_asked(books, file, row, person, how.answers)
    return alike if isinstance(alike, Question) else (alike.id if alike else "")


def _id(books: Books, enrolment: Enrolment) -> str:
    """Give the id of whom a row registers: the same row is the same person.

    Who was taken away, and is in no table any more, comes back under another.
    """
    told = {**person_body(enrolment.person), "facility": enrolment.facility}
    id_ = derived_id("enrolment", told)
    while books.has(id_) and not books.is_here(id_):
        id_ = derived_id("enrolled again", {"after": id_})
    return id_


def _expect(
    unit: Unit,
    books: Books,
    person: str,
    programme: str,
    site: Site,
    how: ImportOptions,
    *,
    expected: bool,
) -> bool:
    """Have somebody expected who was withdrawn, or the other way round; says whether it changed."""
    if books.is_enrolled(person) == expected:
        return False
    body = {"person": person, "programme": programme, "expected": expected}
    unit.append("EnrolmentChanged", body, id_=site.ids.new(), by=how.by)
    return True


def _check_facility(named: str, own: str) -> None:
    if named.casefold() != own.casefold():
        raise BadInput(
            "enrolment.elsewhere",
            "The row is of the facility {facility}, and this site is {own}.",
            hint="Import it there, or mend the row.",
            field="enrollmentScopeId",
            facility=named,
            own=own,
        )
