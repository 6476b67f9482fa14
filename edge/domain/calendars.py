"""Calendars of countries beside the Gregorian one, for people: no machine reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

_ETHIOPIAN_EPOCH = 2796
"""The first day of the year 1, 27 August 8, counted as :meth:`date.toordinal` does."""


@dataclass(frozen=True, slots=True)
class LocalDate:
    """A day of another calendar; ``month`` and ``day`` count from 1."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar; ``of`` gives a Gregorian day's date in it, and None beyond its tables.

    ``months`` are words for translation, ``form`` how a date is written: {day}, {month}, {year}.
    """

    of: Callable[[date], LocalDate | None]
    months: tuple[str, ...]
    form: str


def _ethiopian(day: date) -> LocalDate:
    """Count months of 30 days; each third year of four has a leap day at its end (Amete Mihret)."""
    counted = day.toordinal() - _ETHIOPIAN_EPOCH
    year = (4 * counted + 1463) // 1461
    inside = counted - 365 * (year - 1) - year // 4
    return LocalDate(year, inside // 30 + 1, inside % 30 + 1)


def _hijri(day: date) -> LocalDate | None:
    """Look it up in the tables of Umm al-Qura, which begin in 1924 and end in 2077."""
    from hijridate import Gregorian

    try:
        found = Gregorian.fromdate(day).to_hijri()
    except OverflowError:
        return None
    return LocalDate(found.year, found.month, found.day)


def _nepali(day: date) -> LocalDate | None:
    """Look it up in the tables of Bikram Sambat, which begin in 1918 and end in 2044."""
    import nepali_datetime

    try:
        found = nepali_datetime.date.from_datetime_date(day)
    except (OverflowError, ValueError):
        return None
    return LocalDate(found.year, found.month, found.day)


def _buddhist(day: date) -> LocalDate:
    return LocalDate(day.year + 543, day.month, day.day)


CALENDARS: Mapping[str, Calendar] = {
    "ethiopian": Calendar(
        _ethiopian,
        (
            "Meskerem",
            "Tikimt",
            "Hidar",
            "Tahsas",
            "Tir",
            "Yekatit",
            "Megabit",
            "Miyazya",
            "Ginbot",
            "Sene",
            "Hamle",
            "Nehase",
            "Pagume",
        ),
        "{day} {month} {year}",
    ),
    "nepali": Calendar(
        _nepali,
        (
            "Baishakh",
            "Jestha",
            "Ashadh",
            "Shrawan",
            "Bhadra",
            "Ashwin",
            "Kartik",
            "Mangsir",
            "Poush",
            "Magh",
            "Falgun",
            "Chaitra",
        ),
        "{day} {month} {year}",
    ),
    "hijri": Calendar(
        _hijri,
        (
            "Muharram",
            "Safar",
            "Rabi al-Awwal",
            "Rabi al-Thani",
            "Jumada al-Ula",
            "Jumada al-Akhirah",
            "Rajab",
            "Shaban",
            "Ramadan",
            "Shawwal",
            "Dhu al-Qadah",
            "Dhu al-Hijjah",
        ),
        "{day} {month} {year} AH",
    ),
    "buddhist": Calendar(
        _buddhist,
        (
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ),
        "{day} {month} {year} BE",
    ),
}
"""Every calendar that a campaign may choose, by its name there."""
CALENDAR_WORDS: tuple[str, ...] = tuple(
    dict.fromkeys(word for known in CALENDARS.values() for word in (*known.months, known.form))
)
"""What a catalogue translates of them."""


def local_words(calendar: str, day: date, say: Callable[[str], str]) -> str:
    """Write a day in a calendar of :data:`CALENDARS`; empty for none, and beyond its tables."""
    known = CALENDARS.get(calendar)
    found = known.of(day) if known else None
    if known is None or found is None:
        return ""
    month = say(known.months[found.month - 1])
    return say(known.form).format(day=found.day, month=month, year=found.year)
