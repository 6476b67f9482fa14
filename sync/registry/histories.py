"""Finds what other sites recorded of a person: by the person's id, and by the identity number."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from sync.protocol.histories import ForeignEntry, Histories, PersonQuery
from sync.protocol.identities import identity_digest
from sync.registry.judging.merges import same_people, undoings
from sync.registry.judging.own_merges import TYPES as MERGES
from sync.registry.judging.own_merges import why_not
from sync.registry.judging.rules import spoken
from sync.registry.store.interface import Store
from sync.registry.store.records import StoredEntry

TYPES = frozenset(
    {
        "PersonRegistered",
        "PersonCorrected",
        "DoseGiven",
        "DoseReported",
        "DoseCorrected",
        "DoseWithdrawn",
        "ObservationRecorded",
        "PersonStatusRecorded",
        "PersonsMerged",
        "MergeUndone",
    }
)
_EACH = 200
"""Entries of one person in an answer at the most. Of one node and key no more are looked at."""
_BYTES = 4 * 1024 * 1024
"""Bytes of entries in an answer, after which the rest of the people is left for another one."""
_ALL = 1_000_000


def histories(store: Store, node: str, people: Sequence[PersonQuery], now: str) -> Histories:
    """Look people up for a node; its own entries, and what is rejected, are left out.

    What is known of others who are the same person is told too, but to a site that asks for these
    as well: then it is told of them.
    """
    found: dict[str, tuple[ForeignEntry, ...]] = {}
    size = 0
    for asked in people:
        apart = {other.id for other in people} - {asked.id}
        entries = _fairly(_of(store, node, asked, apart))
        size += sum(len(entry.content) for entry in entries)
        if found and size > _BYTES:
            break
        facilities = {entry.node: _facility(store, entry.node) for entry in entries}
        found[asked.id] = tuple(
            ForeignEntry(entry.node, facilities[entry.node], json.loads(entry.content))
            for entry in entries
        )
    return Histories(now, found)


def _of(store: Store, node: str, asked: PersonQuery, apart: AbstractSet[str]) -> list[StoredEntry]:
    ids, entries = _people(store, asked, apart)
    mine = [
        entry
        for entry in entries
        if entry.node != node and ids.intersection(spoken(json.loads(entry.content)).people)
    ]
    doses = [id_ for stored_entry in mine for id_ in spoken(json.loads(stored_entry.content)).makes]
    keys = [f"corrects:{dose}" for dose in sorted(set(doses))]
    corrections = store.mentions(keys, _ALL, each=_EACH)
    givers = {
        id_: stored_entry.node
        for stored_entry in mine
        for id_ in spoken(json.loads(stored_entry.content)).makes
    }
    places = {
        (stored_entry.node, stored_entry.epoch, stored_entry.number): stored_entry
        for stored_entry in mine
    }
    for correction in corrections:
        if givers.get(spoken(json.loads(correction.content)).corrects) == correction.node:
            places[correction.node, correction.epoch, correction.number] = correction
    merges = [document["id"] for document in _documents(mine, "PersonsMerged")]
    for undoing in undoings(store, merges):
        if undoing.node != node:
            places[undoing.node, undoing.epoch, undoing.number] = undoing
    rejected = store.rejected(places)
    kept = [one for place, one in places.items() if one.type in TYPES and place not in rejected]
    told = [entry for entry in kept if entry.type not in MERGES or not why_not(store, entry)]
    return sorted(told, key=lambda one: (one.received_at, one.node, one.epoch, one.number))


def _people(
    store: Store, asked: PersonQuery, apart: AbstractSet[str]
) -> tuple[set[str], Sequence[StoredEntry]]:
    """Find whose records are of the one who is asked for, and what speaks of them.

    By the id, by the identity as each site has recorded it last, and by the merges that stand.
    """
    ids, digests = {asked.id}, {asked.identity} - {""}
    seen: set[str] = set()
    entries: Sequence[StoredEntry] = []
    while digests - seen or not seen.issuperset(ids):
        mentions = store.mentions(
            [f"identity:{digest}" for digest in sorted(digests)], _ALL, each=_EACH
        )
        alike = {id_ for mention in mentions for id_ in spoken(json.loads(mention.content)).people}
        entries = _mentions(store, ids | alike)
        ids |= {id_ for id_ in alike if digests & _identities(entries, id_)}
        seen |= ids | digests
        more = same_people(store, ids) - apart - ids
        entries = _mentions(store, ids | more) if more else entries
        digests |= {digest for id_ in more for digest in _identities(entries, id_)}
        ids |= more
    return ids, entries


def _mentions(store: Store, ids: AbstractSet[str]) -> Sequence[StoredEntry]:
    return store.mentions([f"person:{id_}" for id_ in sorted(ids)], _ALL, each=_EACH)


def _documents(entries: Sequence[StoredEntry], type_: str) -> list[dict[str, Any]]:
    return [json.loads(entry.content) for entry in entries if entry.type == type_]


def _fairly(entries: Sequence[StoredEntry]) -> Sequence[StoredEntry]:
    """Leave each node its newest ones, in turn, so that one that writes many hides no other's."""
    if len(entries) <= _EACH:
        return entries
    turns: Counter[str] = Counter()
    ranked = []
    for age, one in enumerate(reversed(entries)):
        ranked.append((turns[one.node], age))
        turns[one.node] += 1
    kept = sorted(age for _, age in sorted(ranked)[:_EACH])
    return [entries[-1 - age] for age in reversed(kept)]


def _identities(entries: Sequence[StoredEntry], person: str) -> set[str]:
    """Give the digests of a person's identity as each node has recorded it last."""
    last: dict[str, str] = {}
    for entry in sorted(
        entries, key=lambda one: (one.received_at, one.node, one.epoch, one.number)
    ):
        document = json.loads(entry.content)
        if person not in spoken(document).people:
            continue
        told: Any = None
        if entry.type == "PersonRegistered":
            told = document["body"]["person"].get("identity", "")
        elif entry.type == "PersonCorrected" and isinstance(document["body"].get("changes"), dict):
            changes = document["body"]["changes"]
            told = (changes["identity"] or "") if "identity" in changes else None
        if isinstance(told, str):
            last[entry.node] = identity_digest(told)
    return set(last.values()) - {""}


def _facility(store: Store, node: str) -> str:
    record = store.node(node)
    return record.facility if record else ""
