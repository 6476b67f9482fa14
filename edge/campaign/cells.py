"""What stands in a table's cells: days, numbers and phone numbers, as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import cache

from edge.campaign.tables import Row, RowError, needed
from edge.domain.numbers import in_ascii_digits

_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Marks of direction and blanks without width, which come along with copied text."""
_USUAL = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
    | {"\uff0f": "/", "\u2044": "/", "\u060d": "/", "\uff0e": ".", "\uff0b": "+", "\uff1a": ":"}
)
_TIME = (
    r"(?:[T ]\s*(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::\d\d(?:[.,]\d+)?)?"
    r"\s*(?P<zone>Z|[-+]\d\d:?\d\d)?)?"
)
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}", re.IGNORECASE)
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_TIME}", re.IGNORECASE)
_NAMED = re.compile(r"(\d{1,2})[-/. ]+([^\W\d_]+)\.?,?[-/. ]+(\d{4})")
_NAMED_FIRST = re.compile(r"([^\W\d_]+)\.?[-/. ]+(\d{1,2}),?[-/. ]+(\d{4})")
_TWO_DIGITS = re.compile(
    r"(?:\d{1,2}[-/. ]+(?:\d{1,2}|[^\W\d_]+\.?,?)|[^\W\d_]+\.?[-/. ]+\d{1,2},?)[-/. ]+\d{2}"
)
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?")
_TOGETHER = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_SERIAL_ZERO = date(1899, 12, 30)
"""Excel counts days from here, as long as they are after February 1900."""
_FIRST_YEAR, _LAST_YEAR = 1850, 2300
"""Other calendars count some hundred years more or less."""
_LANGUAGES = ("en", "fr", "es", "pt", "ar")
"""Those whose names of months are read: what the screens speak, and spreadsheets of their lands."""


class DayError(ValueError):
    """A text that is no day: why (``code``, ``sentence``, ``hint``)."""

    def __init__(self, code: str, sentence: str, hint: str) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.hint = hint


def plain(text: str) -> str:
    """Write digits of every script as 0 to 9, every dash and blank as the usual one."""
    text = "".join(
        " " if sign.isspace() else sign for sign in in_ascii_digits(_UNSEEN.sub("", text))
    )
    return text.translate(_USUAL).strip()


def read_day(text: str, zone: tzinfo | None = None) -> date:
    """Read a day; of a moment with a zone the day it was in ``zone``. Raises :class:`DayError`.

    A day that two countries read differently is none, nor is one whose year has two digits.
    """
    text = plain(text)
    found = _moment(text, zone) or _numbers(text) or _with_month(text)
    if found is None and _TWO_DIGITS.fullmatch(text):
        raise DayError(
            "csv.two-digit-year",
            "The year in {column} has two digits.",
            "Write all four, for example 2026-11-24 or 24-Nov-2026.",
        )
    if found is None:
        raise _no_day()
    return found


def _moment(text: str, zone: tzinfo | None) -> date | None:
    """Read a year first; and with a time and a zone behind it the day it was at the site."""
    match = _YEAR_FIRST.fullmatch(text)
    if match is None:
        return None
    day = _made(int(match[1]), int(match[3]), int(match[4]))
    if zone is None or not match["zone"]:
        return day
    try:
        ahead = timedelta(0)
        if match["zone"] not in ("Z", "z"):
            sign = -1 if match["zone"][0] == "-" else 1
            ahead = sign * timedelta(hours=int(match["zone"][1:3]), minutes=int(match["zone"][-2:]))
        clock = time(int(match["hour"]), int(match["minute"]), tzinfo=timezone(ahead))
        return datetime.combine(day, clock).astimezone(zone).date()
    except (ValueError, OverflowError):
        raise _no_day() from None


def _numbers(text: str) -> date | None:
    if match := _SERIAL.fullmatch(text):
        return _SERIAL_ZERO + timedelta(days=int(match[1]))
    if match := _TOGETHER.fullmatch(text):
        return _made(*map(int, match.groups()))
    match = _YEAR_LAST.fullmatch(text)
    if match is None:
        return None
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if match[2] == "." or first > 12 or first == second:
        return _made(year, second, first)
    if second > 12:
        return _made(year, first, second)
    raise DayError(
        "csv.ambiguous-date",
        "{column} is one day in some countries and another one in others.",
        "Write it as 2026-11-24 or 24-Nov-2026.",
    )


def _with_month(text: str) -> date | None:
    if match := _NAMED.fullmatch(text):
        day, name, year = match.groups()
    elif match := _NAMED_FIRST.fullmatch(text):
        name, day, year = match.groups()
    else:
        return None
    month = _months().get(name.casefold())
    return _made(int(year), month, int(day)) if month else None


@cache
def _months() -> Mapping[str, int]:
    """Give the names of months, whole and short, in lower case."""
    from babel.dates import get_month_names

    found: dict[str, int] = {}
    for language in _LANGUAGES:
        for width in ("wide", "abbreviated"):
            for month, name in get_month_names(width, locale=language).items():
                found.setdefault(name.casefold().rstrip("."), month)
    return found | {"sept": 9}


def _made(year: int, month: int, day: int) -> date:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise DayError(
            "csv.year",
            "The year in {column} is not one of this age.",
            "Write it as the international calendar counts, for example 2026-11-24.",
        )
    try:
        return date(year, month, day)
    except ValueError:
        raise _no_day() from None


def _no_day() -> DayError:
    return DayError("csv.date", "{column} is not a date.", "Write it as 2026-11-24 or 24-Nov-2026.")


def day_in(row: Row, column: str, zone: tzinfo | None = None) -> date:
    """Read the day in a column; raises :class:`RowError`."""
    try:
        return read_day(needed(row, column), zone)
    except DayError as error:
        raise RowError(column, error.code, error.sentence, hint=error.hint, column=column) from None


def count_in(row: Row, column: str, least: int, most: int) -> int:
    """Read the whole number in a column; raises :class:`RowError`."""
    text = plain(needed(row, column))
    whole = re.fullmatch(r"(\d{1,9})(?:[.,]0)?", text)  # a spreadsheet writes 1 as 1.0
    if whole is None or not least <= int(whole[1]) <= most:
        raise RowError(
            column,
            "csv.number",
            "{column} must be a whole number from {least} to {most}.",
            hint="Write digits only.",
            column=column,
            least=least,
            most=most,
        )
    return int(whole[1])


@cache
def day_first(country: str) -> bool:
    """Say whether a country (ISO 3166-1 alpha-2) writes the day before the month in numbers."""
    from babel import Locale, UnknownLocaleError

    try:
        pattern = Locale.parse(f"und_{country}").date_formats["short"].pattern
    except (UnknownLocaleError, ValueError):
        return True
    return bool(pattern.find("d") < pattern.find("M") or pattern.startswith("y"))


_MONTH_FIRST = re.compile(r"(?:(\d{4})[-/. ]+(\d{1,2})|(\d{1,2})[-/. ]+(\d{4}))")
_MONTH_NAMED = re.compile(r"([^\W\d_]+)\.?,?[-/. ]+(\d{4})")


def read_about(text: str, country: str) -> str:
    """Read a day, a month or a year that somebody typed; give it as ISO 8601 writes it.

    What two countries read differently is read as ``country`` does. Raises :class:`DayError`.
    """
    text = plain(text)
    if re.fullmatch(r"(?:19|20)\d\d", text):
        return text
    if match := _MONTH_FIRST.fullmatch(text):
        year, month = int(match[1] or match[4]), int(match[2] or match[3])
        return f"{_made(year, month, 1):%Y-%m}"
    if (match := _MONTH_NAMED.fullmatch(text)) and match[1].casefold() in _months():
        return f"{_made(int(match[2]), _months()[match[1].casefold()], 1):%Y-%m}"
    try:
        return read_day(text).isoformat()
    except DayError as error:
        match = _YEAR_LAST.fullmatch(text)
        if match is None or error.code != "csv.ambiguous-date":
            raise
        first, second = int(match[1]), int(match[3])
        day, month = (first, second) if day_first(country) else (second, first)
        return _made(int(match[4]), month, day).isoformat()
