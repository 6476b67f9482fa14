"""Rows of who may sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.journal.entry import Entry

if TYPE_CHECKING:
    from sqlite_utils import Database


def pin_set(db: Database, entry: Entry) -> None:
    """Replace the verifier of a PIN."""
    db.execute(
        "INSERT OR REPLACE INTO pin (staff, verifier, position) VALUES (?, ?, ?)",
        (entry.body["staff"], entry.body["verifier"], entry.position),
    )
