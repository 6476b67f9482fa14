"""Who is perhaps recorded twice, and which doses are: lists for a supervisor to settle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.domain.dose import Dose
from edge.domain.likeness import Likeness
from edge.domain.merging import perhaps_one
from edge.domain.people import Person
from edge.journal import merges, views

if TYPE_CHECKING:
    from sqlite_utils import Database

_LOOKED_AT = 300
"""People whose look-alikes one list looks for: a list is there within a second."""
_EACH = 5
_MOST = 50


@dataclass(frozen=True, slots=True)
class LikelyPair:
    """Two people who look like one; the one registered first comes first."""

    one: Person
    other: Person
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class LikelyPairs:
    """Pairs, the most alike first; ``before``: go on there, 0 where everybody was looked at."""

    pairs: tuple[LikelyPair, ...]
    before: int


@dataclass(frozen=True, slots=True)
class LikelyDoses:
    """Two doses of a person that are perhaps one."""

    person: Person
    one: Dose
    other: Dose


def likely_pairs(db: Database, before: int = 0) -> LikelyPairs:
    """Go through some of the people, those registered last first, and give who looks like them.

    ``before`` is where an earlier list stopped, 0 for the beginning. Left out are those of whom it
    was said that they are not the same.
    """
    found: dict[frozenset[str], LikelyPair] = {}
    places = merges.registered_before(db, before, _LOOKED_AT)
    for _, id_ in places:
        person = views.person(db, id_)
        if person is None:
            continue
        for other, likeness in views.look_alikes(db, person, _EACH):
            key = frozenset((person.id, other.id))
            if len(key) == 2 and key not in found and not _told_apart(db, person, other):
                found[key] = LikelyPair(one=other, other=person, likeness=likeness)
    ordered = sorted(found.values(), key=lambda pair: -pair.likeness.score)
    whole = len(places) < _LOOKED_AT
    return LikelyPairs(tuple(ordered), 0 if whole else places[-1][0])


def likely_doses(db: Database, after: str = "") -> list[LikelyDoses]:
    """Give doses that are perhaps recorded twice, of people behind an id, in order."""
    found: list[LikelyDoses] = []
    for id_ in merges.with_told_doses(db, after):
        person = views.person(db, id_)
        pairs = perhaps_one(views.history(db, id_), merges.distinguished_doses(db, id_))
        if person is not None:
            found += [LikelyDoses(person, one, other) for one, other in pairs]
        if len(found) >= _MOST:
            break
    return found


def _told_apart(db: Database, one: Person, other: Person) -> bool:
    return merges.distinguished_people(db, one.id, other.id)
