"""Whose word counts when two people are made one, or two again: the site's whose people they are.

Every enrolled site knows ids of people it has never seen. So a merge counts, and is told to others,
where the site that made it was the first to register both; its undoing where it undoes a merge of
its own. Whatever else there is waits for an officer, and so does what a site makes too much of.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sync.protocol.errors import SyncError
from sync.registry.judging.references import spoken
from sync.registry.store.interface import Store
from sync.registry.store.records import Place, Ruling, StoredEntry

TYPES = ("PersonsMerged", "MergeUndone")
ELSEWHERE = "Another site registered one of the two first."
NOT_ITS_OWN = "It undoes what another site has merged."
TOO_MANY = "The site merged more on that day than counts unseen."
A_DAY = 200
"""Merges and undoings of one site that were received on one day (UTC) and count unseen."""
_EACH = 20
_ALL = 1_000_000
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class MergeStatus:
    """A merge or an undoing that waits for an officer, and why."""

    entry: StoredEntry
    why: str

    @property
    def reference(self) -> str:
        """Name the entry, for commands."""
        entry = self.entry
        return f"{entry.node}/{entry.epoch}/{entry.number}/{entry.hash[:16]}"


def day_keys(entry: StoredEntry) -> set[str]:
    """Give the key under which what a site merged on a day is counted; nothing for other entries.

    What it was told by others is counted too: that is not more than others may make.
    """
    key = f"merged-by:{entry.node}/{entry.received_at[:10]}"
    return {key} if entry.type in TYPES else set()


def why_not(store: Store, entry: StoredEntry, piece: Sequence[StoredEntry] = ()) -> str:
    """Say why a merge or an undoing does not count; empty: it does.

    ``piece`` are entries of its own node that are judged with it, which the store does not know of
    yet.
    """
    ruling = store.ruled(entry.node, entry.hash)
    if ruling is not None:
        return "" if ruling.state == "published" else "An officer refused it."
    document = json.loads(entry.content)
    said = spoken(document)
    if said.merges:
        if any(first_registrar(store, id_, piece) != entry.node for id_ in said.merges):
            return ELSEWHERE
    elif document["body"].get("origin") or not _is_own(store, entry.node, said.undoes, piece):
        return NOT_ITS_OWN
    return "" if _within_a_day(store, entry, piece) else TOO_MANY


def waiting(store: Store) -> Iterator[MergeStatus]:
    """Give what is sound and waits for an officer, in order of the places."""
    for type_ in TYPES:
        entries = store.of_type(type_)
        while some := list(islice(entries, _AT_ONCE)):
            rejected = store.rejected([_place(entry) for entry in some])
            for entry in some:
                told = spoken(json.loads(entry.content))
                if _place(entry) in rejected or not (told.merges or told.undoes):
                    continue
                if store.ruled(entry.node, entry.hash) is None and (why := why_not(store, entry)):
                    yield MergeStatus(entry, why)


def find(store: Store, reference: str) -> StoredEntry:
    """Find a merge or an undoing by its reference; raises ``SyncError`` ``merge.unknown``."""
    node, _, rest = reference[:400].partition("/")
    epoch, _, rest = rest.partition("/")
    number, _, digits = rest.partition("/")
    if number.isascii() and number.isdigit() and len(number) < 16 and len(digits) == 16:
        for entry in store.entries(node, epoch, int(number) - 1, 1):
            here = entry.number == int(number) and entry.hash.startswith(digits)
            if here and entry.type in TYPES and not store.rejected([_place(entry)]):
                return entry
    raise SyncError(
        "merge.unknown", "There is no such merge. Copy its reference from the list of those."
    )


def rule(store: Store, entry: StoredEntry, state: str, by: str, now: str) -> None:
    """Keep what an officer decided: ``published`` or ``refused``."""
    store.rule(Ruling(node=entry.node, hash=entry.hash, state=state, by=by, at=now))


def first_registrar(store: Store, person: str, piece: Sequence[StoredEntry] = ()) -> str:
    """Give the node whose registration of somebody was received first, of those that count."""
    stored = store.mentions([f"entry:{person}"], _ALL, each=_EACH)
    rejected = store.rejected([_place(entry) for entry in stored])
    beside = [entry for entry in piece if person in _made(entry)]
    found = [
        entry
        for entry in (*stored, *beside)
        # An entry of another kind under somebody's id makes nobody theirs.
        if entry.type == "PersonRegistered" and _place(entry) not in rejected
    ]
    return min(((entry.received_at, entry.node) for entry in found), default=("", ""))[1]


def _is_own(store: Store, node: str, undone: Sequence[str], piece: Sequence[StoredEntry]) -> bool:
    """Say whether the merges are this node's own: not what it was told by others."""
    for id_ in undone:
        beside = (entry for entry in piece if id_ in _made(entry))
        merge = next(beside, None) or store.locate(node, id_)
        if merge is None or not spoken(json.loads(merge.content)).merges:
            return False
    return bool(undone)


def _within_a_day(store: Store, entry: StoredEntry, piece: Sequence[StoredEntry]) -> bool:
    earlier = [_place(told) for told in store.mentions(sorted(day_keys(entry)), A_DAY)]
    if _place(entry) in earlier:
        return True
    before = [other for other in piece if other.type in TYPES and _place(other) < _place(entry)]
    return len(earlier) + len(before) < A_DAY


def _made(entry: StoredEntry) -> tuple[str, ...]:
    document: Any = json.loads(entry.content)
    return spoken(document).makes


def _place(entry: StoredEntry) -> Place:
    return entry.node, entry.epoch, entry.number
