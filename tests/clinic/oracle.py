"""What is due, by dates and counts only: written apart from the engine, simple and slow.

It knows nothing of series, groups or forecasts: a vaccine has so many doses, each from an age, until
an age and so long after the one before, and whoever was given one counts them.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

FAMILIES = [{"coviprotect", "adenovax"}]
"""Vaccines against the same disease; every other one stands alone."""


@dataclass(frozen=True)
class Rule:
    """One dose: ages in months and days, days since the one before, days of grace.

    ``unless`` is the age in months from which on it is not needed.
    """

    months: int = 0
    days: int = 0
    until: int = 0
    until_days: int = 0
    gap: int = 0
    gap_months: int = 0
    grace: int = 0
    unless: int = 0


INFANT = 60  # months
ORACLE = {
    "coviprotect": [Rule(months=144), Rule(gap=28)],
    "adenovax": [Rule(months=144), Rule(gap=56)],
    "amarilia": [Rule(months=12)],
    "duomorb": [Rule(months=12, until=180)],
    "BCG": [Rule(until=INFANT)],
    "HepB-birth": [Rule(until_days=14)],
    "OPV": [Rule(days=weeks * 7, until=INFANT, gap=gap, grace=4)
            for weeks, gap in ((6, 0), (10, 28), (14, 28))],
    "IPV": [Rule(days=98, until=INFANT, grace=4),
            Rule(months=9, until=INFANT, gap_months=4, grace=4)],
    "Penta": [Rule(days=weeks * 7, until=84, gap=gap, grace=4)
              for weeks, gap in ((6, 0), (10, 28), (14, 28))],
    "PCV": [Rule(days=weeks * 7, until=INFANT, gap=gap, grace=4, unless=unless)
            for weeks, gap, unless in ((6, 0, 0), (10, 28, 12), (14, 28, 24))],
    "Rota": [Rule(days=weeks * 7, until=24, gap=gap, grace=4) for weeks, gap in ((6, 0), (10, 28))],
    "MR": [Rule(months=months, until=180, gap=gap, grace=4) for months, gap in ((9, 0), (15, 28))],
}  # fmt: skip


def later(day: date, months: int, days: int = 0) -> date:
    """Give the day so many months and days later; the first of the next month for none."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    missing = day.day > calendar.monthrange(year, month + 1)[1]
    found = date(year, month + 1, 1) if missing else date(year, month + 1, day.day)
    if missing:
        found = later(found, 1)
    return found + timedelta(days=days)


def too_old(rule: Rule, born: date, day: date) -> bool:
    """Say whether a dose comes too late in life to be given at all."""
    if not (rule.until or rule.until_days):
        return False
    return day >= later(born, rule.until, rule.until_days)


def needed_from(rules: Sequence[Rule], born: date, day: date, number: int) -> int:
    """Pass over the doses that somebody of an age does not need any more."""
    while number < len(rules) and rules[number].unless:
        if day < later(born, rules[number].unless):
            break
        number += 1
    return number


def oracle(code: str, born: date, doses: Iterable[tuple[str, date]], on: date) -> int:
    """Give the number of the dose that is due on a day; 0: none is."""
    return counted(code, born, doses, on)[1]


def counted(code: str, born: date, doses: Iterable[tuple[str, date]], on: date) -> tuple[int, int]:
    """Give how many doses count until a day, and the number of the one that is due; 0: none is."""
    own = sorted(day for vaccine, day in doses if vaccine == code)
    live = [day for vaccine, day in doses if (code, vaccine) == ("duomorb", "amarilia")]
    rules, number, given, strict = ORACLE[code], 0, 0, False
    before: date | None = None

    def in_time(rule: Rule, day: date, grace: int) -> bool:
        spare = timedelta(days=grace)
        if day < later(born, rule.months, rule.days) - spare:
            return False
        if any(one < day < one + timedelta(days=28) for one in live):
            return False
        if before is None or not (rule.gap or rule.gap_months):
            return True
        return day >= later(before, rule.gap_months, rule.gap) - spare

    for day in own:
        number = needed_from(rules, born, day, number)
        if number == len(rules):
            break
        rule = rules[number]
        if too_old(rule, born, day):
            continue
        good = in_time(rule, day, rule.grace if number == 0 or not strict else 0)
        number, given, before, strict = number + good, given + good, day, not good
    number = needed_from(rules, born, on, number)
    if number == len(rules) or any(day >= on for day in own):
        return number, 0
    rule = rules[number]
    return number, given + 1 if in_time(rule, on, 0) and not too_old(rule, born, on) else 0


def due_for_all(
    code: str, births: Sequence[date], doses: Sequence[tuple[str, date]], on: date
) -> int:
    """Give the number of the dose that is due whichever of some days the birth was; 0: none."""
    found = [oracle(code, born, doses, on) for born in births]
    return max(found) if all(found) else 0


def related(code: str) -> set[str]:
    """Give the vaccines against the same disease, itself among them."""
    return next((family for family in FAMILIES if code in family), {code})
