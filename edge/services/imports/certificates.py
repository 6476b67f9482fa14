"""Doses given elsewhere: a row of DIVOC's bulk certification."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from edge.campaign.divoc_csv import ReportedDose
from edge.domain.catalogue import Catalogue, Vaccine
from edge.domain.errors import BadInput, Refusal
from edge.domain.lots import lot_key
from edge.domain.people import Person
from edge.domain.plausibility import check_told
from edge.journal.derived_ids import derived_id
from edge.journal.unit import Unit
from edge.services.doses.report_doses import disbelieved
from edge.services.imports.books import Books
from edge.services.imports.reports import ImportOptions, Question
from edge.services.imports.rows import Taker
from edge.services.imports.vaccines import named_vaccine
from edge.services.imports.whose import check_same, named_or_asked
from edge.services.people.register_person import person_body

_COLUMNS = {
    "name": "recipientName",
    "birthDate": "recipientDOB",
    "gender": "recipientGender",
    "on": "vaccinationDate",
    "vaccinator": "vaccinatorName",
}
"""Of DIVOC's certificates, by the field that a refusal names."""


def reporting(
    file: str,
    catalogue_of: Callable[[Books], Catalogue],
    programme: str,
    today: date,
    how: ImportOptions,
) -> Taker[ReportedDose]:
    """Make what records doses; a person who is not known here is registered with them."""

    def take(unit: Unit, books: Books, row: int, told: ReportedDose) -> bool | Question:
        catalogue = catalogue_of(books)
        vaccine = _vaccine_of(books, catalogue, told, programme)
        id_ = derived_id("certificate", _told(told, vaccine))
        if books.has(id_):
            return False
        known = _whose(books, file, row, told, how)
        if isinstance(known, Question):
            return known
        person = known or replace(told.person, id=derived_id("person", {"code": told.person.code}))
        _check(catalogue, programme, person, told, today)
        if known is None:
            unit.append(
                "PersonRegistered",
                {"person": person_body(person), "source": "certificate"},
                id_=person.id,
                by=how.by,
            )
        elif _on_record(books, person, vaccine, told.on):
            return False  # given here, or told already by the paper itself or the registry
        elif (vaccine.code, told.on) in disbelieved(books.journal, person.id):
            raise Refusal(
                "evidence.disbelieved",
                "This dose was looked at before, and was not believed.",
                hint="Ask a supervisor to take it in, if it is to count all the same.",
                field="vaccinationDate",
            )
        unit.append("DoseReported", _body(person, programme, vaccine, told), id_=id_, by=how.by)
        return True

    return take


def _check(
    catalogue: Catalogue, programme: str, person: Person, told: ReportedDose, today: date
) -> None:
    """Refuse a row whose dose cannot be; names the column."""
    try:
        check_told(
            catalogue,
            catalogue.programmes[programme],
            person,
            told.on,
            today,
            facility=told.facility,
            vaccinator=told.vaccinator,
        )
    except Refusal as refusal:
        refusal.field = _COLUMNS[refusal.field]
        raise


def _whose(
    books: Books, file: str, row: int, told: ReportedDose, how: ImportOptions
) -> Person | Question | None:
    by_code = books.with_code(told.person.code)
    by_identity = books.with_identity(told.person.identity)
    if by_code and by_identity and by_code.id != by_identity.id:
        raise BadInput(
            "import.two-people",
            "The code is of one person here, and the identity number of another.",
            hint="Check whose row it is, and mend it.",
            field="preEnrollmentCode",
        )
    known = by_code or by_identity
    if known is None:
        return named_or_asked(books, file, row, told.person, how.answers)
    check_same(known, told.person, _COLUMNS)
    return known


def _on_record(books: Books, person: Person, vaccine: Vaccine, on: date) -> bool:
    """Say whether this vaccine was given on that day: two vaccines of one day are two doses."""
    return (vaccine.code, on) in {(dose.vaccine, dose.on) for dose in books.doses(person.id)}


def _vaccine_of(books: Books, catalogue: Catalogue, told: ReportedDose, programme: str) -> Vaccine:
    vaccine = named_vaccine(books, catalogue, told.vaccine, "vaccinationName")
    if vaccine.code not in catalogue.programmes[programme].vaccines:
        raise BadInput(
            "vaccine.not-in-programme",
            "The vaccine {vaccine} is not part of the programme {programme}.",
            hint="Name the programme that it is part of.",
            field="vaccinationName",
            vaccine=told.vaccine,
            programme=programme,
        )
    return vaccine


def _body(person: Person, programme: str, vaccine: Vaccine, told: ReportedDose) -> dict[str, Any]:
    body = {
        "person": person.id,
        "programme": programme,
        "vaccine": vaccine.code,
        "number": told.number,
        "total": told.total,
        "lot": lot_key(told.lot),
        "on": told.on.isoformat(),
        "facility": told.facility,
        "vaccinator": told.vaccinator,
    }
    if told.effective_until:
        body["effectiveUntil"] = told.effective_until.isoformat()
    return body


def _told(told: ReportedDose, vaccine: Vaccine) -> dict[str, Any]:
    return {
        "code": told.person.code,
        "vaccine": vaccine.code,
        "lot": lot_key(told.lot),
        "on": told.on,
        "number": told.number,
        "facility": told.facility,
    }
