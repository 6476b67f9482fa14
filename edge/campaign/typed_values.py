"""What somebody perhaps meant by a value that is written in the wrong form."""

from __future__ import annotations

import re
from datetime import date

_UNITS = {
    **dict.fromkeys(("d", "day", "days", "jour", "jours"), "day"),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks", "semaine", "semaines"), "week"),
    **dict.fromkeys(("mo", "mth", "mths", "month", "months", "mois"), "month"),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years", "an", "ans", "année", "années"), "year"),
}
_DAYS_OF = {"day": 1, "week": 7, "month": 0, "year": 0}
"""Days of each unit; none where months and years differ."""
_NUMBERS = {
    name: number
    for number, name in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
         "eleven", "twelve")
    )
}  # fmt: skip
_TRUE = frozenset(["yes", "y", "on", "true", "t", "oui", "si", "sim"])
_FALSE = frozenset(["no", "n", "off", "false", "f", "non", "não", "inactive", "closed"])
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def dates_meant(text: str) -> tuple[str, dict[str, object]]:
    """Give a hint of the days that a text may mean, and its values."""
    days = list(dict.fromkeys(day.isoformat() for day in _days(text.strip())))
    if len(days) == 1:
        return "Did you mean {day}?", {"day": days[0]}
    if len(days) == 2:
        return "Did you mean {day} or {other}?", {"day": days[0], "other": days[1]}
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return "No calendar has the day {day}.", {"day": text}
    return "", {}


def _days(text: str) -> list[date]:
    parts = re.split(r"[\s./-]+", text.casefold())
    if len(parts) > 3 and re.match(r"\d\d?:\d\d|t?0", parts[3]):
        parts = parts[:3]  # a spreadsheet's day has its midnight behind it
    if match := re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text):
        parts = list(match.groups())
    if len(parts) != 3:
        return []
    named = [_MONTHS.index(part[:3]) + 1 if part[:3] in _MONTHS else None for part in parts]
    numbers = [month or (int(part) if part.isascii() and part.isdecimal() else -1)
               for part, month in zip(parts, named, strict=True)]  # fmt: skip
    if numbers[0] > 31:
        orders = [(numbers[0], numbers[1], numbers[2])]
    elif named[0]:
        orders = [(numbers[2], numbers[0], numbers[1])]
    elif named[1]:
        orders = [(numbers[2], numbers[1], numbers[0])]
    else:
        orders = [(numbers[2], numbers[1], numbers[0]), (numbers[2], numbers[0], numbers[1])]
    return [found for order in orders if order[0] > 999 and (found := _day(*order))]


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


def length_meant(text: str) -> str:
    """Write a length of time as a schedule has it: 9mths is 9 months; nothing if it is none."""
    match = re.fullmatch(r"-?\s*(\d{1,5}|[a-z]+)\s*([a-zé]+)\.?", text.casefold().strip())
    if match is None:
        return ""
    number = _NUMBERS.get(match[1], int(match[1]) if match[1].isdecimal() else None)
    unit = _UNITS.get(match[2])
    if number is None or unit is None:
        return ""
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def truth_meant(text: str) -> str:
    """Write true or false for what somebody says in place of it, else nothing."""
    said = text.casefold().strip()
    return "true" if said in _TRUE else "false" if said in _FALSE else ""


def number_meant(value: object, rule: str = "") -> str:
    """Give the number in a text such as "9 years" or "nine", or nothing.

    ``rule`` says what is counted: of days, "4 weeks" are 28, and "2 months" are no number.
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    number, _, unit = length_meant(str(value)).partition(" ")
    counted = next((name for name in _DAYS_OF if name in rule.casefold()), "")
    if number and counted and unit.removesuffix("s") != counted:
        days = _DAYS_OF.get(unit.removesuffix("s"), 0) if counted == "day" else 0
        return str(int(number) * days) if days else ""
    first, *_ = [*re.split(r"[\s_]+", str(value).casefold().strip()), ""]
    if first in _NUMBERS:
        return str(_NUMBERS[first])
    match = re.match(r"\d{1,5}(?=\s*[a-z]*$|$)", first)
    return match[0] if match else ""
