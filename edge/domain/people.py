"""A person and what identifies one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from edge.domain.births import OLDEST, Age, BirthSpan, year_span
from edge.domain.errors import BadInput

Gender = Literal["Male", "Female", "Other"]
GENDERS: tuple[str, ...] = get_args(Gender)


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

    @property
    def born(self) -> BirthSpan:
        """The days on which they may have been born; any since 1900 where nothing is known."""
        if self.birth_date is not None:
            return BirthSpan(self.birth_date, self.birth_date)
        if self.birth_earliest is not None and self.birth_latest is not None:
            return BirthSpan(self.birth_earliest, self.birth_latest)
        return year_span(self.birth_year or 1900)

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
    """Refuse a person nobody could find again, or whom DIVOC's templates would break on.

    Raises :class:`BadInput` naming the field. Quotes, backslashes and control characters are
    refused because DIVOC's signer puts names into JSON unescaped.
    """
    if not person.name.strip():
        raise BadInput(
            "person.name-missing",
            "The name is empty.",
            hint="Write the name as the person says it, in any script.",
            field="name",
        )
    _check_text("name", person.name, 120)
    for key in ("identity", "nationality", "phone", "email"):
        _check_text(key, getattr(person, key), 120)
    for key in ("addressLine1", "addressLine2", "district", "state", "pincode", "country"):
        _check_text(f"address.{key}", getattr(person.address, key), 120)
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
    if person.phone and not _is_phone(person.phone):
        raise BadInput(
            "person.phone-form",
            "The phone number must have 6 to 15 digits.",
            hint="Digits only, with + and the country code where needed.",
            field="phone",
        )


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


def _check_text(field: str, value: str, longest: int) -> None:
    if len(value) > longest:
        raise BadInput(
            "text.too-long",
            "{name} is longer than {longest} characters.",
            field=field,
            name=field,
            longest=longest,
        )
    if any(ord(character) < 32 or character in '"\\' for character in value):
        raise BadInput(
            "text.forbidden-character",
            "{name} holds a quotation mark, a backslash or a control character.",
            hint="Leave it out, or write ' instead.",
            field=field,
            name=field,
        )
    if any(0xD800 <= ord(character) <= 0xDFFF for character in value):
        raise BadInput(
            "text.broken-character",
            "{name} holds half a character.",
            hint="Type the text again.",
            field=field,
            name=field,
        )


def _is_phone(text: str) -> bool:
    digits = text.removeprefix("+").replace(" ", "").replace("-", "")
    return digits.isascii() and digits.isdigit() and 6 <= len(digits) <= 15
