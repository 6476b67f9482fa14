"""Rows of a campaign, and of what was imported beside it."""

from __future__ import annotations

import json
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
            _once_row(db, entry, kind, item[key], _whole(kind, item, campaign))
    for name, body in campaign.get("documents", {}).items():
        _document_rows(db, entry, name, body)
    for item in campaign.get("questions", ()):  # in force they stand with the rest, in their order
        _once_row(db, entry, "questions", item["code"], item)


def catalogue_recorded(db: Database, entry: Entry) -> None:
    """Put facilities, staff or vaccines beside the campaign's."""
    kind = entry.body["kind"]
    for item in entry.body["items"]:
        _catalogue_row(db, entry, kind, item[LIST_KEYS[kind]], item, "import")
        _once_row(db, entry, kind, item[LIST_KEYS[kind]], item)


def _document_rows(db: Database, entry: Entry, name: str, body: Mapping[str, Any]) -> None:
    """Keep a type of document by its name, and by the context that its credentials name."""
    keys = {"name": name, "context": body.get("credential", {}).get("context", "")}
    for by, key in keys.items():
        if key:
            item = {"id": name, "by": by, "body": body}
            _once_row(db, entry, "documents", f"{by}:{key}", item)


def _whole(kind: str, item: Mapping[str, Any], campaign: Mapping[str, Any]) -> Mapping[str, Any]:
    """Join to a programme what it takes from the rest of its campaign."""
    if kind != "programmes":
        return item
    shared: dict[str, Any] = {}
    if "certificates" in campaign:
        shared["certificates"] = campaign["certificates"]
    if "schedule" in item:
        shared["plan"] = campaign.get("schedules", {}).get(item["schedule"])
    return {**shared, **item}


def _once_row(db: Database, entry: Entry, kind: str, code: str, item: Mapping[str, Any]) -> None:
    """Keep what is in force for when it is no more; of staff, also where they ever worked."""
    kept = {key: value for key, value in item.items() if key != "pin"}
    if kind == "staff":
        before = db.execute(
            "SELECT body FROM catalogue_once WHERE kind = ? AND code = ?", (kind, code)
        ).fetchone()
        places = json.loads(before[0])["ever"] if before else []
        kept["ever"] = sorted({*places, *item["facilities"]})
    db.execute(
        "INSERT OR REPLACE INTO catalogue_once (kind, code, body, position) VALUES (?, ?, ?, ?)",
        (kind, code, compact_json(kept), entry.position),
    )


def _catalogue_row(
    db: Database, entry: Entry, kind: str, code: str, item: Mapping[str, Any], source: str
) -> None:
    db.execute(
        "INSERT OR REPLACE INTO catalogue (kind, code, body, source, position)"
        " VALUES (?, ?, ?, ?, ?)",
        (kind, code, compact_json(item), source, entry.position),
    )
    if kind == "vaccines":
        db.execute(
            "INSERT OR IGNORE INTO vaccine_name (name, code) VALUES (?, ?)", (item["name"], code)
        )
