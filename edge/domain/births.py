"""When somebody was born, as far as it is known: a day, or a first and a last possible one."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from edge.domain.errors import BadInput
from sync.protocol.counted import Counted

AgeUnit = Literal["years", "months", "weeks", "days"]
AGE_UNITS: tuple[AgeUnit, ...] = get_args(AgeUnit)
OLDEST = 125
"""Years. Nobody on record was older, so an earlier year of birth is a slip of the pen."""
_MOST: dict[AgeUnit, int] = {"years": OLDEST, "months": 240, "weeks": 260, "days": 1000}
_NEWBORN, _INFANT, _CHILD = 28, 13 * 7, 24
"""Days told in days, days told in weeks, months told in months; later ages are told in years."""
AGE_WORDS: dict[tuple[AgeUnit, bool], Counted] = {
    ("days", False): Counted("{count} day", "{count} days"),
    ("weeks", False): Counted("{count} week", "{count} weeks"),
    ("months", False): Counted("{count} month", "{count} months"),
    ("years", False): Counted("{count} year", "{count} years"),
    ("days", True): Counted("about {count} day", "about {count} days"),
    ("weeks", True): Counted("about {count} week", "about {count} weeks"),
    ("months", True): Counted("about {count} month", "about {count} months"),
    ("years", True): Counted("about {count} year", "about {count} years"),
}
"""Templates by the unit, and by whether the birth is not known."""
_TOLD = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


@dataclass(frozen=True, slots=True)
class Age:
    """An age as it is told: so many of a unit, completed; ``about``: the birth is not known."""

    count: int
    unit: AgeUnit
    about: bool

    @property
    def words(self) -> Counted:
        """The template of the words for it, with ``count``."""
        return AGE_WORDS[self.unit, self.about]

    @property
    def values(self) -> dict[str, object]:
        """What is put into the template."""
        return {"count": self.count}

    def __str__(self) -> str:
        return self.words.format(**self.values)


@dataclass(frozen=True, slots=True)
class BirthSpan:
    """The first and the last day on which somebody may have been born; equal where it is known."""

    first: date
    last: date

    @property
    def exact(self) -> bool:
        """Whether it is one day."""
        return self.first == self.last

    def within(self, other: BirthSpan) -> bool:
        """Say whether no day of it lies outside another."""
        return other.first <= self.first and self.last <= other.last

    def overlaps(self, other: BirthSpan) -> bool:
        """Say whether it can be the same birth."""
        return self.first <= other.last and other.first <= self.last

    def age_on(self, day: date, *, about: bool) -> Age:
        """Tell the age on a day: an infant's in days, weeks or months; the middle of a span's."""
        last = min(self.last, max(day, self.first))
        born = self.first + (last - self.first) // 2
        days = (day - born).days
        months = months_between(born, day)
        if days < _NEWBORN:
            return Age(max(0, days), "days", about)
        if days < _INFANT:
            return Age(days // 7, "weeks", about)
        if months < _CHILD:
            return Age(months, "months", about)
        return Age(months // 12, "years", about)


def months_between(born: date, day: date) -> int:
    """Count whole months from a birth to a day."""
    months = (day.year - born.year) * 12 + day.month - born.month
    return max(0, months - (day.day < born.day))


def year_span(year: int) -> BirthSpan:
    """Give the whole of a year."""
    return BirthSpan(date(year, 1, 1), date(year, 12, 31))


def month_span(year: int, month: int) -> BirthSpan:
    """Give the whole of a month."""
    last = calendar.monthrange(year, month)[1]
    return BirthSpan(date(year, month, 1), date(year, month, last))


def told_span(text: str) -> BirthSpan | None:
    """Read a birth as papers and registries tell it: day, month, year or two days (ISO 8601).

    None for anything else.
    """
    first, slash, last = text.partition("/")
    try:
        if slash:
            span = BirthSpan(date.fromisoformat(first), date.fromisoformat(last))
            return span if span.first <= span.last else None
        found = _TOLD.fullmatch(text)
        if found is None:
            return None
        year, month, day = (int(part) if part else 0 for part in found.groups())
        if day:
            return BirthSpan(date(year, month, day), date(year, month, day))
        return month_span(year, month) if month else year_span(year)
    except ValueError:
        return None


def span_of_age(count: int, unit: AgeUnit, today: date) -> BirthSpan:
    """Give when somebody of an age was born who has completed so many of a unit, and no more.

    Raises :class:`BadInput` for an age that nobody has.
    """
    if not 0 <= count <= _MOST[unit]:
        raise BadInput(
            "person.age",
            "The age must lie between 0 and {most}.",
            hint="Choose years, months, weeks or days as well.",
            field="age",
            most=_MOST[unit],
        )
    day = timedelta(days=1)
    if unit in ("weeks", "days"):
        length = timedelta(days=7 if unit == "weeks" else 1)
        return BirthSpan(today - (count + 1) * length + day, today - count * length)
    months = count * (12 if unit == "years" else 1)
    more = months + (12 if unit == "years" else 1)
    return BirthSpan(_months_before(today, more) + day, _months_before(today, months))


def _months_before(day: date, months: int) -> date:
    """Give the last day from which so many whole months have gone by until a day."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
