"""A birth as it is typed into a form: a date, a month, a year, or an age."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.domain.births import AGE_UNITS
from edge.domain.numbers import in_ascii_digits, typed_number
from edge.web.visit import form_date


def birth_typed(form: Mapping[str, str], *, filled: bool = False) -> dict[str, Any]:
    """Give the birth of a form as fields of a request.

    ``filled``: date and year stood in the form already; an age or a month takes their place.
    """
    found: dict[str, Any] = {}
    count, unit = form.get("ageCount", "").strip(), form.get("ageUnit", "")
    if count:
        number = typed_number(count, 4)
        found["age"] = {
            "count": number if number is not None else -1,
            "unit": unit if unit in AGE_UNITS else "years",
        }
    elif form.get("birthMonth"):
        found["birthMonth"] = in_ascii_digits(form["birthMonth"][:10])
    if found and filled:
        return found
    if form.get("birthDate"):
        found["birthDate"] = form_date(form["birthDate"], "birthDate")
    elif form.get("birthYear", "").strip():
        found["birthYear"] = typed_number(form["birthYear"].strip(), 4) or 0
    return found
