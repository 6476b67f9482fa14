"""Short texts as they are taken in: composed, without what nobody can see or what turns a line.

Every letter, sign and quotation mark that people write is taken. What is kept is in Unicode's
composed form (UAX 15, NFC), so that two ways to type a letter are one.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from edge.domain.errors import BadInput
from sync.protocol.counted import Counted

DIRECTIONS = frozenset(
    map(chr, (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x2070)))
)
"""Marks that turn the direction of writing, also of what stands around them (UAX 9)."""
_MEANT = frozenset("\u200b\u200c\u200d\u180b\u180c\u180d\u034f")
"""Invisible, and meant: they part or join letters in Khmer, Persian, the scripts of India."""
_IDLE = dict.fromkeys((0x00AD, 0x2060, 0xFEFF), None)
"""Invisible and without meaning in a name: soft hyphen, word joiner, byte order mark."""
_JOINERS = frozenset("\u200c\u200d")
_SHAPES = _JOINERS | frozenset("\u180b\u180c\u180d")
"""Those of them that change how the letter before them is drawn."""
_UNSHAPED = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "GEORGIAN", "HEBREW", "CJK", "COMBINING")
"""Scripts whose letters no joiner changes, and marks of any script."""
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Drawn as nothing, though Unicode calls them letters or symbols."""


def composed(text: str) -> str:
    """Give a text in composed form, with single blanks, none around it, and nothing idle in it."""
    if _is_plain(text):
        return " ".join(text.split())
    plain = unicodedata.normalize("NFC", text).translate(_IDLE)
    words = "".join(" " if _is_blank(sign) else sign for sign in plain).split(" ")
    return " ".join(word for word in words if word)


def tidied(text: str, longest: int) -> str:
    """Give a text of others as it could have been taken in here, shortened; nobody can be asked."""
    kept = composed("".join(sign for sign in text if not _is_refused(sign)))[:longest]
    return composed(kept) if is_visible(kept) else ""


def check_text(field: str, value: str, longest: int) -> None:
    """Refuse a text that is too long, or has in it what nobody can see.

    Raises :class:`BadInput` naming the field.
    """
    if len(value) > longest:
        raise BadInput(
            "text.too-long",
            Counted(
                "{name} is longer than {longest} character.",
                "{name} is longer than {longest} characters.",
            ),
            field=field,
            name=field,
            longest=longest,
        )
    if _is_plain(value) and (not value or value.strip()):
        return
    if any(0xD800 <= ord(character) <= 0xDFFF for character in value):
        raise BadInput(
            "text.broken-character",
            "{name} holds half a character.",
            hint="Type the text again.",
            field=field,
            name=field,
        )
    if any(character in DIRECTIONS for character in value):
        raise BadInput(
            "text.direction-character",
            "{name} holds an invisible sign that turns the direction of writing.",
            hint="Type the text again, without copying it from elsewhere.",
            field=field,
            name=field,
        )
    if any(_is_refused(character) for character in value):
        raise BadInput(
            "text.control-character",
            "{name} holds a control character, which nobody can see.",
            hint="Type the text again, without copying it from elsewhere.",
            field=field,
            name=field,
        )
    if value and not is_visible(value):
        raise BadInput(
            "text.invisible",
            "{name} holds only signs that nobody can see.",
            hint="Type the text again.",
            field=field,
            name=field,
        )


def as_seen(text: str) -> str:
    """Give a text as it is signed and printed: composed, without what turns the line or is unseen.

    Whatever way it came, typed, imported or told, so that no two texts look alike and differ. A
    joiner stays only where a script shapes its letters by it (Persian, Sinhala, Mongolian).
    """
    if _is_plain(text):
        return text
    kept: list[str] = []
    for sign in unicodedata.normalize("NFC", text):
        if _is_unseen(sign) and not (sign in _SHAPES and kept and _is_shaped(kept[-1])):
            continue
        kept.append(sign)
    while kept and kept[-1] in _JOINERS:
        kept.pop()
    return unicodedata.normalize("NFC", "".join(kept))


def _is_unseen(sign: str) -> bool:
    """Say whether a sign is drawn as nothing (Unicode's Default_Ignorable_Code_Point)."""
    code = ord(sign)
    return (
        _is_refused(sign)
        or code in _IDLE
        or sign in _BLANK - {"\u2800"}
        or sign in _MEANT
        or 0xFE00 <= code <= 0xFE0F
        or code in (0x17B4, 0x17B5, 0x180E, 0x180F)
        or 0x2061 <= code <= 0x2064
        or 0xFFF0 <= code <= 0xFFF8
    )


def _is_shaped(sign: str) -> bool:
    """Say whether a joiner or a variation sign behind a sign changes how it is drawn."""
    return not unicodedata.name(sign, "").startswith(_UNSHAPED) and (
        sign.isalpha() or unicodedata.combining(sign) != 0
    )


def _is_plain(text: str) -> bool:
    """Say whether a text has only letters and signs of ASCII, and blanks: nothing to look at."""
    return text.isascii() and text.isprintable()


def is_visible(text: str) -> bool:
    """Say whether there is anything to see in a text."""
    return any(
        sign not in _BLANK
        and unicodedata.category(sign) not in ("Cf", "Cc", "Zs", "Zl", "Zp")
        and sign not in _MEANT
        and not 0xFE00 <= ord(sign) <= 0xFE0F
        for sign in text
    )


def has_letter(text: str) -> bool:
    """Say whether there is a letter or a number in a text."""
    return any(unicodedata.category(sign)[0] in "LN" and sign not in _BLANK for sign in text)


def all_composed(value: Any) -> Any:
    """Compose every text in a value as YAML and JSON have them; names of fields are left alone."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {key: all_composed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [all_composed(item) for item in value]
    return value


def _is_blank(character: str) -> bool:
    return character in "\t\n\r" or unicodedata.category(character) in ("Zs", "Zl", "Zp")


def _is_refused(character: str) -> bool:
    code, kind = ord(character), unicodedata.category(character)
    return (
        (kind == "Cc" and character not in "\t\n\r")
        or kind in ("Cs", "Co")
        or character in DIRECTIONS
        or 0xFFF9 <= code <= 0xFFFC
        or 0xE0000 <= code <= 0xE007F
        or 0xFDD0 <= code <= 0xFDEF
        or code & 0xFFFE == 0xFFFE
    )
