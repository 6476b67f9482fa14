"""Finds what other sites recorded of a person who was there, and tells as much as is needed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from sync.protocol.histories import ForeignEntry, Histories, PersonQuery
from sync.protocol.proofs import CertificateProof, CodeProof, OwnProof, Proof, StatedProof
from sync.registry.judging.merges import undoings
from sync.registry.judging.own_merges import TYPES as MERGES
from sync.registry.judging.own_merges import why_not
from sync.registry.judging.references import spoken
from sync.registry.presence import identified, link
from sync.registry.rate_limits import Limits
from sync.registry.store.interface import Store
from sync.registry.store.records import AuditLine, StoredEntry
from sync.registry.told_fields import TOLD, told_entry

TYPES = frozenset(TOLD)
_EACH = 200
"""Entries of one person in an answer at the most. Of one node and key no more are looked at."""
_BYTES = 4 * 1024 * 1024
"""Bytes of entries in an answer, after which the rest of the people is left for another one."""
_ALL = 1_000_000


def histories(
    store: Store,
    node: str,
    people: Sequence[PersonQuery],
    now: str,
    limits: Limits = Limits(),  # noqa: B008  (a frozen value)
    *,
    again: bool = False,
) -> Histories:
    """Look people up for a node; its own entries, and what is rejected, are left out.

    What is known of others who are the same person is told too, but to a site that asks for these
    as well: then it is told of them. Each try is counted before anything is looked at, and who was
    found by which proof is written down before it is told. ``again``: these very tries were
    counted before.
    """
    found: dict[str, tuple[ForeignEntry, ...]] = {}
    refused: dict[str, str] = {}
    size = 0
    for asked in people:
        tries = [] if again else tries_of(node, asked.proof, limits)
        if not all(store.try_once(who, now[:10], most) for who, most in tries):
            found[asked.id], refused[asked.id] = (), "limit"
            continue
        apart = {other.id for other in people} - {asked.id}
        person = identified(store, node, asked, apart)
        if person is None:
            found[asked.id], refused[asked.id] = (), "wrong"
            continue
        if not isinstance(asked.proof, StatedProof):
            for who, _ in tries:
                store.give_back(who, now[:10])
        kind = told_kind(asked.proof)
        whom = f"{asked.id} = {' '.join(sorted(person.proven))}"[:1000]
        store.audit(AuditLine(now, node, f"history {kind}", whom))
        link(store, node, asked, person, now)
        entries = _fairly(_of(store, node, person.ids))
        size += sum(len(entry.content) for entry in entries)
        if found and size > _BYTES:
            break
        facilities = {entry.node: _facility(store, entry.node) for entry in entries}
        found[asked.id] = tuple(
            ForeignEntry(entry.node, facilities[entry.node], told_entry(json.loads(entry.content)))
            for entry in entries
        )
    if refused:
        wrong = sum(why == "wrong" for why in refused.values())
        told = f"{wrong} proofs of nobody, {len(refused) - wrong} too many"
        store.audit(AuditLine(now, node, "history refused", told))
    return Histories(now, found, refused)


def tries_of(node: str, proof: Proof, limits: Limits) -> list[tuple[str, int]]:
    """Give what a proof counts to before it is looked at, each with how often it may on a day."""
    if isinstance(proof, StatedProof):
        return [
            (f"word:{node}", limits.without_paper_a_day),
            (f"of:{proof.identity}", limits.without_paper_of_one),
        ]
    return [] if isinstance(proof, OwnProof) else [(f"proof:{node}", limits.wrong_proofs_a_day)]


def told_kind(proof: Proof) -> str:
    """Say in the audit by which proof somebody was asked for."""
    match proof:
        case CodeProof():
            return "by code"
        case CertificateProof():
            return "by certificate"
        case StatedProof():
            return "without paper"
    return "of its own person"


def _of(store: Store, node: str, ids: frozenset[str]) -> list[StoredEntry]:
    entries = _mentions(store, ids)
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


def _facility(store: Store, node: str) -> str:
    record = store.node(node)
    return record.facility if record else ""
