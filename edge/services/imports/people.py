"""Who is expected: a row of DIVOC's enrolments."""

from __future__ import annotations

from dataclasses import replace

from edge.campaign.divoc_csv import Enrolment
from edge.domain.errors import BadInput
from edge.journal.derived_ids import derived_id
from edge.journal.people_pages import is_enrolled
from edge.journal.unit import Unit
from edge.services.imports.books import Books
from edge.services.imports.reports import ImportOptions, Question
from edge.services.imports.rows import Taker
from edge.services.imports.whose import check_same, named_or_asked
from edge.services.people.register_person import fresh_code, person_body
from edge.services.site import IdSource

_COLUMNS = {"name": "name", "birthDate": "dob", "gender": "gender"}


def enrolling(
    file: str, facility: str, programme: str, how: ImportOptions, ids: IdSource
) -> Taker[Enrolment]:
    """Make what registers the people expected at a facility, for a programme."""

    def take(unit: Unit, books: Books, row: int, enrolment: Enrolment) -> bool | Question:
        person = enrolment.person
        _check_facility(enrolment.facility, facility)
        id_ = _id_of(enrolment)
        if books.has(id_):
            return _expect(unit, id_, programme, ids.new(), how.by, expected=True)
        known = books.with_identity(person.identity)
        if known is not None:
            check_same(known, person, _COLUMNS)
            return False
        alike = named_or_asked(books, file, row, person, how.answers)
        if isinstance(alike, Question):
            return alike
        if alike is not None:
            return False
        person = replace(person, id=id_, code=fresh_code(ids))
        body = {
            "person": person_body(person),
            "source": "enrolment",
            "programme": programme,
            "facility": enrolment.facility,
            "dose": enrolment.dose,
        }
        unit.append("PersonRegistered", body, id_=id_, by=how.by)
        return True

    return take


def withdrawing(programme: str, how: ImportOptions, ids: IdSource) -> Taker[Enrolment]:
    """Make what expects people no longer that :func:`enrolling` registered for a programme."""

    def take(unit: Unit, books: Books, _row: int, enrolment: Enrolment) -> bool | Question:
        id_ = _id_of(enrolment)
        if not books.has(id_):
            return False
        return _expect(unit, id_, programme, ids.new(), how.by, expected=False)

    return take


def _id_of(enrolment: Enrolment) -> str:
    """Give the id of whom a row registers: the same row is the same person."""
    return derived_id(
        "enrolment", {**person_body(enrolment.person), "facility": enrolment.facility}
    )


def _expect(unit: Unit, person: str, programme: str, id_: str, by: str, *, expected: bool) -> bool:
    """Have somebody expected who was withdrawn, or the other way round; says whether it changed."""
    if is_enrolled(unit.db, person) == expected:
        return False
    body = {"person": person, "programme": programme, "expected": expected}
    unit.append("EnrolmentChanged", body, id_=id_, by=by)
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
