"""Tells sites what another one has decided of people they know: who is one, and who is two."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from sync.protocol.entries import canonical
from sync.registry.judging.facts import JudgingCase
from sync.registry.judging.merges import merged_people
from sync.registry.judging.own_merges import why_not
from sync.registry.judging.references import spoken
from sync.registry.store.interface import Store
from sync.registry.store.records import Letter, StoredEntry

_MOST = 10_000


def told_of_merges(
    store: Store, case: JudgingCase, others: Sequence[JudgingCase], now: str
) -> list[Letter]:
    """Write to the other sites with a record of either person who were made one, or two.

    Only what counts is told. ``others`` are of the same piece, which the store does not have yet.
    """
    undone = set(case.spoken.undoes)
    if not (case.spoken.merges or undone):
        return []
    if why_not(store, case.entry, [other.entry for other in others]):
        return []
    beside = [other for other in others if undone.intersection(other.spoken.makes)]
    people = {id_ for other in (case, *beside) for id_ in other.spoken.merges}
    people |= merged_people(store, sorted(undone))
    keys = [f"person:{id_}" for id_ in sorted(people)]
    mentions = store.mentions(keys, _MOST, each=1) if keys else ()
    nodes = {mention.node for mention in mentions} - {case.entry.node}
    body = canonical({"entry": dict(case.document)}).decode()
    return [Letter(node, 0, _letter_id(node, case), "people", body, now) for node in sorted(nodes)]


def tell_others(store: Store, entry: StoredEntry, now: str) -> int:
    """Post the letters of a merge or an undoing that counts since an officer decided; how many."""
    document = json.loads(entry.content)
    case = JudgingCase(entry, document, spoken(document), "")
    told = told_of_merges(store, case, (), now)
    for letter in told:
        store.post(letter.feed, letter.kind, letter.id, letter.body, now)
    return len(told)


def _letter_id(node: str, case: JudgingCase) -> str:
    place = f"people/{node}/{case.entry.node}/{case.entry.epoch}/{case.entry.number}"
    return hashlib.sha256(place.encode()).hexdigest()[:32]
