"""Rows of a campaign, and of what was imported beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from edge.domain.catalogue import LIST_KEYS
from edge.journal.entry import Entry
from edge.journal.projections.columns import compact_json

if TYPE_CHECKING:
    from sqlite_utils import Database


def campaign_applied(db: Database, entry: Entry) -> None:
    """Replace the whole campaign."""
    campaign = entry.body["campaign"]
    db.execute("DELETE FROM catalogue WHERE source = 'campaign'")
    general = {key: value for key, value in campaign.items() if key not in LIST_KEYS}
    _catalogue_row(db, entry, "general", "", general, "campaign")
    for kind, key in LIST_KEYS.items():
        for item in campaign.get(kind, ()):
            _catalogue_row(db, entry, kind, item[key], item, "campaign")


def catalogue_recorded(db: Database, entry: Entry) -> None:
    """Put facilities, staff or vaccines beside the campaign's."""
    kind = entry.body["kind"]
    for item in entry.body["items"]:
        _catalogue_row(db, entry, kind, item[LIST_KEYS[kind]], item, "import")


def _catalogue_row(
    db: Database, entry: Entry, kind: str, code: str, item: Mapping[str, Any], source: str
) -> None:
    db.execute(
        "INSERT OR REPLACE INTO catalogue (kind, code, body, source, position)"
        " VALUES (?, ?, ?, ?, ?)",
        (kind, code, compact_json(item), source, entry.position),
    )
