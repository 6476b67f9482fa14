"""DIVOC's own tables: facilities, vaccinators, enrolments, certificates (``interfaces/*.csv``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, timedelta, tzinfo
from typing import Any

from edge.campaign.cells import count_in, day_in
from edge.campaign.divoc_columns import (
    APPOINTMENT,
    CERTIFICATES,
    ENROLMENTS,
    ENROLMENTS_WITHOUT_DOSE,
    FACILITIES,
    OF_REGISTRY,
    VACCINATORS,
)
from edge.campaign.mistakes import Mistake
from edge.campaign.phones import phone_of
from edge.campaign.tables import Row, RowError, Source, ValidRow, needed, read_table
from edge.domain.births import span_of_age
from edge.domain.names.texts import composed, tidied
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
_SLOT = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_MOST = 125
"""Doses, and years of age."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Somebody expected at a facility; the person has no id yet, and a code only from a registry.

    ``on`` is the day of the appointment, None without one; ``slot`` from when to when, empty for
    the whole day. ``osid`` is the enrolment's id in DIVOC's registry, or a scheduler's own of the
    appointment, or empty. ``cancelled``: the scheduler says that nobody comes.
    """

    person: Person
    facility: str
    dose: int
    on: date | None = None
    slot: str = ""
    osid: str = ""
    cancelled: bool = False


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


def read_facilities(source: Source) -> Iterator[ValidRow[dict[str, Any]] | Mistake]:
    """Read facilities as items of a campaign."""

    def make(row: Row) -> dict[str, Any]:
        return {
            "code": needed(row, "facilityCode"),
            "name": tidied(needed(row, "facilityName"), _LONGEST),
            "address": {key: tidied(text, _LONGEST) for key, text in _address(row, "").items()},
            "active": _status(row),
            **_kind_of(row),
        }

    return read_table(source, [FACILITIES], make)


def read_vaccinators(source: Source) -> Iterator[ValidRow[dict[str, Any]] | Mistake]:
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

    return read_table(source, [VACCINATORS], make)


def read_enrolments(
    source: Source, today: date, region: str = ""
) -> Iterator[ValidRow[Enrolment] | Mistake]:
    """Read who is expected; both headers that DIVOC uses are known.

    ``region`` is the country of phone numbers that say none (ISO 3166-1 alpha-2).
    """

    def make(row: Row) -> Enrolment:
        by_year = bool(row["yob"] and not row["dob"])
        person = Person(
            id="",
            code=row["code"],
            name=composed(needed(row, "name")),
            gender=_gender(row, "gender"),
            birth_date=None if by_year else day_in(row, "dob"),
            birth_year=count_in(row, "yob", 1, 9999) if by_year else None,
            identity=row["identity"],
            nationality=row["nationality"],
            phone=phone_of(row["phone"], region, "phone"),
            email=row["email"],
            address=Address(**_address(row, "")),
        )
        check_person(person, today)
        dose = count_in(row, "doseNumber", 1, _MOST) if row["doseNumber"] else 1
        on, slot = _appointment(row)
        facility = needed(row, "enrollmentScopeId")
        cancelled = row["appointmentStatus"].casefold() == "cancelled"
        osid = tidied(row["osid"], _LONGEST)
        return Enrolment(person, facility, dose, on, slot, osid, cancelled)

    return read_table(
        source,
        [ENROLMENTS, ENROLMENTS_WITHOUT_DOSE],
        make,
        {"birthDate": "dob", "birthYear": "dob"},
        [*APPOINTMENT, *OF_REGISTRY],
    )


def _appointment(row: Row) -> tuple[date | None, str]:
    """Read when somebody is expected; DIVOC writes its year 1 for a day that nobody chose."""
    slot = row["appointmentSlot"].replace(" ", "")
    if slot and not _SLOT.fullmatch(slot):
        raise RowError(
            "appointmentSlot",
            "csv.slot",
            "appointmentSlot must be from when to when.",
            hint="For example 10:00-11:00.",
        )
    if not row["appointmentDate"] or row["appointmentDate"].startswith("0001-01-01"):
        return None, ""
    return day_in(row, "appointmentDate"), slot


def read_certificates(
    source: Source,
    today: date,
    shift: timedelta = timedelta(0),
    *,
    zone: tzinfo = UTC,
    region: str = "",
) -> Iterator[ValidRow[ReportedDose] | Mistake]:
    """Read the 28 columns of DIVOC's bulk certification as doses given elsewhere.

    ``shift`` moves the dates of vaccination: a demonstration stays as fresh as on its first day.
    ``zone`` is the site's, whose day a moment of vaccination is; ``region`` as for enrolments.
    """

    def make(row: Row) -> ReportedDose:
        return _reported(row, today, shift, zone, region)

    return read_table(
        source,
        [CERTIFICATES],
        make,
        {
            "name": "recipientName",
            "birthDate": "recipientDOB",
            "birthYear": "recipientAge",
            "birthEarliest": "recipientAge",
            "identity": "recipientIdentity",
            "phone": "recipientMobileNumber",
            "nationality": "recipientNationality",
        },
    )


def _reported(row: Row, today: date, shift: timedelta, zone: tzinfo, region: str) -> ReportedDose:
    for column in CERTIFICATES:
        if column not in _OPTIONAL:
            needed(row, column)
    born = day_in(row, "recipientDOB") if row["recipientDOB"] else None
    if born is None and not row["recipientAge"]:
        raise RowError(
            "recipientDOB", "csv.no-birth", "Neither recipientDOB nor recipientAge is given."
        )
    on = day_in(row, "vaccinationDate", zone) + shift
    if on > today:
        raise RowError("vaccinationDate", "csv.future", "vaccinationDate is after today.")
    span = None if born else span_of_age(count_in(row, "recipientAge", 0, _MOST), "years", on)
    person = Person(
        id="",
        code=needed(row, "preEnrollmentCode"),
        name=composed(needed(row, "recipientName")),
        gender=_gender(row, "recipientGender"),
        birth_date=born,
        birth_earliest=span.first if span else None,
        birth_latest=span.last if span else None,
        identity=row["recipientIdentity"],
        nationality=row["recipientNationality"],
        phone=phone_of(row["recipientMobileNumber"], region, "recipientMobileNumber"),
        address=Address(**_address(row, "recipient")),
    )
    check_person(person, today)
    if not person.lived_on(on):
        raise RowError(
            "vaccinationDate", "csv.before-birth", "vaccinationDate is before recipientDOB."
        )
    day_in(row, "vaccinationEffectiveStart")
    until = day_in(row, "vaccinationEffectiveEnd")
    return ReportedDose(
        person=person,
        vaccine=row["vaccinationName"],
        lot=tidied(row["vaccinationBatch"], _LONGEST),
        on=on,
        number=count_in(row, "vaccinationDose", 1, _MOST),
        total=count_in(row, "vaccinationTotalDoses", 1, _MOST),
        effective_until=until + shift,
        vaccinator=tidied(row["vaccinatorName"], _LONGEST),
        facility=tidied(row["facilityName"], _LONGEST),
    )


def _address(row: Row, prefix: str) -> dict[str, str]:
    found = {}
    for key in ("addressLine1", "addressLine2", "district", "state", "pincode"):
        column = prefix + key[0].upper() + key[1:] if prefix else key
        if row.get(column):
            found[key] = composed(row[column])
    return found


def _kind_of(row: Row) -> dict[str, str]:
    """Give whose a facility is and whether it moves, where DIVOC's words say so."""
    owner = {"GOVT": "government", "PRIVATE": "private"}.get(row["category"].strip().upper())
    moves = {"fixed location": "fixed", "mobile": "mobile"}.get(row["type"].strip().casefold())
    told = (("run_by", owner), ("kind", moves))
    return {field: value for field, value in told if value}


def _status(row: Row) -> bool:
    if row["status"] not in _STATUSES:
        raise RowError(
            "status", "csv.status", "status must be one of: {known}.", known=", ".join(_STATUSES)
        )
    return row["status"] == "Active"


def _gender(row: Row, column: str) -> Gender:
    match row[column].casefold():
        case "male":
            return "Male"
        case "female":
            return "Female"
        case "other":
            return "Other"
    raise RowError(
        column, "csv.gender", "{column} must be one of: Male, Female, Other.", column=column
    )
