"""How a SMART Health Card is carried: as digits in a code, in a file, or in an answer of FHIR."""

from __future__ import annotations

from edge.credentials.strict_json import strict_json
from edge.credentials.verdict import UnreadableError

PREFIX = "shc:/"
LARGEST = 64 * 1024
"""Bytes, inflated; and digits of a code."""
_OFFSET, _HIGHEST = 45, 77
"""Each character is written as its code less 45, in two digits; z is the highest."""


def encode(jws: str) -> bytes:
    """Give the QR code's content: the prefix, and each character as two digits."""
    digits = "".join(f"{ord(character) - _OFFSET:02d}" for character in jws)
    return f"{PREFIX}{digits}".encode()


def decode(text: str) -> str:
    """Give the compact JWS of a code's text; raises :class:`UnreadableError`."""
    digits = text.removeprefix(PREFIX)
    if "/" in digits:
        raise UnreadableError("This is one of several codes; ask for a card in a single code.")
    if len(digits) > LARGEST or len(digits) % 2 or not (digits.isascii() and digits.isdigit()):
        raise UnreadableError("The code is damaged: it is not a whole number of characters.")
    values = [int(digits[place : place + 2]) for place in range(0, len(digits), 2)]
    if max(values, default=0) > _HIGHEST:
        raise UnreadableError("The code is damaged: it has numbers that stand for no character.")
    return "".join(chr(value + _OFFSET) for value in values)


def begun(text: str) -> str:
    """Leave out what editors put in front of a code, and write its scheme in small letters."""
    found = text.lstrip("\ufeff \t\r\n")
    return PREFIX + found[len(PREFIX) :] if found[: len(PREFIX)].lower() == PREFIX else found


def carried(text: str) -> list[str]:
    """Find the cards in a .smart-health-card file or in FHIR Parameters of $health-cards-issue."""
    if not text.lstrip().startswith("{"):
        return []
    try:
        document = strict_json(text.encode())
    except ValueError:
        return []
    found = document.get("verifiableCredential") if isinstance(document, dict) else None
    if isinstance(document, dict) and document.get("resourceType") == "Parameters":
        listed = document.get("parameter")
        found = [
            item.get("valueString")
            for item in (listed if isinstance(listed, list) else [])
            if isinstance(item, dict) and item.get("name") == "verifiableCredential"
        ]
    return [value for value in found if isinstance(value, str)] if isinstance(found, list) else []
