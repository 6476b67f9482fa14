"""How much two records look as if they were of one person, and in what they agree.

Each field that both have speaks for it or against it, by so many points, in the manner of Fellegi
and Sunter (A Theory for Record Linkage, 1969); the points are set so that what a registrar should
look at comes to half of all or more. ``docs/search.md`` has the table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rapidfuzz.distance import OSA

from edge.domain.names.folding import folded_words, plain_words
from edge.domain.names.sounds import latin, script_of, sound
from edge.domain.people import Person
from edge.domain.phones import same_phone
from sync.protocol.identities import plain_identity

ALIKE = 0.5
"""The score from which two are shown as perhaps one."""
_WHOLE, _SAME_NAME, _SAME_DAY = 14.0, 8.0, 6.0
_SAME_WORD, _SAME_SOUND, _NEAR_WORD, _INITIAL = 1.0, 0.9, 0.8, 0.7
_ONE_OF_MORE = 0.6
"""How much a name of one word is like one of more that has it."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much alike two are, from 0 to 1; the fields that are the same, near, and others.

    The fields are ``name``, ``born``, ``gender``, ``phone``, ``village``,
    ``guardian`` and ``identity``.
    """

    score: float
    same: tuple[str, ...]
    near: tuple[str, ...]
    differs: tuple[str, ...]


def likeness(one: Person, other: Person) -> Likeness:
    """Compare two people field by field; what either does not have says nothing."""
    points = {
        "name": _name(one.name, other.name),
        "born": _born(one, other),
        "gender": 0.5 if one.gender == other.gender else -3.0,
        "phone": _phones(_phones_of(one), _phones_of(other)),
        "village": _villages(one, other),
        "guardian": _guardians(one, other),
        "identity": _identities(one.identity, other.identity),
    }
    told = {field: value for field, value in points.items() if value is not None}
    near = {
        "name": told["name"] < _SAME_NAME,
        "born": told.get("born", 0.0) < _SAME_DAY,
        "guardian": _guardians_name(one) != _guardians_name(other),
    }
    agree = [field for field, value in told.items() if value > 0]
    return Likeness(
        round(min(1.0, max(0.0, sum(told.values()) / _WHOLE)), 3),
        tuple(field for field in agree if not near.get(field)),
        tuple(field for field in agree if near.get(field)),
        tuple(field for field, value in told.items() if value <= 0),
    )


def _name(one: str, other: str) -> float:
    alike = names_alike(one, other)
    return _SAME_NAME if alike > 0.95 else 6.5 if alike >= 0.75 else 0.0 if alike >= 0.45 else -4.0


def _identities(one: str, other: str) -> float | None:
    """Two numbers of one kind (``did:<type>:``) are of two people, but for a slip of the pen."""
    mine, theirs = (plain_identity(text).rpartition(":") for text in (one, other))
    if not one or not other or mine[0] != theirs[0]:
        return None
    return 8.0 if mine[2] == theirs[2] else -1.0 if OSA.distance(mine[2], theirs[2]) <= 1 else -6.0


def _guardians(one: Person, other: Person) -> float | None:
    if one.guardian is None or other.guardian is None:
        return None
    alike = names_alike(one.guardian.name, other.guardian.name)
    return 4.0 if alike >= 0.75 else 2.0 if alike >= 0.45 else -2.0


def _guardians_name(person: Person) -> list[str]:
    return sorted(plain_words(person.guardian.name)) if person.guardian else []


def names_alike(one: str, other: str) -> float:
    """Say how much alike two names are, from 0 to 1, whatever the order of their words."""
    mine, theirs = plain_words(one), plain_words(other)
    if not mine or not theirs:
        return 0.0
    if "".join(mine) == "".join(theirs) or sorted(mine) == sorted(theirs):
        return 1.0
    shorter, longer = sorted((mine, theirs), key=len)
    left, total = list(longer), 0.0
    for word in shorter:
        found = max(left, key=lambda candidate: words_alike(word, candidate), default="")
        value = words_alike(word, found) if found else 0.0
        if value:
            left.remove(found)
        total += value
    if len(shorter) == len(longer):
        return total / len(longer)
    return total / len(shorter) * (_ONE_OF_MORE if len(shorter) == 1 else 0.9)


def words_alike(one: str, other: str) -> float:
    """Say how much alike two folded words are, from 0 to 1."""
    if one == other:
        return _SAME_WORD
    mine, theirs = latin(one), latin(other)
    if not mine or not theirs:
        return 0.0
    apart = OSA.distance(mine, theirs)
    longest = max(len(mine), len(theirs))
    same_sound = sound(one) == sound(other) and len(sound(one)) > 1
    if same_sound and (apart <= longest / 2 or script_of(one) != script_of(other)):
        return _SAME_SOUND
    if apart <= (0 if longest < 3 else 1 if longest < 6 else 2):
        return _NEAR_WORD
    initial = min(len(one), len(other)) == 1 and one[0] == other[0]
    return _INITIAL if initial else 0.0


def _born(one: Person, other: Person) -> float | None:
    if one.birth_date and other.birth_date:
        return _dates(one.birth_date, other.birth_date)
    if not one.born_text or not other.born_text:
        return None
    if one.born.overlaps(other.born):
        return 2.0
    earlier, later = sorted((one.born, other.born), key=lambda span: span.first)
    days = (later.first - earlier.last).days
    return 0.5 if days < 366 else -1.0 if days < 731 else -6.0


def _dates(one: date, other: date) -> float:
    if one == other:
        return _SAME_DAY
    swapped = (one.year, one.month, one.day) == (other.year, other.day, other.month)
    if swapped or OSA.distance(one.isoformat(), other.isoformat()) <= 1:
        return 2.5
    return 0.0 if one.year == other.year else -2.0 if abs((one - other).days) < 366 else -6.0


def _phones_of(person: Person) -> tuple[str, ...]:
    theirs = person.guardian.phone if person.guardian else ""
    return tuple(phone for phone in (person.phone, theirs) if phone)


def _phones(mine: Sequence[str], theirs: Sequence[str]) -> float | None:
    if not mine or not theirs:
        return None
    return 3.0 if any(same_phone(phone, other) for phone in mine for other in theirs) else -0.5


def _villages(one: Person, other: Person) -> float | None:
    mine, theirs = _places(one), _places(other)
    shared = [field for field in mine if field in theirs]
    if not shared:
        return None
    same = [field for field in shared if mine[field] == theirs[field]]
    return 1.5 if same else -0.5


def _places(person: Person) -> Mapping[str, str]:
    fields = ("addressLine1", "addressLine2", "district", "pincode")
    told = {field: getattr(person.address, field) for field in fields}
    return {
        field: "".join(word.whole for word in folded_words(text))
        for field, text in told.items()
        if text
    }
