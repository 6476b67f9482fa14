"""How a command line tells of a person: birth, doses, observations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from edge.domain.errors import BadInput

if TYPE_CHECKING:
    from edge.domain.births import BirthSpan
    from edge.domain.schedule.model import Schedule, Shot


def span_of(text: str, on: date) -> BirthSpan:
    """Read a birth: a day, a month, a year, or an age such as ``9 months``."""
    from edge.domain.births import AGE_UNITS, BirthSpan, span_of_age, told_span

    count, _, unit = text.strip().partition(" ")
    named = f"{unit.strip().rstrip('s')}s"
    for known in AGE_UNITS:
        if count.isascii() and count.isdigit() and named == known:
            return span_of_age(int(count[:4]), known, on)
    span = told_span(text) or BirthSpan(day_of(text, "--born"), day_of(text, "--born"))
    if span.first > on:
        raise BadInput(
            "schedule.born",
            "The birth {born} is after the day that is asked about, {on}.",
            hint="Correct --born, or ask about a later day.",
            field="--born",
            born=text,
            on=on,
        )
    return span


def observation_of(text: str) -> tuple[str, date | None]:
    """Read ``CODE`` or ``CODE=DATE`` of an observation."""
    code, _, when = text.partition("=")
    return code, day_of(when, "--observed") if when else None


def shot_of(text: str, *, cdsi: bool) -> Shot:
    """Read ``DATE=VACCINE``; ``cdsi``: the vaccine is a CVX code."""
    from edge.domain.schedule.model import Shot

    when, _, cvx = text.partition("=")
    if not cvx.strip():
        raise BadInput(
            "schedule.dose",
            "{text} is not a dose.",
            hint="Write DATE=VACCINE, for example 2026-03-01=03",
            field="--dose",
            text=text,
        )
    return Shot(day_of(when, "--dose"), cvx.strip().zfill(2) if cdsi else cvx.strip())


def check_told(schedule: Schedule, vaccines: Iterable[str], observations: Iterable[str]) -> None:
    """Refuse codes that a schedule does not know: they would count for nothing, without a word.

    Raises :class:`BadInput` naming the option, the code and those that there are.
    """
    for option, told, known in (
        ("--dose", vaccines, schedule.vaccines),
        ("--observed", observations, schedule.observations),
    ):
        for code in told:
            if code not in known:
                raise BadInput(
                    "schedule.code",
                    "{code} is not in this schedule. It knows: {known}.",
                    field=option,
                    code=code,
                    known=", ".join(sorted(known)) or "-",
                )


def day_of(text: str, field: str) -> date:
    """Read a calendar date; raises :class:`BadInput` naming the option."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(
            "date.form",
            "The date must be written as year-month-day.",
            field=field,
        ) from None
