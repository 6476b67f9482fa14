"""How much two records look as if they were of one person."""

from __future__ import annotations

from dataclasses import dataclass

from edge.domain.people import Person
from edge.domain.search import folded


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much alike two are, from 0 to 1; the fields that agree, and those that do not."""

    score: float
    same: tuple[str, ...]
    differs: tuple[str, ...]


def likeness(one: Person, other: Person) -> Likeness:
    """Compare two people field by field."""
    told = {
        "name": (sorted(folded(one.name)), sorted(folded(other.name))),
        "born": (_born(one), _born(other)),
        "gender": (one.gender, other.gender),
        "phone": (one.phone, other.phone),
        "village": (one.address.district, other.address.district),
    }
    known = {name: pair for name, pair in told.items() if all(pair)}
    same = tuple(name for name, (mine, theirs) in known.items() if mine == theirs)
    differs = tuple(name for name in known if name not in same)
    return Likeness(len(same) / len(known) if known else 0.0, same, differs)


def _born(person: Person) -> int | None:
    return person.birth_date.year if person.birth_date else person.birth_year
