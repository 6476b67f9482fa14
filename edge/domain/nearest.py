"""What somebody perhaps meant: the known name that is nearest to the one they wrote."""

from __future__ import annotations

from collections.abc import Collection
from unicodedata import combining, normalize

_NEAR = 65
"""Of 100: how alike two names must be, so that Dose is no suggestion for Name."""
_MOST = 60
"""Characters of a name that is compared: nobody means a longer one."""
_LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "ı": "i"}


def nearest(name: str, known: Collection[str]) -> str:
    """Give the known name that was perhaps meant, or nothing.

    Capitals, and zeros before a number, count for nothing: spreadsheets take those away.
    """
    # a campaign without a mistake comes by here with nothing to compare
    from rapidfuzz import fuzz, process

    same = _bare(name)
    for other in known:
        if other != name and _bare(other) == same:
            return other
    found = process.extractOne(
        name[:_MOST], list(known), scorer=fuzz.ratio, processor=str.casefold, score_cutoff=_NEAR
    )
    return str(found[0]) if found else ""


def did_you_mean(name: str, known: Collection[str]) -> tuple[str, dict[str, str]]:
    """Give a hint for a name that is not known, and its values; no hint for a name of nothing."""
    near = nearest(name, known)
    return ("Did you mean {near}?", {"near": near}) if near else ("", {})


def plain_code(text: str) -> str:
    """Write a text as a code may be written: letters without accents, digits, dot, dash."""
    spelt = "".join(_LETTERS.get(letter, letter) for letter in text)
    bare = "".join(sign for sign in normalize("NFKD", spelt) if not combining(sign))
    kept = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._-") else "-"
                   for sign in bare.strip())  # fmt: skip
    return "-".join(part for part in kept.split("-") if part).lstrip("._-")[:40]


def _bare(text: str) -> str:
    return text.casefold().strip().lstrip("0")
