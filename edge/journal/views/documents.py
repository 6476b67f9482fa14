"""Documents as they are recorded, found by their words or by the number of a certificate."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlite_utils import Database

_COLUMNS = "id, type, contents, recorded_at, recorded_by, changed_at, revoked_at, reason, position"
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """One document: instants in ISO 8601, each empty where nothing of it happened."""

    id: str
    type: str
    contents: Mapping[str, Any]
    recorded_at: str
    recorded_by: str
    changed_at: str
    revoked_at: str
    reason: str
    position: int


def document(db: Database, id_: str) -> DocumentRecord | None:
    """Find a document by its id."""
    return next(iter(_documents(db, "id = ?", (id_,))), None)


def documents_of(db: Database, type_: str, before: int, limit: int) -> list[DocumentRecord]:
    """Give a page of the documents of a type, newest first; ``before`` 0: from the newest."""
    return _documents(
        db,
        "type = ? AND (? = 0 OR position < ?) ORDER BY position DESC LIMIT ?",
        (type_, before, before, limit),
    )


def find_documents(
    db: Database, type_: str, words: Sequence[str], limit: int
) -> list[DocumentRecord]:
    """Find documents of a type that have every word, as its beginning; newest first."""
    asked = list(words)[:_MOST_WORDS]
    each = " AND ".join(
        "id IN (SELECT document FROM document_key WHERE key >= ? AND key < ?)" for _ in asked
    )
    bounds = [bound for word in asked for bound in (word, word + "\U0010ffff")]
    return _documents(
        db,
        f"type = ? AND {each} ORDER BY position DESC LIMIT ?",
        (type_, *bounds, limit),
    )


def _documents(db: Database, where: str, values: Sequence[Any]) -> list[DocumentRecord]:
    rows = db.execute(f"SELECT {_COLUMNS} FROM document WHERE {where}", tuple(values))  # noqa: S608
    return [
        DocumentRecord(id_, type_, json.loads(contents), *rest)
        for id_, type_, contents, *rest in rows.fetchall()
    ]
