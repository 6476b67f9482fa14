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
    """One dose: ages in months and days, days since the one before, days of grace."""

    months: int = 0
    days: int = 0
    until: int = 0
    until_days: int = 0
    gap: int = 0
    gap_months: int = 0
    grace: int = 0


INFANT = 60  # months
ORACLE = {
    "coviprotect": [Rule(months=144), Rule(gap=28)],
    "adenovax": [Rule(months=144), Rule(gap=56)],
    "amarilia": [Rule(months=12)],
    "duomorb": [Rule(months=12, until=180)],
    "BCG": [Rule(until_days=29)],  # then not without a TB test: a clinician decides
    "HepB-birth": [Rule(until_days=14)],
    "OPV": [Rule(days=days, until=INFANT, gap=gap, grace=4)
            for days, gap in ((42, 0), (0, 28), (0, 28))],
    "IPV": [Rule(days=98, until=INFANT, grace=4), Rule(until=INFANT, gap_months=4, grace=4)],
    "Penta": [Rule(days=days, until=84, gap=gap, grace=4)
              for days, gap in ((42, 0), (0, 28), (0, 28))],
    "PCV": [Rule(days=days, until=INFANT, gap=gap, grace=4)
            for days, gap in ((42, 0), (0, 28), (0, 28))],
    "Rota": [Rule(days=days, until=24, gap=gap, grace=4) for days, gap in ((42, 0), (0, 28))],
    "MR": [Rule(months=months, until=180, gap=gap, grace=4) for months, gap in ((9, 0), (15, 28))],
}  # fmt: skip
BEGUN_LATE = {
    "Penta": [(12, [*ORACLE["Penta"][:2], Rule(until=84, gap_months=6, grace=4)])],
    "PCV": [(12, ORACLE["PCV"][:2]), (24, ORACLE["PCV"][:1])],
}
"""Other doses where the first that counts was given from so many months of age on."""
WAITS = {"duomorb": "amarilia", "BCG": "MR", "Rota": "MR"}
"""Which live vaccine has to be four weeks away, or of the same day."""


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


def rules_of(code: str, born: date, day: date) -> Sequence[Rule]:
    """Give the doses of somebody who begins on a day."""
    found: Sequence[Rule] = ORACLE[code]
    for months, rules in BEGUN_LATE.get(code, ()):
        if day >= later(born, months):
            found = rules
    return found


def oracle(code: str, born: date, doses: Iterable[tuple[str, date]], on: date) -> int:
    """Give the number of the dose that is due on a day; 0: none is."""
    return counted(code, born, doses, on)[1]


def counted(code: str, born: date, doses: Iterable[tuple[str, date]], on: date) -> tuple[int, int]:
    """Give how many doses count until a day, and the number of the one that is due; 0: none is."""
    own = sorted(day for vaccine, day in doses if vaccine == code)
    live = [day for vaccine, day in doses if vaccine == WAITS.get(code)]
    number, strict = 0, False
    rules = rules_of(code, born, on)
    before: date | None = None

    def apart(day: date) -> bool:
        return not any(one < day < one + timedelta(days=28) for one in live)

    def in_time(rule: Rule, day: date, grace: int) -> bool:
        spare = timedelta(days=grace)
        if day < later(born, rule.months, rule.days) - spare:
            return False
        if before is None or not (rule.gap or rule.gap_months):
            return True
        return day >= later(before, rule.gap_months, rule.gap) - spare

    for day in own:
        if number == 0:
            rules = rules_of(code, born, day)
        if number == len(rules):
            break
        rule = rules[number]
        if too_old(rule, born, day):
            continue
        timely = in_time(rule, day, rule.grace if number == 0 or not strict else 0)
        number, before, strict = number + (timely and apart(day)), day, not timely
    if number == 0:
        rules = rules_of(code, born, on)
    if number == len(rules) or any(day >= on for day in own):
        return number, 0
    rule = rules[number]
    due = in_time(rule, on, 0) and apart(on) and not too_old(rule, born, on)
    return number, number + 1 if due else 0


def due_for_all(
    code: str, births: Sequence[date], doses: Sequence[tuple[str, date]], on: date
) -> int:
    """Give the number of the dose that is due whichever of some days the birth was; 0: none."""
    most = 0
    for born in births:
        number = oracle(code, born, doses, on)
        if not number:
            return 0  # one of them is enough
        most = max(most, number)
    return most


def related(code: str) -> set[str]:
    """Give the vaccines against the same disease, itself among them."""
    return next((family for family in FAMILIES if code in family), {code})
