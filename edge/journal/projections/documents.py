"""Rows of documents, and of the words they are found by."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from edge.domain.documents import amended, search_keys
from edge.journal.entry import Entry
from edge.journal.projections.columns import compact_json

if TYPE_CHECKING:
    from sqlite_utils import Database


def document_recorded(db: Database, entry: Entry) -> None:
    """Add a document."""
    body = entry.body
    db.execute(
        "INSERT INTO document (id, type, contents, recorded_at, recorded_by, position)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            entry.id,
            body["documentType"],
            compact_json(body["contents"]),
            entry.document["at"],
            entry.document["by"],
            entry.position,
        ),
    )
    _keys(db, entry.id)


def document_corrected(db: Database, entry: Entry) -> None:
    """Put other contents in the place of what was recorded wrongly."""
    body = entry.body
    row = db.execute("SELECT contents FROM document WHERE id = ?", (body["document"],)).fetchone()
    if row is None:
        return
    db.execute(
        "UPDATE document SET contents = ?, changed_at = ? WHERE id = ?",
        (
            compact_json(amended(json.loads(row[0]), body["changes"])),
            entry.document["at"],
            body["document"],
        ),
    )
    _keys(db, body["document"])


def document_revoked(db: Database, entry: Entry) -> None:
    """Mark a document that counts no longer; it stays readable."""
    db.execute(
        "UPDATE document SET revoked_at = ?, reason = ? WHERE id = ?",
        (entry.document["at"], entry.body["reason"], entry.body["document"]),
    )


def _keys(db: Database, document: str) -> None:
    """File a document under the words of the fields that its type's campaign of the day names."""
    type_, contents = db.execute(
        "SELECT type, contents FROM document WHERE id = ?", (document,)
    ).fetchone()
    row = db.execute(
        "SELECT body FROM catalogue_once WHERE kind = 'documents' AND code = ?", (f"name:{type_}",)
    ).fetchone()
    searched = json.loads(row[0])["body"].get("search", ()) if row else ()
    db.execute("DELETE FROM document_key WHERE document = ?", (document,))
    for key in search_keys(searched, json.loads(contents)):
        db.execute("INSERT INTO document_key (key, document) VALUES (?, ?)", (key, document))
