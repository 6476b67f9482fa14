"""Who is expected: a row of DIVOC's enrolments."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from edge.campaign.divoc_csv import Enrolment
from edge.domain.errors import BadInput
from edge.domain.people import Person
from edge.journal.derived_ids import derived_id
from edge.journal.unit import Unit
from edge.services.imports.books import Books
from edge.services.imports.reports import ImportOptions, Question
from edge.services.imports.rows import Taker
from edge.services.imports.whose import check_same, named_or_asked
from edge.services.people.register_person import fresh_code, person_body
from edge.services.site import IdSource

_COLUMNS = {"name": "name", "birthDate": "dob", "gender": "gender"}


@dataclass(frozen=True, slots=True)
class NamedPeople:
    """The nation's list that rows are of, and the ids of the people whom they name, each once."""

    list: str
    people: dict[str, None] = field(default_factory=dict)


def enrolling(
    file: str,
    facility: str,
    programme: str,
    how: ImportOptions,
    ids: IdSource,
    named: NamedPeople | None = None,
) -> Taker[Enrolment]:
    """Make what registers the people expected at a facility, for a programme.

    ``named`` is where it is noted whom rows of a list name, new here or not.
    """

    def take(unit: Unit, books: Books, row: int, enrolment: Enrolment) -> bool | Question:
        _check_facility(enrolment.facility, facility)
        person = replace(enrolment.person, id=_id(books, enrolment))
        if books.has(person.id):
            _note(named, person.id)
            return _expect(unit, books, person.id, programme, ids.new(), how.by, expected=True)
        known = _known(books, file, row, person, how)
        if isinstance(known, Question):
            return known
        _note(named, known or person.id)
        if known:
            return False
        body = {
            "person": person_body(replace(person, code=fresh_code(ids))),
            "source": "enrolment",
            "programme": programme,
            "facility": enrolment.facility,
            "dose": enrolment.dose,
            **({"list": named.list} if named else {}),
        }
        unit.append("PersonRegistered", body, id_=person.id, by=how.by)
        return True

    return take


def withdrawing(programme: str, how: ImportOptions, ids: IdSource) -> Taker[Enrolment]:
    """Make what expects people no longer that :func:`enrolling` registered for a programme."""

    def take(unit: Unit, books: Books, _row: int, enrolment: Enrolment) -> bool | Question:
        id_ = _id(books, enrolment)
        if not books.has(id_):
            return False
        return _expect(unit, books, id_, programme, ids.new(), how.by, expected=False)

    return take


def _note(named: NamedPeople | None, person: str) -> None:
    if named is not None:
        named.people[person] = None


def _known(books: Books, file: str, row: int, person: Person, how: ImportOptions) -> str | Question:
    """Give the id of whom a new row names, if they are here, or what must be asked first."""
    known = books.with_identity(person.identity)
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
    unit: Unit, books: Books, person: str, programme: str, id_: str, by: str, *, expected: bool
) -> bool:
    """Have somebody expected who was withdrawn, or the other way round; says whether it changed."""
    if books.is_enrolled(person) == expected:
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
