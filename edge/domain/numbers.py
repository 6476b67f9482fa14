"""Numbers people read aloud or type: short, without look-alikes, unique without asking anybody."""

from __future__ import annotations

import hashlib
import unicodedata

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U."""

CERTIFICATE_DIGITS = 16
PERSON_DIGITS = 12


def readable_number(place: str, digits: int) -> str:
    """Derive a number from a place in the chain (node, epoch, number), which exists only once.

    Sixteen digits are 80 bits: among a billion certificates two are equal with a chance of one in
    two million. The place is drawn with a random epoch, so the number tells nothing.
    """
    value = int.from_bytes(hashlib.sha256(place.encode()).digest(), "big")
    found = []
    for _ in range(digits):
        value, remainder = divmod(value, 32)
        found.append(_ALPHABET[remainder])
    return "".join(found)


def grouped(number: str) -> str:
    """Write a number in groups of four, as paper and screen show it."""
    return " ".join(number[index : index + 4] for index in range(0, len(number), 4))


def typed_number(text: str, digits: int = 12) -> int | None:
    """Read a whole number that somebody typed, in at most so many digits of any script; else None.

    Python takes more for a digit than it can read as one (``²``), and reads as long a number as
    there is, for minutes.
    """
    plain = text.isdecimal() and len(text) <= digits
    return int(text) if plain else None


def in_ascii_digits(text: str) -> str:
    """Write the decimal digits of every script (Unicode category Nd) as 0 to 9.

    The keyboard of a tablet in Arabic, Persian or Bengali may have its own digits alone.
    """
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)
