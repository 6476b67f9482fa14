"""Rows of certificates, and of what revokes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.journal.entry import Entry

if TYPE_CHECKING:
    from sqlite_utils import Database


def certificate_issued(db: Database, entry: Entry) -> None:
    """Add a certificate of a dose, or of a document, with each of its forms."""
    body = entry.body
    db.execute(
        "INSERT INTO certificate (id, dose, person, document, issued_at, replaces, position)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            body["certificate"],
            *(body.get(of, "") for of in ("dose", "person", "document")),
            entry.document["at"],
            body.get("replaces", ""),
            entry.position,
        ),
    )
    # entries of the first version have one format, in two fields
    first = [{key: body[key] for key in ("format", "credential") if key in body}]
    for place, one in enumerate(body.get("credentials", first)):
        db.execute(
            "INSERT INTO credential (certificate, format, text, place) VALUES (?, ?, ?, ?)",
            (body["certificate"], one["format"], one["credential"], place),
        )


def certificate_revoked(db: Database, entry: Entry) -> None:
    """Mark a certificate, and what it is known by to others."""
    body = entry.body
    db.execute(
        "UPDATE certificate SET revoked_at = ?, reason = ?, replaced_by = ? WHERE id = ?",
        (entry.document["at"], body["reason"], body.get("replacedBy", ""), body["certificate"]),
    )
    for key in body["keys"]:
        db.execute(
            "INSERT OR IGNORE INTO revocation (key, certificate) VALUES (?, ?)",
            (key, body["certificate"]),
        )
