"""Rows of how people want to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.journal.entry import Entry

if TYPE_CHECKING:
    from sqlite_utils import Database


def contact_preference_recorded(db: Database, entry: Entry) -> None:
    """Note what somebody said, in place of what they said before."""
    body = entry.body
    db.execute(
        "INSERT OR REPLACE INTO contact_preference VALUES (?, ?, ?, ?, ?, ?)",
        (
            body["person"],
            body.get("consent", ""),
            body.get("channel", ""),
            body.get("language", ""),
            int(body.get("source") == "reply"),
            entry.position,
        ),
    )
