"""What the store asks of a database: whole transactions in one dialect, and a fast way in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

Row = tuple[Any, ...]
Result = TypeVar("Result")

ENTRY = "node, epoch, number, type, hash, content, received_at"
"""The columns of a :class:`~sync.registry.store.interface.StoredEntry`, in its order."""


class Session(Protocol):
    """One transaction. Parameters are written ``?``; tables are named without a schema."""

    @property
    def lock(self) -> str:
        """What is put behind a SELECT to hold its rows until the transaction ends."""
        ...

    @property
    def lock_free(self) -> str:
        """What is put behind a SELECT to hold those of its rows that nobody else holds."""
        ...

    @property
    def instant(self) -> str:
        """An expression for the moment by the clock of a server that many programs share.

        In ISO 8601, UTC; an empty text where there is none, and the caller's own clock counts.
        """
        ...

    def rows(self, sql: str, *parameters: object) -> list[Row]:
        """Give every row."""
        ...

    def run(self, sql: str, *parameters: object) -> int:
        """Change something; how many rows were changed."""
        ...

    def many(self, sql: str, rows: Sequence[Row]) -> None:
        """Run one statement for each row, in order."""
        ...

    def load(self, rows: Sequence[Row]) -> int:
        """Add entries that are not there; how many were added.

        A row is node, epoch, number, type, id, hash, content, instant received. One whose node,
        epoch and number are there already is left out, whatever it holds.
        """
        ...


class Database(Protocol):
    """Runs work in transactions; a committed one is on the disk.

    Raises :class:`~sync.protocol.errors.DatabaseError` when the database cannot be used now.
    """

    def write(self, work: Callable[[Session], Result]) -> Result:
        """Run work in a transaction and commit it; it may run again after a conflict."""
        ...

    def read(self, work: Callable[[Session], Result]) -> Result:
        """Run work that changes nothing."""
        ...

    def settled(self) -> str:
        """Give the instant before which nothing more will be received (ISO 8601, UTC).

        Empty where the caller's clock is all there is.
        """
        ...

    def stream(self, sql: str, *parameters: object) -> Iterator[Row]:
        """Give a result of any length, a piece at a time, as it was when asked for."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class StoreComponent:
    """A part of the store, on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def _rows(self, sql: str, *parameters: object) -> list[Row]:
        return self._database.read(lambda session: session.rows(sql, *parameters))

    def _run(self, sql: str, *parameters: object) -> int:
        return self._database.write(lambda session: session.run(sql, *parameters))


def marks(count: int) -> str:
    """Write so many parameters for a list in parentheses."""
    return ", ".join("?" * count)


def page(columns: str, table: str, text: str, where: str, order: str) -> str:
    """Write a page of a table: the parameters behind those of ``where`` are its limit and size.

    The size is in characters of the column ``text``; the row that fills it is the last one. One
    row may be a thousand times as long as another, and a page must fit in memory.
    """
    return (
        f"SELECT {columns} FROM (SELECT {columns}, sum(length({text})) OVER (ORDER BY {order}"
        f" ROWS UNBOUNDED PRECEDING) - length({text}) AS before FROM {table} WHERE {where}"
        f" ORDER BY {order} LIMIT ?) AS page WHERE before < ? ORDER BY {order}"
    )
