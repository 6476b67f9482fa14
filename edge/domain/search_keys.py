"""Under what a person is filed, so as to be found: keys, each with a sign for its kind in front.

A key is a word without blanks. The keys of a person are kept beside them, as one text; the index
is made of that text, and a query is a question about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edge.domain.names.folding import fold, folded_words, name_keys
from edge.domain.names.rules import PARTICLES
from edge.domain.names.sounds import latin
from edge.domain.people import Person
from edge.domain.phones import plain_digits

NAME, OTHER_NAME, PLACE, NUMBER, NUMBER_END, BIRTH = "", "%", ".", "#", "<", "@"
"""Signs: the person's name has none; a mother's or guardian's name; where they live; a code,
identity or telephone number; such a number from its end, so that its last digits are found; a
birth.
"""
SIGNS = "".join((OTHER_NAME, PLACE, NUMBER, NUMBER_END, BIRTH, "-"))
TEXTS = (NAME, OTHER_NAME, PLACE)
_LONGEST = 60
SHORT = 4
"""Letters of a word that is also looked for together with the next one, near misses too."""
_PLACES = ("addressLine1", "addressLine2", "district", "state", "pincode")


@dataclass(frozen=True, slots=True)
class Filed:
    """How a person is filed: ``name`` to order by, the keys, and the words of names and places."""

    name: str
    keys: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """The keys as one text, a blank before and after each."""
        return f" {' '.join(self.keys)} "


def filed(person: Person) -> Filed:
    """Say how a person is filed: by themselves, by who answers for them, by where they live."""
    texts = [
        (NAME, person.name),
        (NAME, person.passport_name),
        (OTHER_NAME, person.guardian.name if person.guardian else ""),
        *((PLACE, getattr(person.address, field)) for field in _PLACES),
    ]
    found = [key for sign, text in texts for key in _text_keys(sign, text)]
    found += [*_numbers(person), *births(person)]
    words = [word for _, text in texts for word in _spellings(text)]
    return Filed(
        " ".join(word.whole for word in folded_words(person.name)),
        tuple(dict.fromkeys(key[:_LONGEST] for key in found)),
        tuple(dict.fromkeys(word[:_LONGEST] for word in words)),
    )


def has_digit(word: str) -> bool:
    """Say whether there is a digit in a word."""
    return any(character.isdecimal() for character in word)


def alphanumeric(text: str) -> str:
    """Write a number or code without what is written between its parts."""
    return fold(text).replace("\x1f", "").replace(" ", "")


def births(person: Person) -> Iterator[str]:
    """Give the keys of a birth: its day, the month or the years in which it may have been."""
    first, last = person.born.first, person.born.last
    if not person.born_text:
        return
    if first == last:
        yield f"{BIRTH}{first.isoformat()}"
    elif (first.year, first.month) == (last.year, last.month):
        yield f"{BIRTH}{first.isoformat()[:7]}"
    else:
        yield from (f"{BIRTH}{year:04}" for year in range(first.year, last.year + 1))


def _spellings(text: str) -> Iterator[str]:
    """Give the words that near misses are looked for among; a short one also with the next."""
    words = folded_words(text)
    for place, word in enumerate(words):
        pieces = [word.whole, *word.parts]
        following = words[place + 1].parts[0] if place + 1 < len(words) else ""
        if following and (len(word.whole) <= SHORT or following in PARTICLES):
            pieces.append(word.whole + words[place + 1].whole)
        yield from (piece for piece in pieces if len(piece) > 1 and not has_digit(piece))


def _text_keys(sign: str, text: str) -> Iterator[str]:
    for key in name_keys(text):
        yield sign + key
        in_latin = latin(key)
        if in_latin and in_latin != key:
            yield sign + in_latin


def _numbers(person: Person) -> Iterator[str]:
    code = alphanumeric(person.code)
    if code:
        yield NUMBER + code
    if person.identity:
        for number in dict.fromkeys((person.identity.rsplit(":", 1)[-1], person.identity)):
            plain = alphanumeric(number)
            if plain:
                yield NUMBER + plain
                yield NUMBER_END + plain[::-1]
    for phone in (person.phone, person.guardian.phone if person.guardian else ""):
        digits = plain_digits(phone)
        if digits:
            yield NUMBER + digits
            yield NUMBER_END + digits[::-1]
    email = alphanumeric(person.email)
    if email:
        yield NUMBER + email
