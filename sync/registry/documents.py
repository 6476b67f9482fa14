"""Documents of the kinds that campaigns describe, as their sites have delivered them.

What each says now follows from the entries of the site that recorded it; what the record rejects
does not count. Which kinds there are, the registry need not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sync.registry.judging.facts import as_mapping
from sync.registry.judging.references import plain
from sync.registry.store.interface import Store
from sync.registry.store.records import Cursor, Place, StoredEntry

RECORDED = "DocumentRecorded"
UNKNOWN = "No document with this number has arrived, or it was not judged yet."
_AT_ONCE = 200
_LONGEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredDocument:
    """One document.

    ``certificates`` are the numbers it was certified under, the one that counts last; instants are
    of the site's clock in ISO 8601, each empty where nothing of it happened.
    """

    id: str
    type: str
    node: str
    facility: str
    recorded_at: str
    received_at: str
    contents: Mapping[str, Any]
    certificates: tuple[str, ...] = ()
    changed_at: str = ""
    revoked_at: str = ""
    reason: str = ""

    @property
    def certificate(self) -> str:
        """The number of the certificate that counts; empty for a revoked or uncertified one."""
        return self.certificates[-1] if self.certificates and not self.revoked_at else ""

    def told(self) -> dict[str, Any]:
        """Give it as a JSON object."""
        found = {
            "document": self.id,
            "documentType": self.type,
            "node": self.node,
            "facility": self.facility,
            "recordedAt": self.recorded_at,
            "receivedAt": self.received_at,
            "changedAt": self.changed_at,
            "revokedAt": self.revoked_at,
            "reason": self.reason,
            "certificate": self.certificate,
            "certificates": list(self.certificates),
            "contents": dict(self.contents),
        }
        return {name: value for name, value in found.items() if value not in ("", [])}


def find_document(store: Store, number: str) -> RegisteredDocument | None:
    """Find a document by the number of one of its certificates, however spaced, or by its id."""
    asked = plain("".join(number.split()))[:_LONGEST]
    if not asked:
        return None
    for entry in _counting(store, [f"certificate:{asked.upper()}"]):
        if entry.type == "DocumentCertified":
            return _of_id(store, str(_body(entry).get("document")))
    return _of_id(store, asked.lower())


def documents_received(store: Store, after: Cursor, until: str, limit: int) -> list[StoredEntry]:
    """Give the entries that recorded documents behind a place, in the order they were received."""
    return store.received(RECORDED, after, until, limit)


def as_document(store: Store, entry: StoredEntry) -> RegisteredDocument | None:
    """Give the document that an entry recorded; None where the record does not count it."""
    return _of_id(store, str(json.loads(entry.content).get("id")))


def all_documents(store: Store, until: str) -> Iterator[RegisteredDocument]:
    """Give every document that counts and was received before an instant, oldest first."""
    after = Cursor()
    while page := documents_received(store, after, until, _AT_ONCE):
        yield from (found for entry in page if (found := as_document(store, entry)) is not None)
        after = page[-1].cursor


def _of_id(store: Store, id_: str) -> RegisteredDocument | None:
    found: RegisteredDocument | None = None
    entries = sorted(
        _counting(store, [f"document:{plain(id_)[:_LONGEST]}"]),
        key=lambda entry: (entry.received_at, entry.epoch, entry.number),
    )
    for entry in sorted(entries, key=lambda entry: entry.type != RECORDED):
        if found is None:
            found = _recorded(store, entry) if entry.type == RECORDED else None
        elif entry.node == found.node:
            found = _changed(found, entry)
    return found


def _recorded(store: Store, entry: StoredEntry) -> RegisteredDocument:
    document, node = json.loads(entry.content), store.node(entry.node)
    body = _body(entry)
    return RegisteredDocument(
        id=str(document.get("id")),
        type=str(body.get("documentType")),
        node=entry.node,
        facility=node.facility if node else str(body.get("facility", "")),
        recorded_at=str(document.get("at", "")),
        received_at=entry.received_at,
        contents=as_mapping(body.get("contents")),
    )


def _changed(found: RegisteredDocument, entry: StoredEntry) -> RegisteredDocument:
    body, at = _body(entry), str(json.loads(entry.content).get("at", ""))
    match entry.type:
        case "DocumentCertified":
            number = str(body.get("certificate"))
            return replace(found, certificates=(*found.certificates, number))
        case "DocumentCorrected":
            contents = {**found.contents, **as_mapping(body.get("changes"))}
            kept = {name: value for name, value in contents.items() if value is not None}
            return replace(found, contents=kept, changed_at=at)
        case "DocumentRevoked":
            return replace(found, revoked_at=at, reason=str(body.get("reason", "")))
    return found


def _counting(store: Store, keys: Sequence[str]) -> list[StoredEntry]:
    """Give the entries under some keys that the record does not reject."""
    found: list[StoredEntry] = []
    place: Place = ("", "", 0)
    while page := store.mentions(keys, _AT_ONCE, place):
        rejected = store.rejected([(entry.node, entry.epoch, entry.number) for entry in page])
        found += [
            entry for entry in page if (entry.node, entry.epoch, entry.number) not in rejected
        ]
        place = (page[-1].node, page[-1].epoch, page[-1].number)
    return found


def _body(entry: StoredEntry) -> Mapping[str, Any]:
    return as_mapping(as_mapping(json.loads(entry.content)).get("body"))
