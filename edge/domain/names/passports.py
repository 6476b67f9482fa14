"""A name as in a passport: Latin letters, and how the machine-readable zone writes it.

ICAO Doc 9303, part 3: section 4.6 (two names, one of which may stand for all), section 6 A (how
letters with marks are written), part 4: 39 places for the name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from anyascii import anyascii

from edge.domain.errors import BadInput

PLACES = 39
"""Letters and fillers that a passport has for a name."""
_ICAO: Mapping[int, str] = str.maketrans(
    {
        "Ä": "AE",
        "Å": "AA",
        "Æ": "AE",
        "Ð": "D",
        "Ñ": "N",
        "Ö": "OE",
        "Ø": "OE",
        "Ü": "UE",
        "Þ": "TH",
        "ß": "SS",
        "ẞ": "SS",
        "Œ": "OE",
        "Ĳ": "IJ",
    }
)
"""Where section 6 A writes a letter otherwise than by dropping its mark."""
_LONGEST = 80
_SIGNS = frozenset(" ,.'-\u2019")


def name_parts(name: str) -> tuple[str, str]:
    """Split "Family, Given"; a name without a comma is one name, and stands as the primary one.

    What cannot be told apart is written as primary identifier (section 4.6).
    """
    family, _, given = name.partition(",")
    return family.strip(), given.strip()


def machine_readable(name: str) -> str:
    """Write a name as a passport's machine-readable zone does: A to Z and ``<``."""
    plain = anyascii(name.upper().translate(_ICAO)).upper()
    words = re.sub(r"[^A-Z]+", "<", plain.replace("'", "")).strip("<")
    return words[:_LONGEST].rstrip("<")


def passport_name(text: str) -> str:
    """Read a name as in the passport: "Family, Given", or its machine-readable line."""
    if "<" not in text:
        return text
    family, _, given = text.strip("<").partition("<<")
    told = [part.replace("<", " ").strip() for part in (family, given)]
    return ", ".join(part for part in told if part)


def check_passport_name(name: str) -> None:
    """Refuse a name that no passport has; raises :class:`BadInput`."""
    if not all(sign in _SIGNS or _is_latin(sign) for sign in name):
        raise BadInput(
            "passport-name.letters",
            "The name as in the passport has Latin letters only.",
            hint="Copy it from the passport: family name, comma, given names.",
            field="passportName",
        )
    family, given = (machine_readable(part) for part in name_parts(name))
    if not family or len(f"{family}<<{given}" if given else family) > PLACES:
        raise BadInput(
            "passport-name.length",
            "The name as in the passport must have 1 to {places} letters.",
            hint="Copy the line with < signs at the foot of the page: there it is shortened.",
            field="passportName",
            places=PLACES,
        )


def _is_latin(character: str) -> bool:
    return character.isalpha() and unicodedata.name(character, "").startswith("LATIN ")
