"""Holds the tables against the journal: whoever writes into the file past the journal is seen."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from edge.journal import database, maintenance, schema
from edge.journal.entry import ENTRY_COLUMNS
from edge.journal.projections import TABLES

if TYPE_CHECKING:
    from sqlite_utils import Database

_Fault = Literal["missing", "added", "changed"]
_WITHOUT_KEYS = frozenset({"spelling"})
"""Tables whose keys are words of people's names."""
_COUNTED = frozenset({"table sqlite_stat1", "table sqlite_stat4"})
"""What ANALYZE makes, at one file and not at another: it decides how fast an answer is."""
_AT_ONCE = 1000
_SCHEMA = "schema"


@dataclass(frozen=True, slots=True)
class TableDifference:
    """A row, or a part of the database's shape, that the journal does not account for.

    ``part`` is the table, or ``schema``. ``key`` names the row by its table's ordering columns, and
    is empty where they would tell of a person; ``columns`` are those that say something else. No
    value of a changed column stands here.
    """

    part: str
    fault: _Fault
    key: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


def changed_shape(found: Iterable[TableDifference]) -> bool:
    """Say whether more than rows was changed: then nothing may be written into the database."""
    return any(difference.part == _SCHEMA for difference in found)


def compare_tables(
    db: Database, scratch: Path, key: bytes, now: datetime, progress: maintenance.Progress
) -> list[TableDifference]:
    """Make every table again in a database of its own, and list what the live ones have otherwise.

    ``db`` is a reader: it is read as it stands at one moment, also while the node writes.
    ``scratch`` is a file that is made for it, encrypted with the journal's ``key``, and removed.
    """
    with _made_again(db, scratch, key, now, progress) as made, database.any_text(db):
        return [
            *_shapes(db, made),
            *(found for table, order in TABLES.items() for found in _rows(db, made, table, order)),
        ]


@contextlib.contextmanager
def _made_again(
    db: Database, scratch: Path, key: bytes, now: datetime, progress: maintenance.Progress
) -> Iterator[Database]:
    scratch.unlink(missing_ok=True)  # of a comparison that was ended
    os.close(os.open(scratch, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    made = database.open_scratch(scratch, key)
    db.execute("BEGIN")  # one moment, from the first entry to the last row that is compared
    try:
        schema.migrate(made, now)
        marks = ", ".join("?" for _ in ENTRY_COLUMNS.split(","))
        rows = db.execute(f"SELECT {ENTRY_COLUMNS} FROM entry ORDER BY position")  # noqa: S608
        made.execute("BEGIN")
        made.conn.executemany(f"INSERT INTO entry ({ENTRY_COLUMNS}) VALUES ({marks})", rows)  # noqa: S608
        made.execute("COMMIT")
        maintenance.rebuild(made, progress)
        yield made
    finally:
        db.execute("ROLLBACK")
        made.close()
        scratch.unlink(missing_ok=True)


def _shapes(db: Database, made: Database) -> Iterator[TableDifference]:
    """Compare tables, indexes and triggers: without its trigger an entry can be rewritten."""
    found, expected = _shape(db), _shape(made)
    for name in sorted(found.keys() | expected.keys()):
        if name not in found:
            yield TableDifference(_SCHEMA, "missing", (_printable(name),))
        elif name not in expected:
            yield TableDifference(_SCHEMA, "added", (_printable(name),))
        elif found[name] != expected[name]:
            yield TableDifference(_SCHEMA, "changed", (name,))


def _shape(db: Database) -> dict[str, str]:
    """Give all that there is by kind and name, but what SQLite counted for itself.

    By the whole name: "sqlite-x" is one that anybody can give to a trigger.
    """
    rows = db.execute("SELECT type, name, sql FROM sqlite_master")
    shape = {f"{kind} {name}": str(sql) for kind, name, sql in rows}
    return {name: sql for name, sql in shape.items() if name not in _COUNTED}


def _rows(db: Database, made: Database, table: str, order: str) -> Iterator[TableDifference]:
    """Walk two tables in one order, as two sorted lists are joined."""
    names = [column.name for column in made[table].columns]
    if [column.name for column in db[table].columns] != names:
        return  # its shape differs, and is named
    keys = [names.index(column.strip()) for column in order.split(",")]
    lives, mades = _walk(db, table, order), _walk(made, table, order)
    live, again = next(lives, None), next(mades, None)
    while live is not None or again is not None:
        left = _place(live, keys) if live is not None else None
        right = _place(again, keys) if again is not None else None
        if right is None or (left is not None and left < right):
            yield _difference(table, "added", live, keys)
            live = next(lives, None)
        elif left is None or right < left:
            yield _difference(table, "missing", again, keys)
            again = next(mades, None)
        else:
            if live is not None and again is not None and live != again:
                other = [n for n, a, b in zip(names, live, again, strict=True) if a != b]
                yield _difference(table, "changed", live, keys, other)
            live, again = next(lives, None), next(mades, None)


def _walk(db: Database, table: str, order: str) -> Iterator[Sequence[Any]]:
    cursor = db.execute(f"SELECT * FROM {table} ORDER BY {order}")  # noqa: S608  (our own names)
    while rows := cursor.fetchmany(_AT_ONCE):
        yield from rows


def _place(row: Sequence[Any], keys: Sequence[int]) -> tuple[tuple[int, Any], ...]:
    """Give where a row stands, as SQLite orders values: nothing, numbers, text, bytes."""
    return tuple(_ordered(row[key]) for key in keys)


def _ordered(value: Any) -> tuple[int, Any]:
    if value is None:
        return (0, 0)
    if isinstance(value, int | float):
        return (1, value)
    return (2 if isinstance(value, str) else 3, value)


def _difference(
    table: str,
    fault: _Fault,
    row: Sequence[Any] | None,
    keys: Sequence[int],
    columns: Sequence[str] = (),
) -> TableDifference:
    known = row if row is not None and table not in _WITHOUT_KEYS else None
    key = tuple(_printable(str(known[place])) for place in keys) if known is not None else ()
    return TableDifference(table, fault, key, tuple(columns))


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
