"""Under what a person is filed, so as to be found: keys, each with a sign for its kind in front.

A key is a word without blanks. The keys of a person are kept beside them, as one text; the index
is made of that text, and a query is a question about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edge.domain.names.folding import fold, folded_words, name_keys
from edge.domain.names.sounds import latin
from edge.domain.people import Person
from edge.domain.phones import plain_digits

NAME, OTHER_NAME, PLACE, NUMBER, NUMBER_END, BIRTH = "", "%", ".", "#", "<", "@"
"""Signs: the person's name has none; a mother's or guardian's name; where they live; a code,
identity or telephone number; such a number from its end, so that its last digits are found; a birth.
"""
SIGNS = "".join((OTHER_NAME, PLACE, NUMBER, NUMBER_END, BIRTH, "-"))
TEXTS = (NAME, OTHER_NAME, PLACE)
_LONGEST = 60
_PLACES = ("addressLine1", "addressLine2", "district", "state", "pincode")


@dataclass(frozen=True, slots=True)
class Filed:
    """How a person is filed: ``name`` to order by, and the keys."""

    name: str
    keys: tuple[str, ...]

    @property
    def text(self) -> str:
        """The keys as one text, a blank before and after each."""
        return f" {' '.join(self.keys)} "


def filed(person: Person, others: tuple[str, ...] = (), phones: tuple[str, ...] = ()) -> Filed:
    """Say how a person is filed; ``others`` are names and ``phones`` numbers of those with them."""
    found = [
        *_text_keys(NAME, person.name),
        *(key for name in others for key in _text_keys(OTHER_NAME, name)),
        *(
            key
            for field in _PLACES
            for key in _text_keys(PLACE, getattr(person.address, field))
        ),
        *_numbers(person, phones),
        *births(person),
    ]
    keys = dict.fromkeys(key[:_LONGEST] for key in found)
    return Filed(" ".join(word.whole for word in folded_words(person.name)), tuple(keys))


def name_words(filed_text: str) -> list[str]:
    """Give the words of names and places in the text of somebody's keys, without their signs."""
    words = (key.lstrip(OTHER_NAME + PLACE) for key in filed_text.split())
    return [word for word in words if word and word[0] not in SIGNS and not has_digit(word)]


def has_digit(word: str) -> bool:
    """Say whether there is a digit in a word."""
    return any(character.isdecimal() for character in word)


def alphanumeric(text: str) -> str:
    """Write a number or code without what is written between its parts."""
    return fold(text).replace("\x1f", "").replace(" ", "")


def births(person: Person) -> Iterator[str]:
    """Give the keys of a birth: its day, or the year alone."""
    if person.birth_date is not None:
        yield f"{BIRTH}{person.birth_date.isoformat()}"
    elif person.birth_year is not None:
        yield f"{BIRTH}{person.birth_year:04}"


def _text_keys(sign: str, text: str) -> Iterator[str]:
    for key in name_keys(text):
        yield sign + key
        in_latin = latin(key)
        if in_latin and in_latin != key:
            yield sign + in_latin


def _numbers(person: Person, phones: tuple[str, ...]) -> Iterator[str]:
    code = alphanumeric(person.code)
    if code:
        yield NUMBER + code
    if person.identity:
        for number in {person.identity.rsplit(":", 1)[-1], person.identity}:
            plain = alphanumeric(number)
            if plain:
                yield NUMBER + plain
                yield NUMBER_END + plain[::-1]
    for phone in (person.phone, *phones):
        digits = plain_digits(phone)
        if digits:
            yield NUMBER + digits
            yield NUMBER_END + digits[::-1]
