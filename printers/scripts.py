"""Which scripts a text is written in, and which package of Debian has faces for them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import regex
from fontTools import unicodedata as scripts

_UNIVERSAL = ("Latn", "Grek", "Cyrl", "Zyyy", "Zinh", "Zzzz")
"""Of these every face here has letters, or they belong to whatever stands beside them."""
_FIRST = ("Arab", "Deva")
"""Whose a digit or a sign is that several scripts use, where none of them is written beside it."""
_IDEOGRAPHIC = frozenset(("Hani", "Hira", "Kana", "Hang", "Bopo"))
_IN_NOTO_CORE = frozenset(
    (
        "Adlm", "Aghb", "Ahom", "Arab", "Armi", "Armn", "Avst", "Bali", "Bamu", "Bass", "Batk",
        "Beng", "Bhks", "Brah", "Brai", "Bugi", "Buhd", "Cakm", "Cans", "Cari", "Cham", "Cher",
        "Copt", "Cprt", "Cyrl", "Deva", "Dogr", "Dsrt", "Dupl", "Elba", "Elym", "Ethi", "Geor",
        "Glag", "Gong", "Gonm", "Goth", "Gran", "Grek", "Gujr", "Guru", "Hano", "Hatr", "Hebr",
        "Hluw", "Hmng", "Hmnp", "Hung", "Ital", "Java", "Kali", "Khar", "Khmr", "Khoj", "Knda",
        "Kthi", "Lana", "Laoo", "Latn", "Lepc", "Limb", "Lina", "Linb", "Lisu", "Lyci", "Lydi",
        "Mahj", "Mand", "Mani", "Marc", "Medf", "Mend", "Merc", "Mero", "Mlym", "Modi", "Mong",
        "Mroo", "Mtei", "Mult", "Mymr", "Narb", "Nbat", "Newa", "Nkoo", "Nshu", "Ogam", "Olck",
        "Orkh", "Orya", "Osge", "Osma", "Palm", "Pauc", "Perm", "Phag", "Phli", "Phlp", "Phnx",
        "Plrd", "Prti", "Rjng", "Rohg", "Runr", "Samr", "Sarb", "Saur", "Sgnw", "Shaw", "Shrd",
        "Sidd", "Sind", "Sinh", "Sogd", "Sogo", "Sora", "Soyo", "Sund", "Sylo", "Syrc", "Tagb",
        "Takr", "Tale", "Talu", "Taml", "Tang", "Tavt", "Telu", "Tfng", "Tglg", "Thaa", "Thai",
        "Tibt", "Tirh", "Ugar", "Vaii", "Wara", "Wcho", "Xpeo", "Xsux", "Yezi", "Yiii", "Zanb",
    )
)  # fmt: skip
"""Scripts that Debian 12's ``fonts-noto-core`` has faces for."""
_IGNORABLE = regex.compile(r"[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cs}\p{Z}]")
_LETTER = regex.compile(r"\p{L}")
EVERYDAY = (
    "Arabic", "Armenian", "Bengali", "Bopomofo", "Devanagari", "Ethiopic", "Georgian", "Gujarati",
    "Gurmukhi", "Hangul", "Han", "Hebrew", "Hiragana", "Kannada", "Katakana", "Khmer", "Lao",
    "Malayalam", "Myanmar", "Oriya", "Sinhala", "Tamil", "Telugu", "Thaana", "Thai", "Tibetan",
)  # fmt: skip
"""Scripts in everyday use beside Latin, Greek and Cyrillic (UAX #31, table 5)."""


def visible(text: str) -> list[str]:
    """Give the characters of a text that leave ink, each once, in order of code point."""
    return [character for character in sorted(set(text)) if not _IGNORABLE.match(character)]


def script_code(character: str) -> str:
    """Give the ISO 15924 code of a character's script."""
    return str(scripts.script(character))


def scripts_of(text: str) -> list[str]:
    """Name the scripts of a text that need a face of their own, in order of appearance.

    By their Unicode names, such as ``Devanagari`` or ``Meetei_Mayek``.
    """
    found: dict[str, None] = {}
    shared: list[set[str]] = []
    for character in dict.fromkeys(text):
        code = script_code(character)
        if code not in _UNIVERSAL:
            found[code] = None
        elif (extended := scripts.script_extension(character)).isdisjoint(_UNIVERSAL):
            shared.append(extended)  # what Latin uses too, as a dot between words, has every face
    for extended in shared:
        if not extended & found.keys():
            found[next((code for code in _FIRST if code in extended), min(extended))] = None
    return [str(scripts.script_name(code)) for code in found]


def script_of(text: str) -> str:
    """Name the first script of a text that is not Latin, Greek or Cyrillic; none: ``Latin``."""
    return next(iter(scripts_of(text)), "Latin")


def sample_of(script: str, most: int) -> str:
    """Give the first letters of a script of a Unicode name; empty: it needs no face of its own."""
    try:
        code = scripts.script_code(script)
    except KeyError:
        return ""
    if code in _UNIVERSAL:
        return ""
    starts = [*scripts.Scripts.RANGES, 0x110000]
    letters = (
        chr(point)
        for place, value in enumerate(scripts.Scripts.VALUES)
        if value == code
        for point in range(starts[place], starts[place + 1])
        if _LETTER.match(chr(point))
    )
    return "".join(itertools.islice(letters, most))


def package_for(letters: Iterable[str]) -> str:
    """Name the Debian package that has faces for letters that are missing; empty: none has."""
    codes = {script_code(letter) for letter in letters}
    if codes & _IDEOGRAPHIC:
        return "fonts-noto-cjk"
    return "fonts-noto-core" if codes & _IN_NOTO_CORE else ""
