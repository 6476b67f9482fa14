"""Reads the code on a package of vaccine: GS1's element strings (General Specifications, 3, 7.8).

Scanned as it is, or typed as it stands below the code, with identifiers in brackets.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

_SYMBOLOGY = re.compile(r"\](?:d2|C1|Q3|e0|J1)")
_SEPARATOR = re.compile("\x1d|\u241d|<GS>|\\^]")
"""FNC1 as scanners send it, and as some keyboards write it."""
_IDENTIFIER_LENGTHS = {
    **dict.fromkeys(("23", "24", "25", "40", "41", "42", "71"), 3),
    **dict.fromkeys(
        ("31", "32", "33", "34", "35", "36", "39", "43", "70", "72", "80", "81", "82"), 4
    ),
}
"""By the first two digits; every other identifier has two."""
_FIXED_LENGTHS = {
    "00": 18, "01": 14, "02": 14, "03": 14, "04": 16, "20": 2, "41": 13,
    **dict.fromkeys(("11", "12", "13", "14", "15", "16", "17", "18", "19"), 6),
    **dict.fromkeys(("31", "32", "33", "34", "35", "36"), 6),
}  # fmt: skip
"""Characters behind the identifier, by its first two digits; others end at a separator."""
_BRACKETS = re.compile(r"\((\d{2,4})\)([^(]*)")


@dataclass(frozen=True, slots=True)
class PackageCode:
    """What a package's code says: GTIN (AI 01), lot (AI 10), expiry (AI 17), or nothing of each."""

    gtin: str
    lot: str
    expiry: date | None


def read_gs1(text: str, today: date) -> PackageCode | None:
    """Read a GS1 code that names a lot; None: the text is none."""
    plain = text.strip()
    bare = _SYMBOLOGY.sub("", plain, count=1)
    marked = bare != plain or plain.startswith("(")
    elements = dict(_in_brackets(bare) if plain.startswith("(") else _elements(bare))
    gtin, lot = elements.get("01", ""), elements.get("10", "")
    if not lot or not (marked or (bare.startswith("01") and _checked(gtin))):
        return None
    return PackageCode(gtin, lot, gs1_day(elements.get("17", ""), today))


def gs1_day(text: str, today: date) -> date | None:
    """Read GS1's YYMMDD; day 00 is the month's last, and the century the nearest to today's.

    None for anything else.
    """
    if not (len(text) == 6 and text.isascii() and text.isdigit()):
        return None
    short, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    century, now = divmod(today.year, 100)
    year = century * 100 + short + (100 if short - now <= -50 else -100 if short - now >= 51 else 0)
    if not 1 <= month <= 12:
        return None
    last = calendar.monthrange(year, month)[1]
    return date(year, month, day or last) if day <= last else None


def _in_brackets(text: str) -> Iterator[tuple[str, str]]:
    for identifier, value in _BRACKETS.findall(text):
        yield identifier, value.strip()


def _elements(text: str) -> Iterator[tuple[str, str]]:
    """Take element strings apart; stops at what is none."""
    rest = text
    while rest := _after_separator(rest):
        first = rest[:2]
        length = _IDENTIFIER_LENGTHS.get(first, 2)
        identifier, rest = rest[:length], rest[length:]
        if not (identifier.isascii() and identifier.isdigit()):
            return
        fixed = _FIXED_LENGTHS.get(first)
        end = _SEPARATOR.search(rest)
        stop = fixed if fixed is not None else end.start() if end else len(rest)
        yield identifier, rest[:stop]
        rest = rest[stop:]


def _after_separator(text: str) -> str:
    found = _SEPARATOR.match(text)
    return text[found.end() :] if found else text


def _checked(gtin: str) -> bool:
    """Say whether a GTIN of 14 digits has its check digit."""
    if not (len(gtin) == 14 and gtin.isascii() and gtin.isdigit()):
        return False
    return sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(gtin)) % 10 == 0
