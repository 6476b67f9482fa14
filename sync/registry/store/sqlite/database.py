"""SQLite as the store's database: WAL with ``synchronous=FULL``, one transaction at a time."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sync.protocol.errors import DatabaseError
from sync.registry.store.sql.database import Result, Row, Session

_PRAGMAS = ("busy_timeout=5000", "synchronous=FULL")
_TRIES = 100
"""Times to ask a new file for its log, 0.05 s apart: SQLite answers busy to that at once."""
_PIECE = 500
"""Rows of a stream fetched at once."""


class SqliteDatabase:
    """One file and one connection, used in turns; other processes may use the file as well."""

    def __init__(self, path: Path, sleep: Callable[[float], None] = time.sleep) -> None:
        self._path = path
        self._lock = threading.Lock()
        with _in_words():
            self._connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, cached_statements=256
            )
            for pragma in _PRAGMAS:
                self._connection.execute(f"PRAGMA {pragma}")
            _write_ahead(self._connection, sleep)

    def write(self, work: Callable[[Session], Result]) -> Result:
        """Run work in a transaction and commit it."""
        with self._lock, _in_words():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                result = work(_SqliteSession(self._connection))
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            return result

    def read(self, work: Callable[[Session], Result]) -> Result:
        """Run work that changes nothing."""
        with self._lock, _in_words():
            return work(_SqliteSession(self._connection))

    def settled(self) -> str:
        """Give nothing: whoever uses the file has the same clock, and writes in turns."""
        return ""

    def stream(self, sql: str, *parameters: object) -> Iterator[Row]:
        """Give a long result over a connection of its own, so that nobody waits for its reader."""
        uri = f"{self._path.absolute().as_uri()}?mode=ro"
        with _in_words(), closing(sqlite3.connect(uri, uri=True)) as connection:
            cursor = connection.execute(sql, parameters)
            while rows := cursor.fetchmany(_PIECE):
                yield from rows

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()


def _write_ahead(connection: sqlite3.Connection, sleep: Callable[[float], None]) -> None:
    """Have a write-ahead log, also where others open the new file at the same moment."""
    for _ in range(_TRIES - 1):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        sleep(0.05)
    connection.execute("PRAGMA journal_mode=WAL")


class _SqliteSession:
    lock = ""  # BEGIN IMMEDIATE holds the whole file already
    instant = "''"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, *parameters: object) -> list[Row]:
        return self._connection.execute(sql, parameters).fetchall()

    def run(self, sql: str, *parameters: object) -> int:
        return max(self._connection.execute(sql, parameters).rowcount, 0)

    def many(self, sql: str, rows: Sequence[Row]) -> None:
        self._connection.executemany(sql, rows)

    def load(self, rows: Sequence[Row]) -> int:
        return self._connection.executemany(
            "INSERT INTO entry (node, epoch, number, type, id, hash, content, received_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (node, epoch, number) DO NOTHING",
            rows,
        ).rowcount


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise DatabaseError(
            "registry.database",
            "The registry's database cannot be used now ({reason}). Try again later.",
            reason=error.sqlite_errorname,
        ) from error
