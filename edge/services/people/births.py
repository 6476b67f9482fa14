"""When somebody was born, in whichever way it was told: a date, a month, a year, an age."""

from __future__ import annotations

from datetime import date
from typing import Any

from edge.domain.births import BirthSpan, month_span, span_of_age, told_span
from edge.domain.errors import BadInput
from edge.services.commands import CorrectPerson, RegisterPerson

FIELDS = ("birth_date", "birth_year", "birth_earliest", "birth_latest")
"""The fields of a person that say it; whoever gives one of them says that the others were not."""


def told_birth(command: RegisterPerson | CorrectPerson, today: date) -> dict[str, Any]:
    """Give the fields of a person that a request's birth comes to; none where it tells of none.

    Raises :class:`BadInput` for a birth that is told in two ways.
    """
    span = _span(command, today)
    given = {name: getattr(command, name) for name in FIELDS if getattr(command, name) is not None}
    if span is None:
        return {**dict.fromkeys(FIELDS), **given} if given else {}
    if given:
        raise BadInput(
            "person.birth-disagrees",
            "The date and the year of birth do not agree.",
            hint="Give one of them.",
            field="age" if command.age else "birthMonth",
        )
    return {**dict.fromkeys(FIELDS), "birth_earliest": span.first, "birth_latest": span.last}


def fields_told(text: str) -> dict[str, Any]:
    """Give the fields of a person for a birth in ISO 8601: a day, a year, a first and a last day.

    Raises :class:`ValueError` for anything else.
    """
    span = told_span(text)
    if span is None:
        raise ValueError(text)
    found: dict[str, Any] = dict.fromkeys(FIELDS)
    if "/" in text or len(text) == 7:
        return {**found, "birth_earliest": span.first, "birth_latest": span.last}
    if len(text) == 4:
        return {**found, "birth_year": span.first.year}
    return {**found, "birth_date": span.first}


def _span(command: RegisterPerson | CorrectPerson, today: date) -> BirthSpan | None:
    if command.age is not None:
        return span_of_age(command.age.count, command.age.unit, today)
    if not command.birth_month:
        return None
    year, month = (int(part) for part in command.birth_month.split("-"))
    span = month_span(year, month)
    return BirthSpan(span.first, max(span.first, min(span.last, today)))
