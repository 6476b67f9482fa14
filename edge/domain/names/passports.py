"""A name as in a passport: Latin letters, and how the machine-readable zone writes it.

ICAO Doc 9303, part 3: section 4.6 (two names, one of which may stand for all), section 6 (how
letters are written), part 4: 39 places for the name.
"""

from __future__ import annotations

import re
import unicodedata

from edge.domain.errors import BadInput
from edge.domain.names.icao_letters import in_latin_letters
from sync.protocol.counted import Counted

PLACES = 39
"""Letters and fillers that a passport has for a name."""
_LONGEST = 80
_APOSTROPHES = frozenset("'\u2018\u2019\u02bb\u02bc`\u00b4")
"""However it is typed, it is left out (section 4.6)."""
_SIGNS = frozenset(" ,.-") | _APOSTROPHES
_WHOLE_LINE = re.compile(r"[PVACI][A-Z<][A-Z<]{3}[A-Z<]{31}([A-Z<]{8})?")
"""The first line of a passport or visa (44 or 36 places) or of a card of two lines (36)."""
_BEFORE_THE_NAME = 5


def name_parts(name: str) -> tuple[str, str]:
    """Split "Family, Given"; a name without a comma is one name, and stands as the primary one.

    What cannot be told apart is written as primary identifier (section 4.6).
    """
    family, _, given = name.partition(",")
    return family.strip(), given.strip()


def machine_readable(name: str, state: str = "") -> str:
    """Write a name as a passport's machine-readable zone does: A to Z and ``<``.

    ``state`` (ISO 3166-1 alpha-2) is whose way counts where Cyrillic is written in several.
    """
    plain = in_latin_letters("".join(sign for sign in name if sign not in _APOSTROPHES), state)
    words = re.sub(r"[^A-Z]+", "<", plain.replace("'", "")).strip("<")
    return words[:_LONGEST].rstrip("<")


def passport_name(text: str) -> str:
    """Read a name as in the passport: "Family, Given", or the line that a machine reads.

    That line may be whole, with the kind of document and the state before the name (Doc 9303 parts
    4, 5 and 7), and the next line behind it.
    """
    if "<" not in text:
        return text
    line = text.upper().split()[0]
    if _WHOLE_LINE.fullmatch(line):
        line = line[_BEFORE_THE_NAME:]
    family, _, given = line.strip("<").partition("<<")
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
            Counted(
                "The name as in the passport must have 1 to {places} letter.",
                "The name as in the passport must have 1 to {places} letters.",
            ),
            hint="Copy the line with < signs at the foot of the page: there it is shortened.",
            field="passportName",
            places=PLACES,
        )


def _is_latin(character: str) -> bool:
    return character.isalpha() and unicodedata.name(character, "").startswith("LATIN ")
