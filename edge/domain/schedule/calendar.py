"""Calendar arithmetic as CDSi defines it (Logic Specification, chapter 3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

_TERM = re.compile(r"\s*([+-]?)\s*(\d+)\s*(year|yr|month|week|day)s?", re.IGNORECASE)
_KEPT = 4096
"""Sums of a length and a date: those of a person are asked for by every series."""


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time as schedules write it: years, months and days, each of either sign."""

    years: int = 0
    months: int = 0
    days: int = 0

    def after(self, start: date) -> date:
        """Give the date so long after another one.

        Years and months are counted first; a day that the month does not have becomes the first
        of the next month (CALCDT-5); weeks and days are added last.
        """
        return _after(self.years, self.months, self.days, start)


@lru_cache(_KEPT)
def _after(years: int, months: int, days: int, start: date) -> date:
    if not (years or months) and start.year < date.max.year:
        return _days_after(start, days)
    counted = start.year * 12 + start.month - 1 + years * 12 + months
    year, month = divmod(counted, 12)
    if year > date.max.year - 1:
        return date.max
    try:
        moved = date(year, month + 1, start.day)
    except ValueError:
        moved = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return _days_after(moved, days)


def _days_after(start: date, days: int) -> date:
    try:
        return start + timedelta(days)
    except OverflowError:
        return date.max if days > 0 else date.min


def period(text: str) -> Period | None:
    """Read ``6 weeks - 4 days``; None for an empty text; raises :class:`ValueError`."""
    if not text.strip() or text.strip().casefold() in ("n/a", "none"):
        return None
    years = months = days = place = 0
    while place < len(text.rstrip()):
        term = _TERM.match(text, place)
        if term is None:
            raise ValueError(text)
        count = int(term[2]) * (-1 if term[1] == "-" else 1)
        match term[3].casefold():
            case "year" | "yr":
                years += count
            case "month":
                months += count
            case "week":
                days += 7 * count
            case _:
                days += count
        place = term.end()
    return Period(years, months, days)


def within(day: date, start: date | None, end: date | None) -> bool:
    """Say whether a day lies at or behind a start and before an end."""
    return (start is None or day >= start) and (end is None or day < end)


def at_age(born: date, age: Period | None) -> date | None:
    """Give the day of an age."""
    return age.after(born) if age is not None else None
