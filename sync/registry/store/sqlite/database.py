"""SQLite as the store's database: WAL with ``synchronous=FULL``, one transaction at a time.

Encrypted (SQLCipher), as a site's journal is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlite

from sync.registry.store.sql.database import Result, Row, Session
from sync.registry.store.sqlite.connections import BUSY, Connection, code, connect, in_words

_TRIES = 100
"""Times to ask a new file for its log, 0.05 s apart: SQLite answers busy to that at once."""
_PIECE = 500
"""Rows of a stream fetched at once."""


class SqliteDatabase:
    """One file and one connection, used in turns; other processes may use the file as well.

    ``key`` is 32 bytes; without one the file is plain, for what nobody keeps.
    """

    def __init__(
        self,
        path: Path,
        sleep: Callable[[float], None] = time.sleep,
        *,
        key: bytes | None = None,
    ) -> None:
        self._path = path
        self._key = key
        self._lock = threading.Lock()
        with in_words():
            self._connection = connect(path, key)
            _write_ahead(self._connection, sleep)

    def write(self, work: Callable[[Session], Result]) -> Result:
        """Run work in a transaction and commit it."""
        with self._lock, in_words():
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
        with self._lock, in_words():
            return work(_SqliteSession(self._connection))

    def settled(self) -> str:
        """Give nothing: whoever uses the file has the same clock, and writes in turns."""
        return ""

    def stream(self, sql: str, *parameters: object) -> Iterator[Row]:
        """Give a long result over a connection of its own, so that nobody waits for its reader."""
        with in_words(), closing(connect(self._path, self._key, "ro")) as connection:
            cursor = connection.execute(sql, parameters)
            while rows := cursor.fetchmany(_PIECE):
                yield from rows

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()


def _write_ahead(connection: Connection, sleep: Callable[[float], None]) -> None:
    """Have a write-ahead log, also where others open the new file at the same moment."""
    for _ in range(_TRIES - 1):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite.OperationalError as error:
            if code(error) != BUSY:
                raise
        sleep(0.05)
    connection.execute("PRAGMA journal_mode=WAL")


class _SqliteSession:
    lock = lock_free = ""  # BEGIN IMMEDIATE holds the whole file already
    instant = "''"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, *parameters: object) -> list[Row]:
        found: list[Row] = self._connection.execute(sql, parameters).fetchall()
        return found

    def run(self, sql: str, *parameters: object) -> int:
        return max(int(self._connection.execute(sql, parameters).rowcount), 0)

    def many(self, sql: str, rows: Sequence[Row]) -> None:
        self._connection.executemany(sql, rows)

    def load(self, rows: Sequence[Row]) -> int:
        cursor = self._connection.executemany(
            "INSERT INTO entry (node, epoch, number, type, id, hash, content, received_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (node, epoch, number) DO NOTHING",
            rows,
        )
        return int(cursor.rowcount)
