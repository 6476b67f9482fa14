"""Finds a date in what somebody typed, in any usual form; where two days may be meant, both."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from edge.domain.numbers import in_ascii_digits

_MONTH_LANGUAGES = (
    *("en", "fr", "es", "pt", "de", "it", "nl", "ru", "uk", "ar", "fa", "ur", "hi", "bn"),
    *("ta", "te", "ml", "mr", "gu", "pa", "ne", "si", "th", "lo", "km", "my", "am", "ti"),
    *("so", "sw", "ha", "yo", "ig", "zu", "af", "vi", "id", "ms", "tr", "uz", "kk", "ky"),
    *("tg", "az", "ps", "zh", "ja", "ko", "mn", "ka", "hy", "he", "el", "pl", "ro", "sr"),
)
_BETWEEN = r"(?:st|nd|rd|th)?(?:\s|[./,\-年월년月]|\bde\b|\bof\b)+"
_PARTS = re.compile(rf"(m?\d{{1,4}}){_BETWEEN}(m?\d{{1,2}}){_BETWEEN}(\d{{1,4}})\s*[日일]?")
_MONTH_AND_YEAR = re.compile(
    rf"(?<![\d./\-])(?:(m?\d{{1,2}}){_BETWEEN}(\d{{4}})|(\d{{4}}){_BETWEEN}(m?\d{{1,2}}))(?![./\-]?\d)"
)
_RUN = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?!\d)")
_THAI, _JALALI = 543, (1200, 1500)
_ETHIOPIAN_REGIONS = ("ET", "ER")


@dataclass(frozen=True, slots=True)
class TypedDate:
    """The days that were perhaps meant, likeliest first, and the text without the date.

    ``month`` is a month of a year in place of days: ``2019-03``.
    """

    days: tuple[date, ...]
    rest: str
    month: str = ""


def typed_date(text: str, today: date, region: str = "") -> TypedDate | None:
    """Find a date: 12/3/2019, 2019-03-12, 12 March 2019, 12-Mar-19, in any digits, or B.E. 2562.

    Day and month may stand in either order; a year of two digits is the last one that has been.
    Years of the Thai (B.E.) and Persian calendars count where they can be one, and in the region
    of ET (ISO 3166-1) the Ethiopian.
    """
    plain = _with_month_numbers(in_ascii_digits(text))
    for pattern in (_PARTS, _RUN):
        found = pattern.search(plain)
        if found is None:
            continue
        meant = list(_orders(found[1], found[2], found[3], today))
        days = [day for make in _calendars(region) for day in _made(make, meant, today)]
        if days:
            rest = f"{plain[: found.start()]} {plain[found.end() :]}"
            return TypedDate(tuple(dict.fromkeys(days)), rest.strip())
    month = _MONTH_AND_YEAR.search(plain)
    if month is None:
        return None
    number = int((month[1] or month[4]).lstrip("m"))
    year = int(month[2] or month[3])
    if not (1 <= number <= 12 and today.year - 130 <= year <= today.year):
        return None
    rest = f"{plain[: month.start()]} {plain[month.end() :]}"
    return TypedDate((), rest.strip(), f"{year:04}-{number:02}")


def _orders(first: str, second: str, third: str, today: date) -> Iterator[tuple[int, int, int]]:
    """Give year, month and day as the three may be meant; a month that was named stands fast."""
    if len(first.lstrip("m")) > 2:
        orders = [(first, second, third)]
    else:
        orders = [(third, second, first), (third, first, second)]
    named = [order for order in orders if order[1].startswith("m")]
    for year, month, day in named or orders:
        yield _year(year, today), int(month.lstrip("m")), int(day.lstrip("m"))


def _year(text: str, today: date) -> int:
    value = int(text.lstrip("m"))
    if len(text) > 2:
        return value
    century = today.year - today.year % 100
    return century + value if century + value <= today.year else century - 100 + value


def _calendars(region: str) -> list[Callable[[int, int, int], date]]:
    known: list[Callable[[int, int, int], date]] = [_gregorian, _buddhist, _persian]
    return [*known, _ethiopian] if region in _ETHIOPIAN_REGIONS else known


def _made(
    make: Callable[[int, int, int], date], meant: Sequence[tuple[int, int, int]], today: date
) -> Iterator[date]:
    for year, month, day in meant:
        try:
            found = make(year, month, day)
        except (ValueError, OverflowError):
            continue
        if date(today.year - 130, 1, 1) <= found <= today:
            yield found


def _gregorian(year: int, month: int, day: int) -> date:
    return date(year, month, day)


def _buddhist(year: int, month: int, day: int) -> date:
    return date(year - _THAI, month, day)


def _ethiopian(year: int, month: int, day: int) -> date:
    """Thirteen months, the last of 5 or 6 days (Dershowitz and Reingold, ch. 4)."""
    if not (1 <= month <= 13 and 1 <= day <= 30 and (month < 13 or day <= 6)):
        raise ValueError
    fixed = 2796 + 365 * (year - 1) + year // 4 + 30 * (month - 1) + day - 1
    return date.fromordinal(fixed)


def _persian(year: int, month: int, day: int) -> date:
    """By the 33-year rule, which is the official calendar from 1925 to 2088."""
    first, last = _JALALI
    if not (first <= year <= last and 1 <= month <= 12 and 1 <= day <= (31 if month <= 6 else 30)):
        raise ValueError
    before = (month - 1) * 31 - max(0, month - 7)
    ordinal = 226_895 + 365 * (year - 1) + (8 * year + 21) // 33 + before + day - 1
    return date.fromordinal(ordinal)


def _with_month_numbers(text: str) -> str:
    if not any(map(str.isdigit, text)) or not any(map(str.isalpha, text)):
        return text
    names = _month_names()
    words = re.split(r"([\s./,\-]+)", text.casefold())
    if not any(word in names for word in words):
        return text
    return "".join(f" m{names[word]} " if word in names else word for word in words)


@cache
def _month_names() -> dict[str, int]:
    """Name the months in many languages (Unicode CLDR, by Babel), long and short."""
    from babel import Locale, UnknownLocaleError

    found: dict[str, int] = {}
    for language in _MONTH_LANGUAGES:
        try:
            months = Locale(language).months
        except UnknownLocaleError:
            continue
        for form in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[form][width].items():
                    plain = name.casefold().strip(". ")
                    if not plain[:1].isdigit():
                        found.setdefault(plain, number)
    return found
