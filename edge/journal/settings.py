"""What a node remembers beside its journal, by name: not made from entries, encrypted with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def setting(db: Database, name: str) -> str:
    """Give a setting, or empty."""
    row = db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else ""


def settings_under(db: Database, prefix: str) -> dict[str, str]:
    """Give the settings whose names begin so, by the rest of their names, in order."""
    rows = db.execute(
        "SELECT substr(name, ?), value FROM setting WHERE substr(name, 1, ?) = ? ORDER BY name",
        (len(prefix) + 1, len(prefix), prefix),
    ).fetchall()
    return dict(rows)


def keep_setting(db: Database, name: str, value: str) -> None:
    """Keep a setting in place of the one of the same name; empty: forget it."""
    if value:
        db.table("setting").upsert({"name": name, "value": value}, pk="name")
    else:
        db.table("setting").delete_where("name = ?", [name])
