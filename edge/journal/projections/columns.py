"""What projections of several kinds do with columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlite_utils import Database


def change_columns(
    db: Database, table: str, id_: str, columns: Mapping[str, str], changes: Mapping[str, Any]
) -> None:
    """Set the columns of the fields that changed; a field newer software knows is left alone."""
    for field, column in columns.items():
        if field in changes:
            db.execute(
                f"UPDATE {table} SET {column} = ? WHERE id = ?",  # noqa: S608  (our own names)
                (changes[field], id_),
            )


def compact_json(value: Any) -> str:
    """Give a value as JSON for a column."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
