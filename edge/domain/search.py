"""How a person is found: the words under which somebody is filed."""

from __future__ import annotations

import re
import unicodedata

from edge.domain.people import Person

_LATIN_MARKS = re.compile("[\u0300-\u036f]")
_WHOLE_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)
"""Latin letters that have no accent to take off, and what people type for them."""
_BETWEEN_WORDS = re.compile(r"[\s,.;:/()'\-]+")


def folded(text: str) -> list[str]:
    """Split text into words without case and without accents over Latin, Greek and Cyrillic.

    Vowel signs of other scripts stay: they are letters there.
    """
    plain = _LATIN_MARKS.sub("", unicodedata.normalize("NFKD", text.casefold())).translate(
        _WHOLE_LETTERS
    )
    return [word for word in _BETWEEN_WORDS.split(unicodedata.normalize("NFC", plain)) if word]


def search_words(person: Person) -> frozenset[str]:
    """Give every word this person can be found by: names, code, phones, identity number.

    The name and the phone of a mother, father or guardian are among them.
    """
    words = {*folded(person.name), person.code.casefold()}
    words.update(re.sub(r"\D", "", phone) for phone in _phones(person))
    if person.guardian is not None:
        words.update(folded(person.guardian.name))
    if person.identity:
        words.add(person.identity.rsplit(":", 1)[-1].casefold())
    return frozenset(words - {""})


def _phones(person: Person) -> tuple[str, ...]:
    return (person.phone, person.guardian.phone) if person.guardian else (person.phone,)
