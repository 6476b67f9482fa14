"""A person and what identifies one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from edge.domain.births import OLDEST, Age, BirthSpan, year_span
from edge.domain.errors import BadInput
from edge.domain.guardian import RELATIONS, Guardian
from edge.domain.names.passports import check_passport_name
from edge.domain.names.texts import check_text, has_letter
from edge.domain.phones import is_phone
from edge.domain.status import HERE, PersonStatus

Gender = Literal["Male", "Female", "Other"]
GENDERS: tuple[str, ...] = get_args(Gender)
LONGEST_NAME = 120
"""Letters and blanks."""


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; the keys are DIVOC's (registry ``Common.json``)."""

    addressLine1: str = ""  # noqa: N815  (DIVOC's own key, in entries and on its wire)
    addressLine2: str = ""  # noqa: N815
    district: str = ""
    state: str = ""
    pincode: str = ""
    country: str = ""


NOWHERE = Address()
"""The address of somebody or something whose address is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who comes for a vaccination.

    ``code`` is DIVOC's ``preEnrollmentCode`` (the certificate's ``refId``). Of the birth
    the date is known, or the year alone, or the first and the last day on which it may have been
    (an estimate, or a month). ``identity`` is a URI ``did:<type>:<number>`` or empty.
    ``codes`` are those of others that turned out to be the same person. ``passport_name`` is as
    in the passport, in Latin letters (ICAO Doc 9303), for certificates that travel; or empty.
    """

    id: str
    code: str
    name: str
    gender: Gender
    birth_date: date | None = None
    birth_year: int | None = None
    birth_earliest: date | None = None
    birth_latest: date | None = None
    identity: str = ""
    nationality: str = ""
    phone: str = ""
    email: str = ""
    address: Address = NOWHERE
    guardian: Guardian | None = None
    status: PersonStatus = HERE
    codes: tuple[str, ...] = ()
    passport_name: str = ""

    @property
    def born(self) -> BirthSpan:
        """The days on which they may have been born; any since 1900 where nothing is known."""
        if self.birth_date is not None:
            return BirthSpan(self.birth_date, self.birth_date)
        if self.birth_earliest is not None and self.birth_latest is not None:
            return BirthSpan(self.birth_earliest, self.birth_latest)
        return year_span(self.birth_year or 1900)

    @property
    def opens_by_birth(self) -> bool:
        """Whether a day or a year of birth stands on their paper, so that they can type it."""
        return self.birth_date is not None or self.birth_year is not None

    @property
    def born_text(self) -> str:
        """What is known of the birth in ISO 8601: a day, a year, a first and a last day."""
        if self.birth_date is not None:
            return self.birth_date.isoformat()
        if self.birth_earliest is not None and self.birth_latest is not None:
            return f"{self.birth_earliest}/{self.birth_latest}"
        return str(self.birth_year or "")

    def lived_on(self, day: date) -> bool:
        """Say whether a day is not before the birth, as far as that is known."""
        if self.birth_date is None and self.birth_earliest is None and self.birth_year is None:
            return True
        return day >= self.born.first

    def age(self, day: date) -> Age:
        """Tell the age on a day as it is said of somebody: an infant's in days, weeks or months."""
        return self.born.age_on(day, about=self.birth_date is None)

    def age_on(self, day: date) -> int:
        """Count whole years on a day; by the year alone where only that is known."""
        if self.birth_date is None and self.birth_earliest is None:
            return day.year - (self.birth_year or day.year)
        span = self.born
        born = span.first + (min(span.last, max(day, span.first)) - span.first) // 2
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def check_person(person: Person, today: date) -> None:
    """Refuse a person nobody could find again, or texts in which is what nobody can see.

    Raises :class:`BadInput` naming the field.
    """
    check_text("name", person.name, LONGEST_NAME)
    if not has_letter(person.name):
        raise BadInput(
            "person.name-missing",
            "The name is empty.",
            hint="Write the name as the person says it, in any script.",
            field="name",
        )
    for key in ("identity", "nationality", "phone", "email"):
        check_text(key, getattr(person, key), 120)
    for key in ("addressLine1", "addressLine2", "district", "state", "pincode", "country"):
        check_text(f"address.{key}", getattr(person.address, key), 120)
    if person.gender not in GENDERS:
        raise BadInput(
            "person.gender-unknown",
            "The gender must be one of {allowed}.",
            field="gender",
            allowed=", ".join(GENDERS),
        )
    _check_birth(person, today)
    if person.identity and (person.identity.count(":") < 2 or person.identity[:4] != "did:"):
        raise BadInput(
            "person.identity-form",
            "The identity must have the form did:<type>:<number>.",
            hint="For example did:in.gov.passport:A1234567; empty for a person without papers.",
            field="identity",
        )
    _check_phone("phone", person.phone)
    check_text("passportName", person.passport_name, LONGEST_NAME)
    if person.passport_name:
        check_passport_name(person.passport_name)
    if person.guardian is not None:
        _check_guardian(person.guardian)


def _check_birth(person: Person, today: date) -> None:
    span = (person.birth_earliest, person.birth_latest)
    told = [person.birth_date is not None, person.birth_year is not None, span != (None, None)]
    if not any(told):
        raise BadInput(
            "person.birth-missing",
            "Neither the date nor the year of birth is given.",
            hint="Ask for the year, or estimate it from the age.",
            field="birthDate",
        )
    if None in span and span != (None, None):
        raise BadInput(
            "person.birth-span",
            "Of an estimated birth both the first and the last possible day are needed.",
            field="birthLatest" if span[1] is None else "birthEarliest",
        )
    if told[2] and (told[0] or told[1]):
        raise BadInput(
            "person.birth-disagrees",
            "The date and the year of birth do not agree.",
            hint="Give one of them.",
            field="birthEarliest",
        )
    _check_possible(person, today)
    if person.birth_date and person.birth_year and person.birth_date.year != person.birth_year:
        raise BadInput(
            "person.birth-disagrees",
            "The date and the year of birth do not agree.",
            hint="Give one of them.",
            field="birthYear",
        )


def _check_phone(field: str, phone: str) -> None:
    if phone and not is_phone(phone):
        raise BadInput(
            "person.phone-form",
            "The phone number must have 6 to 15 digits.",
            hint="Digits only, with + and the country code where needed.",
            field=field,
        )


def _check_guardian(guardian: Guardian) -> None:
    if guardian.relation not in RELATIONS:
        raise BadInput(
            "guardian.relation-unknown",
            "Say whether it is the mother, the father or a guardian.",
            field="guardian.relation",
        )
    if not guardian.name.strip():
        raise BadInput(
            "guardian.name-missing",
            "The name of the mother, father or guardian is empty.",
            hint="Write the name, or leave all of it empty.",
            field="guardian.name",
        )
    check_text("guardian.name", guardian.name, 120)
    check_text("guardian.phone", guardian.phone, 120)
    _check_phone("guardian.phone", guardian.phone)


def _check_possible(person: Person, today: date) -> None:
    if person.birth_date is not None:
        field = "birthDate"
    else:
        field = "birthYear" if person.birth_earliest is None else "birthEarliest"
    first, last = person.birth_date, person.birth_date
    if field == "birthEarliest":
        first, last = person.birth_earliest, person.birth_latest
    if last is not None and last > today:
        raise BadInput(
            "person.born-in-the-future",
            "The date of birth is after today, {today}.",
            field="birthLatest" if field == "birthEarliest" else field,
            today=today,
        )
    if first is not None and last is not None and first > last:
        raise BadInput(
            "person.birth-span",
            "The first possible day of the birth lies after the last.",
            field="birthEarliest",
        )
    year = first.year if first else person.birth_year
    if year is not None and not today.year - OLDEST <= year <= today.year:
        raise BadInput(
            "person.birth-year",
            "The year of birth must lie between {first} and {last}.",
            field=field,
            first=today.year - OLDEST,
            last=today.year,
        )
