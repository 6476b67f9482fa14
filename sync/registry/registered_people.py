"""People as the sites that registered them say last: names, births, and what they are found by."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from sync.registry.store.interface import Store
from sync.registry.store.records import StoredEntry

_ALL = 1_000_000
_EACH = 200


def registrations(store: Store, keys: list[str]) -> Iterator[tuple[StoredEntry, Mapping[str, Any]]]:
    """Give the registrations under some keys, each with the person as it was told then."""
    for entry in sound_entries(store, keys):
        if entry.type == "PersonRegistered":
            person = json.loads(entry.content)["body"].get("person")
            if isinstance(person, Mapping):
                yield entry, person


def sound_entries(store: Store, keys: list[str]) -> list[StoredEntry]:
    """Give the entries that speak of any of the keys and that the record does not reject."""
    entries = store.mentions(keys, _ALL, each=_EACH)
    rejected = store.rejected([(entry.node, entry.epoch, entry.number) for entry in entries])
    return [entry for entry in entries if (entry.node, entry.epoch, entry.number) not in rejected]


def last_words(
    store: Store, registration: StoredEntry, person: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Give a registration with what its own node has corrected since."""
    told = dict(person)
    corrections = [
        entry
        for entry in sound_entries(store, [f"corrects:{person.get('id')}"])
        if entry.node == registration.node and entry.type == "PersonCorrected"
    ]
    for entry in sorted(corrections, key=lambda one: (one.received_at, one.epoch, one.number)):
        changes = json.loads(entry.content)["body"].get("changes")
        told.update(changes if isinstance(changes, Mapping) else {})
    return told


def name_words(person: Mapping[str, Any]) -> set[str]:
    """Give the words of a name without case, marks and single letters."""
    plain = unicodedata.normalize("NFKD", str(person.get("name") or "")).casefold()
    kept = "".join(
        letter if unicodedata.category(letter)[0] in "LN" else " "
        for letter in plain
        if unicodedata.category(letter)[0] != "M"
    )
    return {word for word in kept.split() if len(word) > 1}


def birth_span(person: Mapping[str, Any]) -> tuple[str, str] | None:
    """Give the first and the last day of a birth as ISO 8601 writes them, which sorts."""
    day, year = person.get("birthDate"), person.get("birthYear")
    if isinstance(day, str) and day:
        return day, day
    if type(year) is int:
        return f"{year:04d}-01-01", f"{year:04d}-12-31"
    first, last = person.get("birthEarliest"), person.get("birthLatest")
    return (first, last) if isinstance(first, str) and isinstance(last, str) else None
