"""Folds a text into words that compare as people mean them: no case, no accents, one letter each.

What counts as one is data, in :mod:`edge.domain.names.rules`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from edge.domain.names.rules import (
    APOSTROPHES,
    ARABIC_ARTICLE,
    ARABIC_SERVANT,
    ARTICLE,
    ETHIOPIC_LETTERS,
    ETHIOPIC_SERIES,
    JOINERS,
    LETTERS,
    MARKS,
    SECOND_SPELLINGS,
    SEQUENCES,
    SERVANT,
    SERVANT_JOINED,
    SOMALI_C,
    UNSPACED,
)

_SOFT = "\x1f"
"""Stands for whatever joins two parts of one word: an apostrophe, a dash, the dot of initials."""
_SHORTEST_STEM = 2


@dataclass(frozen=True, slots=True)
class Word:
    """What stands between two blanks, folded; ``parts`` are joined by apostrophes or dashes."""

    parts: tuple[str, ...]

    @property
    def whole(self) -> str:
        """The word without what joins its parts."""
        return "".join(self.parts)


def folded_words(text: str) -> list[Word]:
    """Split a text at blanks and punctuation into folded words."""
    words = []
    for piece in fold(text).split(" "):
        parts = tuple(part for part in piece.split(_SOFT) if part)
        if parts:
            words.append(Word(parts))
    return words


def fold(text: str) -> str:
    """Fold letters; words are parted by single blanks, their parts by U+001F."""
    joined = text.casefold().translate(_joins())
    plain = unicodedata.normalize("NFKD", joined).casefold().translate(_letters())
    composed = unicodedata.normalize("NFC", plain)
    for pattern, with_ in SEQUENCES:
        composed = pattern.sub(with_, composed)
    return " ".join("".join(map(_place, composed)).split(" "))


def second_spellings(text: str) -> list[str]:
    """Give other ways to write a text: ü as ue, as passports do; Somali x and c as others do."""
    plain = unicodedata.normalize("NFC", text).casefold()
    other = [plain.translate(_second_spellings())]
    if set("xc") & set(plain):
        other.append(SOMALI_C.sub("", plain).replace("x", "h"))
    return [spelt for spelt in other if spelt != plain]


def name_keys(text: str) -> list[str]:
    """Give the words under which a name is filed, most telling first, without those twice.

    Each word, its parts, what two or three words in a row are when written as one, the name of God
    after 'Abd, and in scripts without blanks every end of a word.
    """
    return list(dict.fromkeys(_name_keys(text)))


def _name_keys(text: str) -> Iterator[str]:
    words = folded_words(text)
    for several in (words, *map(folded_words, second_spellings(text))):
        for word in several:
            yield word.whole
            if len(word.parts) > 1:
                yield from word.parts
    wholes = [word.whole for word in words]
    for _, _, stem, joined in _servants([part for word in words for part in word.parts]):
        yield from (stem, joined)
    for whole in wholes:
        if whole.startswith(ARABIC_ARTICLE) and len(whole) > len(ARABIC_ARTICLE) + 1:
            yield whole[len(ARABIC_ARTICLE) :]
    for count in (2, 3):
        for start in range(len(wholes) - count + 1):
            yield "".join(wholes[start : start + count])
    for whole in wholes:
        yield from _ends(whole)


def plain_words(text: str) -> list[str]:
    """Give the words of a name with each 'Abd and what follows it as one, without any article."""
    words = folded_words(text)
    servant = list(_servants([part for word in words for part in word.parts]))
    found, place = [], 0
    for word in words:
        joined = [one for start, _, _, one in servant if place <= start < place + len(word.parts)]
        eaten = any(start < place < end for start, end, _, _ in servant)
        if joined or not eaten:
            found.append(joined[0] if joined else word.whole)
        place += len(word.parts)
    return found


def _servants(pieces: list[str]) -> Iterator[tuple[int, int, str, str]]:
    """Find names with 'Abd: from which piece to before which, the stem, and 'Abd with the stem."""
    for place, piece in enumerate(pieces):
        after, end = pieces[place + 1 :], place + 1
        if piece == ARABIC_SERVANT and after:
            stem, end = after[0].removeprefix(ARABIC_ARTICLE), place + 2
        elif piece.startswith(ARABIC_SERVANT) and len(piece) > len(ARABIC_SERVANT) + 2:
            stem = piece[len(ARABIC_SERVANT) :].removeprefix(ARABIC_ARTICLE)
        elif SERVANT.fullmatch(piece) and after:
            article = len(after) > 1 and ARTICLE.fullmatch(after[0]) is not None
            stem, end = (after[1], place + 3) if article else (after[0], place + 2)
        elif joined := SERVANT_JOINED.fullmatch(piece):
            stem = joined[2]
        else:
            continue
        if len(stem) >= _SHORTEST_STEM:
            arabic = piece.startswith(ARABIC_SERVANT)
            yield place, end, stem, f"{ARABIC_SERVANT if arabic else 'abd'}{stem}"


def _ends(word: str) -> Iterator[str]:
    """Give the ends of a word in a script that writes names without blanks, a letter with signs."""
    if not is_unspaced(word):
        return
    for place in range(1, len(word)):
        if not unicodedata.category(word[place]).startswith("M"):
            yield word[place:]


def is_unspaced(word: str) -> bool:
    """Say whether a word is of a script whose names are written without blanks."""
    return any(first <= ord(word[0]) <= last for first, last in UNSPACED) if word else False


def _place(character: str) -> str:
    if character in (_SOFT, " "):
        return character
    kind = unicodedata.category(character)
    if kind[0] in "LM":
        return character
    if kind[0] == "N":
        return str(unicodedata.digit(character)) if kind == "Nd" else character
    return "" if kind == "Cf" else " "


@cache
def _joins() -> dict[int, str]:
    return str.maketrans(dict.fromkeys(APOSTROPHES + JOINERS, _SOFT))


@cache
def _letters() -> dict[int, str]:
    table = {code: "" for first, last in MARKS for code in range(first, last + 1)}
    table |= str.maketrans(dict(LETTERS))
    ethiopic: dict[int, str] = {}
    for series, like in ETHIOPIC_SERIES:
        ethiopic |= {series + form: chr(like + form) for form in range(8)}
    for code in range(0x1200, 0x1380):
        letter = ethiopic.get(code, chr(code))
        letter = ETHIOPIC_LETTERS.get(letter, letter)
        if letter != chr(code):
            table[code] = letter
    table |= {code: chr(code - 0x60) for code in range(0x30A1, 0x30F7)}  # katakana as hiragana
    ignorable = (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, 0xFEFF)
    return table | dict.fromkeys((*ignorable, *range(0xFE00, 0xFE10)), "")


@cache
def _second_spellings() -> dict[int, str]:
    return str.maketrans(dict(SECOND_SPELLINGS))
