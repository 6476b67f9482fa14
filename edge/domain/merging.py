"""Two records of one person: what is shown of both, and which doses are told twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from edge.domain.dose import Dose
from edge.domain.people import NOWHERE, Person

NEAR = 7
"""Days within which two doses of one vaccine from two sources are perhaps the same."""

_FILLED = {
    "identity": "",
    "nationality": "",
    "phone": "",
    "email": "",
    "passport_name": "",
    "address": NOWHERE,
    "guardian": None,
}
"""Fields in which another record may fill what is empty, and what empty is."""
_WRITTEN = {"passport_name": "passportName"}
"""What a field is called in entries, where that is another name."""


@dataclass(frozen=True, slots=True)
class Record:
    """A person as recorded under one id: what was emptied on purpose, when the status was said."""

    person: Person
    emptied: Collection[str] = ()
    status_position: int = 0


def joined(kept: Record, others: Sequence[Record]) -> Person:
    """Give one person of several records: the kept one's, where it is empty the others' in turn.

    What was emptied on purpose stays empty. Of the statuses the one said last is so.
    """
    filled: dict[str, Any] = {}
    for name, empty in _FILLED.items():
        if getattr(kept.person, name) != empty or _WRITTEN.get(name, name) in kept.emptied:
            continue
        told = (getattr(other.person, name) for other in others)
        filled[name] = next((value for value in told if value != empty), empty)
    last = max((kept, *others), key=lambda one: one.status_position)
    codes = tuple(other.person.code for other in others)
    return replace(kept.person, **filled, status=last.person.status, codes=codes)


def told_once(doses: Sequence[Dose]) -> list[Dose]:
    """Leave out doses that were told again: of one vaccine and day with one that is there.

    One given here stays before one told, an earlier told one before a later. Two that were given
    here both stay: each was taken from a vial.
    """
    here = {(dose.vaccine, dose.on) for dose in doses if not dose.reported}
    found, seen = [], set(here)
    for dose in doses:
        if dose.reported:
            if (dose.vaccine, dose.on) in seen:
                continue
            seen.add((dose.vaccine, dose.on))
        found.append(dose)
    return found


def perhaps_one(
    doses: Iterable[Dose], said: Collection[tuple[str, str]]
) -> list[tuple[Dose, Dose]]:
    """Pair doses that may be one: the same vaccine within some days, from two sources.

    ``said`` are pairs of ids, the smaller first, of which it was said that both were given.
    """
    ordered = sorted(doses, key=lambda dose: (dose.vaccine, dose.on, dose.id))
    return [
        (one, other)
        for place, one in enumerate(ordered)
        for other in ordered[place + 1 :]
        if one.vaccine == other.vaccine
        and (other.on - one.on).days <= NEAR
        and _source(one) != _source(other)
        and (min(one.id, other.id), max(one.id, other.id)) not in said
    ]


def _source(dose: Dose) -> tuple[object, ...]:
    return (dose.reported, dose.facility, dose.evidence, dose.recorded_for)
