"""How columns are named and read, for questions about several tables."""

from __future__ import annotations

from datetime import date
from functools import cache


@cache  # questions name their columns by constants
def of_table(table: str, columns: str) -> str:
    """Write columns with the table they are of."""
    return ", ".join(f"{table}.{column}" for column in columns.split(", "))


def day_of(text: str | None) -> date | None:
    """Read a column that holds a day or nothing."""
    return date.fromisoformat(text) if text else None
