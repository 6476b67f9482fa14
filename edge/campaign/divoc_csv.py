"""DIVOC's own tables: facilities, vaccinators, enrolments, certificates (``interfaces/*.csv``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from edge.campaign.divoc_columns import (
    CERTIFICATES,
    ENROLMENTS,
    ENROLMENTS_WITHOUT_DOSE,
    FACILITIES,
    VACCINATORS,
)
from edge.campaign.mistakes import Mistake
from edge.campaign.tables import Row, RowError, ValidRow, needed, read_table
from edge.domain.names.texts import tidied
from edge.domain.people import Address, Gender, Person, check_person

_OPTIONAL = {
    "recipientDOB",
    "recipientAge",
    "recipientAddressLine2",
    "vaccinationBatch",
    "facilityAddressLine2",
}
_STATUSES = ("Active", "Inactive", "Blocked")
_LONGEST = 200
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Somebody expected at a facility; the person has no id and no code yet."""

    person: Person
    facility: str
    dose: int


@dataclass(frozen=True, slots=True)
class ReportedDose:
    """A dose given elsewhere, as a certificate's row tells it; the person has no id yet."""

    person: Person
    vaccine: str
    lot: str
    on: date
    number: int
    total: int
    effective_until: date | None
    vaccinator: str
    facility: str


def read_facilities(path: Path) -> Iterator[ValidRow[dict[str, Any]] | Mistake]:
    """Read facilities as items of a campaign."""

    def make(row: Row) -> dict[str, Any]:
        return {
            "code": needed(row, "facilityCode"),
            "name": tidied(needed(row, "facilityName"), _LONGEST),
            "address": {key: tidied(text, _LONGEST) for key, text in _address(row, "").items()},
            "active": _status(row),
        }

    return read_table(path, [FACILITIES], make)


def read_vaccinators(path: Path) -> Iterator[ValidRow[dict[str, Any]] | Mistake]:
    """Read vaccinators as items of a campaign; they get a PIN at the site."""

    def make(row: Row) -> dict[str, Any]:
        facilities = [code.strip() for code in needed(row, "facilityIds").split(",")]
        if not all(facilities):
            raise RowError("facilityIds", "csv.list", "facilityIds has an empty place in its list.")
        return {
            "code": needed(row, "code"),
            "name": tidied(needed(row, "name"), _LONGEST),
            "facilities": facilities,
            "roles": ["vaccinator"],
            "active": _status(row),
        }

    return read_table(path, [VACCINATORS], make)


def read_enrolments(path: Path, today: date) -> Iterator[ValidRow[Enrolment] | Mistake]:
    """Read who is expected; both headers that DIVOC uses are known."""

    def make(row: Row) -> Enrolment:
        person = Person(
            id="",
            code="",
            name=needed(row, "name"),
            gender=_gender(row, "gender"),
            birth_date=_date(row, "dob"),
            identity=row["identity"],
            nationality=row["nationality"],
            phone=row["phone"],
            email=row["email"],
            address=Address(**_address(row, "")),
        )
        check_person(person, today)
        dose = _count(row, "doseNumber") if row.get("doseNumber") else 1
        return Enrolment(person, needed(row, "enrollmentScopeId"), dose)

    return read_table(
        path, [ENROLMENTS, ENROLMENTS_WITHOUT_DOSE], make, {"birthDate": "dob", "birthYear": "dob"}
    )


def read_certificates(
    path: Path, today: date, shift: timedelta = timedelta(0)
) -> Iterator[ValidRow[ReportedDose] | Mistake]:
    """Read the 28 columns of DIVOC's bulk certification as doses given elsewhere.

    ``shift`` moves the dates of vaccination: a demonstration stays as fresh as on its first day.
    """

    def make(row: Row) -> ReportedDose:
        for column in CERTIFICATES:
            if column not in _OPTIONAL:
                needed(row, column)
        born = _date(row, "recipientDOB") if row["recipientDOB"] else None
        if born is None and not row["recipientAge"]:
            raise RowError(
                "recipientDOB", "csv.no-birth", "Neither recipientDOB nor recipientAge is given."
            )
        on = _instant(row, "vaccinationDate") + shift
        if on > today:
            raise RowError("vaccinationDate", "csv.future", "vaccinationDate is after today.")
        person = Person(
            id="",
            code=needed(row, "preEnrollmentCode"),
            name=needed(row, "recipientName"),
            gender=_gender(row, "recipientGender"),
            birth_date=born,
            birth_year=None if born else on.year - _count(row, "recipientAge", least=0),
            identity=row["recipientIdentity"],
            nationality=row["recipientNationality"],
            phone=row["recipientMobileNumber"],
            address=Address(**_address(row, "recipient")),
        )
        check_person(person, today)
        if not person.lived_on(on):
            raise RowError(
                "vaccinationDate", "csv.before-birth", "vaccinationDate is before recipientDOB."
            )
        _date(row, "vaccinationEffectiveStart")
        until = _date(row, "vaccinationEffectiveEnd")
        return ReportedDose(
            person=person,
            vaccine=row["vaccinationName"],
            lot=tidied(row["vaccinationBatch"], _LONGEST),
            on=on,
            number=_count(row, "vaccinationDose"),
            total=_count(row, "vaccinationTotalDoses"),
            effective_until=until + shift,
            vaccinator=tidied(row["vaccinatorName"], _LONGEST),
            facility=tidied(row["facilityName"], _LONGEST),
        )

    return read_table(
        path,
        [CERTIFICATES],
        make,
        {
            "name": "recipientName",
            "birthDate": "recipientDOB",
            "birthYear": "recipientAge",
            "identity": "recipientIdentity",
            "phone": "recipientMobileNumber",
            "nationality": "recipientNationality",
        },
    )


def _address(row: Row, prefix: str) -> dict[str, str]:
    found = {}
    for key in ("addressLine1", "addressLine2", "district", "state", "pincode"):
        column = prefix + key[0].upper() + key[1:] if prefix else key
        if row.get(column):
            found[key] = row[column]
    return found


def _status(row: Row) -> bool:
    if row["status"] not in _STATUSES:
        raise RowError(
            "status", "csv.status", "status must be one of: {known}.", known=", ".join(_STATUSES)
        )
    return row["status"] == "Active"


def _gender(row: Row, column: str) -> Gender:
    match row[column]:
        case "Male":
            return "Male"
        case "Female":
            return "Female"
        case "Other":
            return "Other"
    raise RowError(
        column, "csv.gender", "{column} must be one of: Male, Female, Other.", column=column
    )


def _date(row: Row, column: str) -> date:
    """Read ``YYYY-MM-DD`` or ``DD-Mon-YYYY``, the two forms DIVOC takes."""
    text = needed(row, column)
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    parts = text.split("-")
    try:
        if len(parts) == 3 and parts[1].capitalize() in _MONTHS:
            return date(int(parts[2]), _MONTHS.index(parts[1].capitalize()) + 1, int(parts[0]))
    except ValueError:
        pass
    raise RowError(
        column,
        "csv.date",
        "{column} is not a date. Write it as 2026-11-24 or 24-Nov-2026.",
        column=column,
    )


def _instant(row: Row, column: str) -> date:
    """Read an RFC 3339 instant and give the date that stands in it."""
    text = needed(row, column)
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise RowError(
            column,
            "csv.instant",
            "{column} is not a moment. Write it as 2026-11-24T09:30:00Z.",
            column=column,
        ) from None


def _count(row: Row, column: str, least: int = 1) -> int:
    text = needed(row, column)
    if not (text.isascii() and text.isdigit() and least <= int(text[:9]) <= 125):
        raise RowError(
            column,
            "csv.number",
            "{column} must be a whole number from {least} to 125.",
            column=column,
            least=least,
        )
    return int(text)
