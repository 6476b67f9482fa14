"""What somebody types to find a person, as a question to the index, and how well an answer fits.

A query is read in several ways at once: as the words it has, with words joined, as a number, with
a date in it. A way is a list of terms that must all be met; a term is met by any of its keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from edge.domain.names.folding import folded_words, plain_words, second_spellings
from edge.domain.names.rules import ARABIC_ARTICLE, PARTICLES, TITLES
from edge.domain.names.sounds import latin
from edge.domain.phones import SHORTEST, beginnings, national_number, plain_digits
from edge.domain.search_keys import (
    BIRTH,
    NAME,
    NUMBER,
    NUMBER_END,
    OTHER_NAME,
    PLACE,
    SHORT,
    TEXTS,
    alphanumeric,
    has_digit,
)
from edge.domain.typed_dates import TypedDate, typed_date

MOST_WORDS = 8
"""Of a query; what follows is left out."""
EXACT, BEGUN, OTHER, LATIN, LOOSE = 0, 2, 3, 4, 6
"""How far a key is from what was typed: the word itself, its beginning, of another field, by its
Latin letters, without a particle."""
NEAR = 10
"""From here on: near misses, by their distance."""
_NEAR_PLACE = 2
"""How far a word that is not of the person's own name may be."""
LONGEST_QUERY = 200
"""Letters of what may be looked for: a name, a number and a date are shorter, together too."""
_NUMBER = re.compile(r"(?<!\w)[+\uff0b]?\(?\d[\d\s().\-]*\d(?!\w)")
"""A number, with what people write between digits, beside other words."""
_WORD = 3
"""Letters of a word that tells something by itself."""
_CODE = 6
"""Letters, without a digit, that may be a code."""
_LOOKS_LIKE = str.maketrans("oil", "011")
_END = 3
"""Digits at the end of a number that are enough to look for it."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key to look for: whole, or as the beginning of one; ``far`` says how unlikely it is."""

    text: str
    begun: bool
    far: int


@dataclass(frozen=True, slots=True)
class Term:
    """Keys of which any will do; ``word`` is what near misses are looked up for, if anything."""

    keys: tuple[Key, ...]
    word: str = ""


Way = tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """The ways to read what was typed; ``words`` are those of the name as typed, to order by."""

    ways: tuple[Way, ...]
    words: tuple[str, ...] = field(default=())

    @property
    def words_to_near(self) -> frozenset[str]:
        """The words for which near misses are looked up."""
        return frozenset(term.word for way in self.ways for term in way if term.word)


def read_query(text: str, today: date, region: str = "") -> Query:
    """Read what was typed; ``region`` is the site's country, for telephone numbers and calendars.

    Whatever can be read in no way gives a query that nobody answers. What stands behind the
    longest text is not looked at.
    """
    text = text.strip()[:LONGEST_QUERY]
    ways: list[Way] = []
    number = _as_number(text, region)
    if number is not None:
        ways.append((number,))
    run = _NUMBER.search(text)
    beside = _as_number(run[0], region) if run and number is None else None
    if run and beside is not None:
        rest = f"{text[: run.start()]} {text[run.end() :]}"
        ways.extend((*way, beside) for way in _as_words(rest))
    dated = typed_date(text, today, region)
    if dated is not None:
        born = Term(tuple(_birth_keys(dated)))
        ways.extend((*way, born) for way in (_as_words(dated.rest) or [()]))
    ways.extend(_as_words(text))
    words = tuple(word.whole for word in folded_words(text))
    return Query(tuple(dict.fromkeys(way for way in ways if way)), words)


def without_one(query: Query) -> Query:
    """Leave out any one of three words or more; the others must be there whole."""
    ways = []
    for way in query.ways:
        whole = [Term(tuple(key for key in term.keys if not key.begun)) for term in way]
        if len(way) > 2 and all(len(term.word) >= _WORD for term in way):
            ways += [(*whole[:place], *whole[place + 1 :]) for place in range(len(way))]
    return Query(tuple(ways), query.words)


def nearer(query: Query, near: Mapping[str, Sequence[tuple[str, int]]]) -> Query:
    """Let words that are nearly those typed be met too; ``near`` has them with their distance."""
    ways = tuple(
        tuple(
            Term((*term.keys, *_near_keys(near.get(term.word, ())), *_initial(term, way)))
            for term in way
        )
        for way in query.ways
    )
    return Query(ways, query.words)


def _near_keys(words: Iterable[tuple[str, int]]) -> Iterator[Key]:
    for word, distance in words:
        for place, sign in enumerate(TEXTS):
            if distance <= _NEAR_PLACE or sign == NAME:
                yield Key(sign + word, begun=False, far=NEAR + distance + 2 * place)


def _initial(term: Term, way: Way) -> Iterator[Key]:
    """Let an initial on record stand for the name that was typed, when there is more to go by."""
    if len(way) > 1 and len(term.word) > 1:
        yield Key(term.word[0], begun=False, far=NEAR)


def distance(query: Query) -> Callable[[str], int | None]:
    """Give what says how far somebody's keys (with blanks around each) are; None: not meant."""
    ways = [[_sought(term) for term in way] for way in query.ways]

    def of(keys: str) -> int | None:
        best: int | None = None
        for way in ways:
            total: int | None = 0
            for term in way:
                far = next((far for sought, far in term if sought in keys), None)
                total = None if far is None or total is None else total + far
                if total is None:
                    break
            if total is not None and (best is None or total < best):
                best = total
        return best

    return of


def _sought(term: Term) -> list[tuple[str, int]]:
    found = [(f" {key.text}" if key.begun else f" {key.text} ", key.far) for key in term.keys]
    return sorted(found, key=lambda one: one[1])


def _as_words(text: str) -> list[Way]:
    words = folded_words(text)[:MOST_WORDS]
    if not words:
        return []
    wholes = [word.whole for word in words]
    ways = [tuple(_term(whole, EXACT) for whole in wholes)]
    pieces = [part for word in words for part in word.parts]
    if len(pieces) > len(wholes):
        ways.append(tuple(_term(piece, EXACT) for piece in pieces[:MOST_WORDS]))
    ways += [tuple(_term(word, EXACT) for word in spelt) for spelt in _spelt(text, wholes)]
    ways += [
        tuple(_term(word, EXACT, near=word in wholes or len(joined) == 1) for word in joined)
        for joined in _joined(wholes)
    ]
    for short in (place for place, word in enumerate(wholes[:-1]) if len(word) <= SHORT):
        joined = [*wholes[:short], "".join(wholes[short : short + 2]), *wholes[short + 2 :]]
        ways.append(tuple(_term(word, EXACT) for word in joined))
    plain = plain_words(text)[:MOST_WORDS]
    if plain != wholes:
        ways.append(tuple(_term(word, EXACT) for word in plain))
    told = [word for word in wholes if word not in PARTICLES | TITLES]
    bare = [word.removeprefix(ARABIC_ARTICLE) for word in told]
    ways += [
        tuple(_term(word, LOOSE) for word in fewer)
        for fewer in (told, bare)
        if fewer != wholes and fewer and all(fewer)
    ]
    numbers = [key for code in _as_codes(text) for key in _number_keys(code)]
    if numbers:
        ways.append((Term(tuple(numbers)),))
    return ways


def _as_codes(text: str) -> Iterator[str]:
    """Give a text as a code in one piece, also with letters that codes do not have (o for 0)."""
    whole = alphanumeric(text.rsplit(":", 1)[-1])
    if whole.isascii() and whole.isalnum() and (has_digit(whole) or len(whole) >= _CODE):
        yield whole
        yield whole.translate(_LOOKS_LIKE)


def _spelt(text: str, wholes: list[str]) -> Iterator[list[str]]:
    """Give the words in the other ways to spell them."""
    for other in second_spellings(text):
        spelt = [word.whole for word in folded_words(other)[:MOST_WORDS]]
        if spelt != wholes:
            yield spelt


def _joined(wholes: list[str]) -> Iterator[list[str]]:
    """Give the words with two or three in a row written as one."""
    for count in (2, 3):
        for start in range(len(wholes) - count + 1):
            end = start + count
            yield [*wholes[:start], "".join(wholes[start:end]), *wholes[end:]]


def _term(word: str, far: int, *, near: bool = True) -> Term:
    if word.isdecimal():
        return Term((*_number_keys(word), Key(PLACE + word, begun=True, far=far + OTHER)))
    keys = []
    for sign, extra in ((NAME, 0), (OTHER_NAME, OTHER), (PLACE, OTHER)):
        keys += [Key(sign + word, False, far + extra), Key(sign + word, True, far + BEGUN + extra)]
    in_latin = latin(word)
    if in_latin and in_latin != word:
        keys += [Key(sign + in_latin, True, far + LATIN + BEGUN) for sign in TEXTS]
    if has_digit(word):
        keys += _number_keys(word)
    return Term(tuple(keys), word if near and not has_digit(word) else "")


def _number_keys(number: str) -> Iterator[Key]:
    if not number:
        return
    yield Key(NUMBER + number, False, EXACT)
    yield Key(NUMBER + number, True, BEGUN)
    if len(number) >= _END:
        yield Key(NUMBER_END + number[::-1], True, BEGUN + 1)
    if len(number) == 4 and number.isdecimal():
        yield Key(BIRTH + number, True, BEGUN)


def _birth_keys(dated: TypedDate) -> Iterator[Key]:
    for place, day in enumerate(dated.days):
        yield Key(BIRTH + day.isoformat(), False, min(place, 2))
    for day in dated.days:
        yield Key(f"{BIRTH}{day.isoformat()[:7]}", False, OTHER)
        yield Key(f"{BIRTH}{day.year:04}", False, OTHER)
    if dated.month:
        yield Key(BIRTH + dated.month, True, EXACT)


def _as_number(text: str, region: str) -> Term | None:
    """Read a text as a telephone or identity number with whatever is written between digits."""
    digits = plain_digits(text)
    if not digits or any(map(str.isalpha, text)):
        return None
    keys = list(_number_keys(digits))
    keys += [Key(NUMBER + begin, True, BEGUN) for begin in beginnings(text, region)]
    national = national_number(text, region)
    if len(national) >= SHORTEST:
        keys.append(Key(NUMBER_END + national[::-1], True, EXACT))
    return Term(tuple(dict.fromkeys(keys)))
