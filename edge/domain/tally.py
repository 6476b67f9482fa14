"""A day in numbers: doses by programme, vaccine, dose, sex and age; nobody's name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

K = TypeVar("K", bound=tuple[object, ...])
AGE_GROUPS = ((0, "0"), (4, "1-4"), (11, "5-11"), (17, "12-17"), (59, "18-59"), (999, "60+"))
"""Whole years on the day of the dose: the last of each group, and what the sheet calls it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedDose:
    """What is counted of a dose; ``overrides`` is how many rules were set aside for it."""

    programme: str
    vaccine: str
    number: int
    total: int
    lot: str
    sex: str
    age: int
    overrides: int


@dataclass(frozen=True, slots=True)
class ProgrammeTally:
    """One programme: doses by (vaccine, number, of how many), and by (sex, age group)."""

    programme: str
    total: int
    doses: tuple[tuple[tuple[str, int, int], int], ...]
    groups: tuple[tuple[tuple[str, str], int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One day; ``lots`` counts doses by (vaccine, lot)."""

    total: int
    overridden_doses: int
    overridden_rules: int
    programmes: tuple[ProgrammeTally, ...]
    lots: tuple[tuple[tuple[str, str], int], ...]


def tally(doses: Sequence[CountedDose]) -> Tally:
    """Count the doses of a day."""
    programmes = []
    for name in sorted({dose.programme for dose in doses}):
        own = [dose for dose in doses if dose.programme == name]
        programmes.append(
            ProgrammeTally(
                name,
                len(own),
                _counted(
                    [
                        (counted_dose.vaccine, counted_dose.number, counted_dose.total)
                        for counted_dose in own
                    ]
                ),
                _by_group(own),
            )
        )
    return Tally(
        total=len(doses),
        overridden_doses=sum(1 for dose in doses if dose.overrides),
        overridden_rules=sum(dose.overrides for dose in doses),
        programmes=tuple(programmes),
        lots=_counted([(dose.vaccine, dose.lot) for dose in doses]),
    )


def age_group(age: int) -> str:
    """Name the group of an age in whole years."""
    return next(name for last, name in AGE_GROUPS if age <= last)


def _by_group(doses: Sequence[CountedDose]) -> tuple[tuple[tuple[str, str], int], ...]:
    counts = Counter((dose.sex, age_group(dose.age)) for dose in doses)
    order = [name for _, name in AGE_GROUPS]
    return tuple(sorted(counts.items(), key=lambda one: (one[0][0], order.index(one[0][1]))))


def _counted(keys: Sequence[K]) -> tuple[tuple[K, int], ...]:
    return tuple(sorted(Counter(keys).items()))
