"""Who is the same person by the merges that sites have recorded and that stand."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from sync.registry.judging.own_merges import why_not
from sync.registry.judging.references import spoken
from sync.registry.store.interface import Store
from sync.registry.store.records import StoredEntry

_ALL = 1_000_000
_EACH = 200
_MOST = 100
"""People who are taken for one at the most: mistakes must not make a nation one person."""


def same_people(store: Store, ids: Collection[str]) -> set[str]:
    """Give these ids and those of everybody who was merged with them, by any site."""
    found, pending = set(ids), sorted(ids)
    while pending and len(found) < _MOST:
        merges = standing_merges(store, pending)
        told = {id_ for merge in merges for id_ in _spoken(merge).merges}
        pending = sorted(told - found)[: _MOST - len(found)]
        found.update(pending)
    return found


def standing_merges(store: Store, ids: Sequence[str]) -> list[StoredEntry]:
    """Give the merges of these people that count and whose undoing does not."""
    merges = _counting(store, [f"merged:{id_}" for id_ in ids])
    undone = {
        id_
        for entry in undoings(store, [_id(merge) for merge in merges])
        for id_ in _spoken(entry).undoes
    }
    return [merge for merge in merges if _id(merge) not in undone]


def undoings(store: Store, merges: Sequence[str]) -> list[StoredEntry]:
    """Give the entries that undo merges, by their entries' ids, and count."""
    return _counting(store, [f"undoes:{id_}" for id_ in sorted(set(merges))])


def merged_people(store: Store, ids: Sequence[str]) -> set[str]:
    """Give the people of whom merges, by the ids of their entries, say that they are one."""
    entries = _sound(store, [f"entry:{id_}" for id_ in sorted(ids)])
    return {person for entry in entries for person in _spoken(entry).merges}


def _counting(store: Store, keys: Sequence[str]) -> list[StoredEntry]:
    return [entry for entry in _sound(store, keys) if not why_not(store, entry)]


def _sound(store: Store, keys: Sequence[str]) -> list[StoredEntry]:
    if not keys:
        return []
    entries = store.mentions(keys, _ALL, each=_EACH)
    places = {(entry.node, entry.epoch, entry.number): entry for entry in entries}
    rejected = store.rejected(places)
    return [entry for place, entry in places.items() if place not in rejected]


def _spoken(entry: StoredEntry) -> Any:
    return spoken(json.loads(entry.content))


def _id(entry: StoredEntry) -> str:
    return str(json.loads(entry.content).get("id", ""))
