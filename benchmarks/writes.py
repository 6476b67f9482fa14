"""What a row costs on the journal's own tables: SQL, and sqlite-utils in its ways of writing.

python -m benchmarks.writes
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from edge.journal import database
from edge.journal.schema import migrate

ROWS, TIMES = 2000, 5
_SQL = "INSERT INTO stock (vaccine, lot, expiry, received, given) VALUES (?, ?, ?, ?, ?)"
_KEY = ("vaccine", "lot")


def main() -> None:
    """Measure, and print a table: the best of some runs, in microseconds a row."""
    with tempfile.TemporaryDirectory() as folder:
        db = database.open_writer(Path(folder) / "journal.db", bytes(32))
        migrate(db, datetime.now(UTC))
        base = _measured(db, _by_sql)
        print(f"| SQL | {base:.1f} | 1 |")
        for name, write in _WAYS.items():
            spent = _measured(db, write)
            print(f"| {name} | {spent:.1f} | {spent / base:.1f} |")
        db.close()


def _row(index: int) -> dict[str, Any]:
    return {
        "vaccine": "coviprotect",
        "lot": f"LOT{index}",
        "expiry": "2027-01-01",
        "received": 100,
        "given": 0,
    }


def _measured(db: Database, write: Callable[[Database], object]) -> float:
    """Give the microseconds a row takes inside one transaction."""
    best = float("inf")
    for _ in range(TIMES):
        db.execute("DELETE FROM stock")
        start = time.perf_counter()
        with db.atomic():
            write(db)
        best = min(best, time.perf_counter() - start)
    return best / ROWS * 1e6


def _by_sql(db: Database) -> None:
    for index in range(ROWS):
        db.execute(_SQL, tuple(_row(index).values()))


def _insert(db: Database) -> None:
    for index in range(ROWS):
        db.table("stock").insert(_row(index))


def _upsert(db: Database) -> None:
    for index in range(ROWS):
        db.table("stock").upsert(_row(index), pk=_KEY)


def _insert_all(db: Database) -> None:
    db.table("stock").insert_all(_row(index) for index in range(ROWS))


def _upsert_all(db: Database) -> None:
    db.table("stock").upsert_all((_row(index) for index in range(ROWS)), pk=_KEY)


_WAYS: Mapping[str, Callable[[Database], object]] = {
    "`insert`": _insert,
    "`upsert`": _upsert,
    "`insert_all`": _insert_all,
    "`upsert_all`": _upsert_all,
}


if __name__ == "__main__":
    main()
