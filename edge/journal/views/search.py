"""People by whatever is typed of them: the likeliest first, near misses last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

from edge.domain.names.sounds import latin, script_of, sound
from edge.domain.people import Person
from edge.domain.search_query import EXACT, Key, Query, distance, nearer, read_query, without_one
from edge.journal.views.people import PERSON_COLUMNS, person_of

if TYPE_CHECKING:
    from sqlite_utils import Database

PAGE = 20
MOST = 500
"""People that are put in order; of more, those that fit best and came last are."""
_ENOUGH = 200
"""People found by what was typed; near misses are looked for when there are fewer."""
_LAST = "\U0010ffff"
_SHORTEST = 3
"""Letters of a word that near misses are looked up for."""
_MOST_SPELLINGS = 24
_MOST_ERRORS = 2
_UNLIKE = 0.5
"""How much of two words of one script may differ that have one sound."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of people; ``total`` is how many there are, ``reached`` how many can be paged to."""

    people: tuple[Person, ...]
    total: int
    first: int = 0

    @property
    def reached(self) -> int:
        """How many of all can be paged to."""
        return min(self.total, MOST)


NOBODY = Found((), 0)


def search_people(
    db: Database, text: str, today: date, region: str = "", *, first: int = 0, limit: int = PAGE
) -> Found:
    """Find the people that a text fits, from the place ``first`` (from 0) in their order.

    ``region`` is the site's country (ISO 3166-1 alpha-2), for telephone numbers and calendars.
    """
    query = read_query(text, today, region)
    if not query.ways:
        return NOBODY
    places, total = _fitting(db, query)
    if total < _ENOUGH:
        near = {word: spellings_near(db, word) for word in sorted(query.words_to_near)}
        more, total = _fitting(db, nearer(query, near))
        places += more
    if total < PAGE:
        fewer, _ = _fitting(db, without_one(query))
        places += fewer
        total = len(set(places))
    kept = _kept(db)
    people = list(dict.fromkeys(kept.get(place, place) for place in places))
    total -= len(set(places)) - len(people)
    return Found(tuple(people_at(db, people[first : first + limit])), total, first)


def _kept(db: Database) -> dict[int, int]:
    """Give the places of those who are shown under another, and that one's."""
    rows = db.execute(
        "SELECT own.position, kept.position FROM merge"
        " CROSS JOIN person AS own ON own.id = merge.merged"
        " CROSS JOIN person AS kept ON kept.id = own.kept WHERE own.kept <> own.id"
    )
    return dict(rows.fetchall())


def find_people(
    db: Database, text: str, limit: int = PAGE, today: date | None = None
) -> list[Person]:
    """Find people, the likeliest first; what a telephone number's country is, is not asked."""
    day = today or datetime.now(UTC).date()
    return list(search_people(db, text, day, limit=limit).people)


def people_at(db: Database, places: Sequence[int]) -> list[Person]:
    """Give the people registered at positions of the journal, in the order asked for."""
    if not places:
        return []
    rows = db.execute(
        f"SELECT position, {PERSON_COLUMNS} FROM person"  # noqa: S608
        f" WHERE position IN ({', '.join('?' * len(places))})",
        tuple(places),
    ).fetchall()
    found = {row[0]: person_of(db, row[1:]) for row in rows}
    return [found[place] for place in places]


def places_of(db: Database, expression: str, most: int) -> list[int]:
    """Give the places of those whom a question to the index fits, the last registered first.

    Of those who are shown under another: that one's.
    """
    rows = db.execute(
        "SELECT rowid FROM person_index WHERE person_index MATCH ? ORDER BY rowid DESC LIMIT ?",
        (expression, most),
    )
    kept = _kept(db)
    return [kept.get(place, place) for (place,) in rows]


def _fitting(db: Database, query: Query) -> tuple[list[int], int]:
    """Give the places of those who fit, best first, and how many there are.

    Of more than :data:`MOST`, those by whole words are taken first, then those who came last.
    """
    if not query.ways:
        return [], 0
    meant = _expression(query, exact=False)
    rows = _filed(db, meant, MOST + 1)
    total = len(rows)
    if total > MOST:
        (total,) = db.execute(
            "SELECT count(*) FROM person_index WHERE person_index MATCH ?", (meant,)
        ).fetchone()
        rows = list(dict.fromkeys([*_filed(db, _expression(query, exact=True), MOST), *rows]))
    far = distance(query)
    wanted = " ".join(query.words)
    words = set(query.words)
    order = []
    for place, name, keys in rows[:MOST]:
        how_far = far(keys)
        if how_far is not None:
            # a key does not tell whether it is how the name is spelt, or another way to spell it
            spelt = words <= set(name.split(" "))
            order.append((how_far, not spelt, name != wanted, name.count(" "), name, place))
    return [rank[-1] for rank in sorted(order)], total


def _filed(db: Database, expression: str, most: int) -> list[tuple[int, str, str]]:
    """Give place, name and keys of those who fit, the last registered first."""
    return db.execute(
        "SELECT place, name, person_search.keys FROM person_index CROSS JOIN person_search"
        " ON place = person_index.rowid WHERE person_index MATCH ?"
        " ORDER BY person_index.rowid DESC LIMIT ?",
        (expression, most),
    ).fetchall()


def _expression(query: Query, *, exact: bool) -> str:
    """Write a query as FTS5 reads it; ``exact``: only by whole keys that are what was typed."""
    ways = []
    for way in query.ways:
        terms = [
            " OR ".join(map(_phrase, keys))
            for term in way
            if (keys := [key for key in term.keys if not exact or _is_exact(key)])
        ]
        if len(terms) == len(way):
            ways.append(" AND ".join(f"({term})" for term in terms))
    return " OR ".join(f"({way})" for way in dict.fromkeys(ways)) or '""'


def _is_exact(key: Key) -> bool:
    return key.far == EXACT


def _phrase(key: Key) -> str:
    return f'"{key.text}"*' if key.begun else f'"{key.text}"'


def spellings_near(db: Database, word: str) -> list[tuple[str, int]]:
    """Give the words on file that sound like a word or differ in a letter or two, nearest first.

    Looked up by sound, beginning, middle and end: two errors leave one of them whole.
    """
    in_latin, code = latin(word), sound(word)
    if len(in_latin) < _SHORTEST:
        return []
    spellings = _spellings(db, in_latin, code)
    choices = list(spellings)
    close = process.extract(
        in_latin, choices, scorer=OSA.distance, score_cutoff=_MOST_ERRORS, limit=None
    )
    alike = {other: int(apart) for other, apart, _ in close}
    for other, (_, other_code) in spellings.items():
        if other not in alike and _sounds_alike(code, other_code):
            alike[other] = int(OSA.distance(in_latin, other))
    near = []
    for other_latin, apart in alike.items():
        words, other_code = spellings[other_latin]
        for other in words:
            far = _apart(word, in_latin, code, other, other_latin, other_code, apart)
            if far is not None and other != word:
                near.append((other, far))
    near.sort(key=lambda one: (one[1], one[0]))
    return near[:_MOST_SPELLINGS]


def _spellings(db: Database, in_latin: str, code: str) -> dict[str, tuple[list[str], str]]:
    """Give words on file that may be meant, by their Latin letters: the words, and their sound."""
    length = len(in_latin)
    known = 3 if length > 5 else 2 if length > 3 else 1
    begin, end = in_latin[:known], in_latin[::-1][:known]
    middles = [middle_of(in_latin, shift) for shift in range(-2, 3)]
    sounds = code[:3]
    asked: list[tuple[str, tuple[str, ...], bool]] = [
        ("latin >= ? AND latin < ?", (begin, begin + _LAST), False),
        ("backward >= ? AND backward < ?", (end, end + _LAST), False),
        ("middle IN (?, ?, ?, ?, ?)", tuple(middles), False),
        ("sound = ?", (code,), True),
    ]
    if len(code) > 3:
        asked.append(("sound >= ? AND sound < ?", (sounds, sounds + _LAST), True))
    found: dict[str, tuple[list[str], str]] = {}
    for where, parameters, by_sound in asked:
        shortest, longest = length - _MOST_ERRORS, length + _MOST_ERRORS
        if by_sound:
            shortest, longest = shortest - length // 2, longest + length
        for word, latin_, sound_ in db.execute(
            f"SELECT word, latin, sound FROM spelling WHERE {where}"  # noqa: S608
            " AND length(latin) BETWEEN ? AND ?",
            (*parameters, shortest, longest),
        ):
            words, _ = found.setdefault(latin_, ([], sound_))
            if word not in words:
                words.append(word)
    return found


def middle_of(in_latin: str, shift: int = 0) -> str:
    """Give the three letters in the middle of a word, or beside it."""
    start = max(0, len(in_latin) // 2 - 1 + shift)
    return in_latin[start : start + 3]


def _sounds_alike(code: str, other: str) -> bool:
    if code == other:
        return len(code) > 1
    return len(code) > 3 and len(code) == len(other) and OSA.distance(code, other) <= 1


def _apart(
    word: str, in_latin: str, code: str, other: str, other_latin: str, other_code: str, apart: int
) -> int | None:
    """Say how far two words are apart, in letters; None for too far."""
    one_script = script_of(word) == script_of(other)
    if one_script and not word.isascii():
        apart = min(apart, int(OSA.distance(word, other)))
    if code == other_code and len(code) > 1:
        tells = not one_script and len(code) > 2
        most = max(len(in_latin), len(other_latin)) * _UNLIKE
        alike = tells or apart <= (most if len(code) > 2 else min(most, _MOST_ERRORS))
        return (min(apart, 2) if one_script else 2) if alike else None
    if apart <= (_errors(in_latin) if one_script else 1):
        return 3 * apart - 2 + (not one_script)
    return 5 if _sounds_alike(code, other_code) and (not one_script or apart <= 3) else None


def _errors(word: str) -> int:
    """How many letters may be wrong: of two none, of four one, of more two."""
    return 0 if len(word) < 3 else 1 if len(word) < 5 else 2
