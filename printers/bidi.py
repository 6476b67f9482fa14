"""Direction: which way a text reads, and how values keep their order in it (UAX #9)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_RTL = ("R", "AL")
LRI, RLI, FSI, PDI = "\u2066", "\u2067", "\u2068", "\u2069"
_OPENERS = (LRI, RLI, FSI)
EMBEDDINGS = "\u202a\u202b\u202c\u202d\u202e"
"""Embeddings, overrides and their end: they reorder what follows, and nothing here needs them."""
_VALUE = re.compile(r"[0-9A-Za-z+(#][0-9A-Za-z+()\-/:.,#_–]*[0-9A-Za-z)]|[0-9]")
"""A lot, a date, a phone number, an address: what is isolated when it holds a digit."""


def is_rtl(text: str) -> bool:
    """Say whether a text reads from right to left: by its first strong character (rules P2, P3).

    What is isolated counts only where nothing else is strong, as in a value alone.
    """
    depth, inside = 0, ""
    for character in text:
        if character in _OPENERS:
            depth += 1
        elif character == PDI:
            depth = max(0, depth - 1)
        else:
            direction = unicodedata.bidirectional(character)
            if direction == "L" or direction in _RTL:
                if depth == 0:
                    return direction in _RTL
                inside = inside or direction
    return inside in _RTL


def has_rtl(text: str) -> bool:
    """Say whether a text holds a character that reads from right to left."""
    return any(unicodedata.bidirectional(character) in _RTL for character in text)


def isolated(value: str) -> str:
    """Shield a value from the direction of the text around it (FSI … PDI, or LRI … PDI).

    What has no letter from right to left goes from left to right (UAX 9, P3): FriBidi turns
    ``1 / 2`` round in an FSI.
    """
    return f"{FSI if has_rtl(value) else LRI}{value}{PDI}"


def with_values_kept(text: str) -> str:
    """Isolate lots, dates and numbers in a text that holds letters from right to left.

    What stands in an isolate already is left as it is.
    """
    if not has_rtl(text):
        return text
    parts, depth, start = [], 0, 0
    for place, character in enumerate(text):
        if character in _OPENERS:
            if depth == 0:
                parts.append(_isolate_values(text[start:place]))
                start = place
            depth += 1
        elif character == PDI and depth:
            depth -= 1
            if depth == 0:
                parts.append(text[start : place + 1])
                start = place + 1
    rest = text[start:]
    return "".join(parts) + (rest if depth else _isolate_values(rest))


def _isolate_values(text: str) -> str:
    return _VALUE.sub(
        lambda found: f"{LRI}{found[0]}{PDI}" if re.search("[0-9]", found[0]) else found[0], text
    )


def balanced(lines: Iterable[str]) -> list[str]:
    """Close each isolate at the end of its line and open it again on the next."""
    carried: list[str] = []
    found = []
    for line in lines:
        opened = "".join(carried)
        for character in line:
            if character in _OPENERS:
                carried.append(character)
            elif character == PDI and carried:
                carried.pop()
        found.append(opened + line + PDI * len(carried))
    return found
