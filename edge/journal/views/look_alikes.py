"""Who is perhaps the same person: looked up by keys, then compared field by field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from edge.domain.likeness import ALIKE, Likeness, likeness
from edge.domain.names.folding import folded_words, plain_words
from edge.domain.people import Person
from edge.domain.phones import plain_digits
from edge.domain.search_keys import BIRTH, NAME, NUMBER_END, OTHER_NAME
from edge.journal.views.search import people_at, places_of, spellings_near

if TYPE_CHECKING:
    from sqlite_utils import Database

_MOST = 200
"""People that are compared field by field."""
_WORDS = 5
_DIGITS = 8
"""Digits at the end of a telephone number that are compared, whatever stands before them."""


def look_alikes(db: Database, candidate: Person, limit: int) -> list[tuple[Person, Likeness]]:
    """Give the people who may be the same as another, the most alike first.

    Compared are all who share what would make them alike: two words of the name (or near ones) and
    about the year of birth; a word, the mother or the telephone number and the day of birth; the
    telephone number and a word. Of more than 200 those registered last.
    """
    places: dict[int, None] = {}
    for expression in _expressions(db, candidate):
        if expression and len(places) < _MOST:
            places |= dict.fromkeys(places_of(db, expression, _MOST))
    found = [
        (other, likeness(candidate, other))
        for other in people_at(db, list(places)[:_MOST])
        if other.id != candidate.id
    ]
    alike = [pair for pair in found if pair[1].score >= ALIKE]
    return sorted(alike, key=lambda pair: (-pair[1].score, pair[0].name, pair[0].id))[:limit]


def _expressions(db: Database, person: Person) -> Iterator[str]:
    """Write the questions to the index, the narrowest first."""
    names = [_any(_spelt(db, NAME, word)) for word in _words(person.name)]
    guardian = person.guardian
    mothers = [
        _any(_spelt(db, OTHER_NAME, word)) for word in _words(guardian.name if guardian else "")
    ]
    phone = _any(_phone_keys(person))
    day, years = _any(_day(person)), _any(_years(person))
    a_name, a_mother = _any_of(names), _any_of(mothers)
    every_name = _all_of(names)
    yield _any_of(
        [
            _all_of([day, _any_of([a_name, a_mother, phone])]),
            _all_of([phone, _any_of([a_name, _all_of([years, a_mother])])]),
            _all_of([every_name, a_mother]),
            _all_of([every_name, _any(_days_mistyped(person))]),
        ]
    )
    pairs = [_all_of(pair) for pair in combinations(names, 2)] or names
    yield _all_of([_any_of(pairs), years])


def _words(name: str) -> list[str]:
    wholes = [word.whole for word in folded_words(name)]
    return list(dict.fromkeys([*plain_words(name), *wholes]))[:_WORDS]


def _spelt(db: Database, sign: str, word: str) -> list[str]:
    near = [other for other, _ in spellings_near(db, word)]
    return [f'"{sign}{spelling}"' for spelling in (word, *near)]


def _day(person: Person) -> Iterator[str]:
    if person.birth_date is not None:
        yield f'"{BIRTH}{person.birth_date.isoformat()}"'


def _years(person: Person) -> Iterator[str]:
    if person.born_text:
        years = range(person.born.first.year - 1, person.born.last.year + 2)
        yield from (f'"{BIRTH}{year:04}"*' for year in years)


def _days_mistyped(person: Person) -> Iterator[str]:
    """Give the day in years that one wrong digit makes of the right one."""
    if person.birth_date is None:
        return
    year, rest = f"{person.birth_date.year:04}", person.birth_date.isoformat()[4:]
    for place in (2, 3):
        for digit in "0123456789":
            yield f'"{BIRTH}{year[:place]}{digit}{year[place + 1 :]}{rest}"'


def _phone_keys(person: Person) -> Iterator[str]:
    guardian = person.guardian
    for phone in (person.phone, guardian.phone if guardian else ""):
        digits = plain_digits(phone).lstrip("0")
        if digits:
            yield f'"{NUMBER_END}{digits[::-1][:_DIGITS]}"*'


def _any(keys: Iterable[str]) -> str:
    return _any_of(list(keys))


def _any_of(questions: Iterable[str]) -> str:
    """Join questions of which one must be met; an empty one is met by nobody."""
    told = [question for question in questions if question]
    return f"({' OR '.join(told)})" if told else ""


def _all_of(questions: Iterable[str]) -> str:
    """Join questions that must all be met; with one that nobody meets, nobody does."""
    told = list(questions)
    return f"({' AND '.join(told)})" if told and all(told) else ""
