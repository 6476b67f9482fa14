"""PostgreSQL as the store's database: a pool of connections, and COPY into a staging table."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from weakref import WeakKeyDictionary

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import PGconn, Ping
from psycopg_pool import ConnectionPool, PoolTimeout

from sync.protocol.errors import DatabaseError, SyncError
from sync.registry.store.postgres.availability import Availability
from sync.registry.store.sql.database import Result, Row, Session

_TRIES = 8
_AGAIN = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.UniqueViolation,
    errors.DuplicateTable,
    errors.DuplicateObject,
)
"""Rolled back whole, and right the next time: another's row, or table, is seen then.

CREATE TABLE IF NOT EXISTS fails with any of the last three when two run it at once.
"""
_PATIENCE = 10.0
"""Seconds to wait for a connection while all are in use, or for another's lock."""
_LOOKS = 0.6
"""Seconds after which one who waits for a connection looks whether the database answers at all."""
_SURE = 0.2
"""Seconds after its last use in which a connection is taken to work without being asked."""
_UNHEARD_MS = 3000
"""How long what was sent to the server may stay without its TCP acknowledgement."""
_PIECE = 500
"""Rows of a stream fetched at once."""
_COLUMNS = "node, epoch, number, type, id, hash, content, received_at"
_TYPES = ("text", "text", "int8", "text", "text", "text", "text", "text")
_STAGING = (
    b"CREATE TEMPORARY TABLE IF NOT EXISTS arriving (node text, epoch text, number bigint,"
    b" type text, id text, hash text, content text, received_at text) ON COMMIT DELETE ROWS"
)
_ISO = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'
_INSTANT = f"to_char(clock_timestamp() AT TIME ZONE 'UTC', '{_ISO}')"
_COPY = f"COPY pg_temp.arriving ({_COLUMNS}) FROM STDIN (FORMAT BINARY)".encode()
_INSERT = (
    f"INSERT INTO entry ({_COLUMNS}) SELECT {_COLUMNS} FROM pg_temp.arriving"
    " ON CONFLICT (node, epoch, number) DO NOTHING"
).encode()


_SETTLED = (
    "SELECT to_char(least(min(xact_start), clock_timestamp() - interval '1 minute')"
    f" AT TIME ZONE 'UTC', '{_ISO}') FROM pg_stat_activity WHERE datname = current_database()"
    " AND (backend_xid IS NOT NULL OR wait_event_type = 'Lock')"
)
"""A transaction stamps what it receives behind its start. It may wait long for a lock, or for a
standby that is to have its commit; the minute is for those that have begun and changed nothing yet.
"""


class PostgresDatabase:
    """A database by its ``postgresql://`` address, over at most so many connections.

    A commit that returned is on the disk, and on the standbys that ``synchronous_standby_names``
    asks for: ``synchronous_commit`` is set to ``on`` where the server has less. What comes in is
    stamped by the server's clock, for the clocks of many workers are never the same; not where
    ``stamped`` is False, for tests whose time is another.
    """

    def __init__(
        self,
        uri: str,
        connections: int,
        sleep: Callable[[float], None] = time.sleep,
        *,
        stamped: bool = True,
    ) -> None:
        self._sleep = sleep
        self._stamped = stamped
        self._available = Availability(time.monotonic)
        self._used: WeakKeyDictionary[psycopg.Connection[Row], float] = WeakKeyDictionary()
        _check_address(uri)
        self._pool = ConnectionPool(
            uri,
            min_size=1,
            max_size=connections,
            timeout=_PATIENCE,
            configure=self._configure,
            reconnect_timeout=_LOOKS,  # whoever is let through next makes it try again
            open=False,
            kwargs={
                "connect_timeout": 5,
                "application_name": "divoc-registry",
                "tcp_user_timeout": _UNHEARD_MS,
            },
        )
        with _in_words():
            try:
                self._first()
            except BaseException as error:
                self._pool.close()
                if isinstance(error, psycopg.OperationalError):
                    _check_answering(uri)
                raise

    def write(self, work: Callable[[Session], Result]) -> Result:
        """Run work in a transaction and commit it; again if it met another in its way."""
        for pause in range(_TRIES - 1):
            try:
                return self._once(work)
            except _AGAIN:
                self._sleep(0.005 * 2**pause)
        with _in_words():
            return self._once(work)

    def read(self, work: Callable[[Session], Result]) -> Result:
        """Run work that changes nothing."""
        with _in_words():
            try:
                return self._read(work, _SURE)
            except psycopg.OperationalError:
                if not self._available.may_ask():
                    raise
            return self._read(work, 0.0)  # the connection had broken a moment before

    def _read(self, work: Callable[[Session], Result], sure: float) -> Result:
        with self._connected(alone=True, sure=sure) as connection:
            return work(_PostgresSession(connection, stamped=self._stamped))

    def settled(self) -> str:
        """Give the start of the oldest transaction that writes, or a minute ago."""
        if not self._stamped:
            return ""
        ((instant,),) = self.read(lambda session: session.rows(_SETTLED))
        return str(instant)

    def stream(self, sql: str, *parameters: object) -> Iterator[Row]:
        """Give a long result through a cursor that the server keeps."""
        with (
            _in_words(),
            self._connected() as connection,
            connection.cursor(name="stream") as cursor,
        ):
            cursor.itersize = _PIECE
            cursor.execute(_dialect(sql), parameters)
            yield from cursor

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.close()

    def _first(self) -> None:
        """Wait for the first connection: a server that is starting is there in a moment."""
        self._pool.open()
        ends = time.monotonic() + _PATIENCE
        while True:
            try:
                with self._connected():
                    return
            except psycopg.OperationalError:
                if time.monotonic() > ends:
                    raise
            time.sleep(_LOOKS)

    def _once(self, work: Callable[[Session], Result]) -> Result:
        with _in_words(_AGAIN), self._connected() as connection:
            return work(_PostgresSession(connection, stamped=self._stamped))

    @contextmanager
    def _connected(
        self, *, alone: bool = False, sure: float = _SURE
    ) -> Iterator[psycopg.Connection[Row]]:
        """Lend a connection for one transaction, or refuse at once while the database is away.

        ``alone``: each statement stands for itself, as readers see each other's work between two
        statements anyhow (READ COMMITTED); that spares two ways to the server and back.
        """
        if not self._available.may_ask():
            raise psycopg.OperationalError("the database did not answer a moment ago")
        try:
            connection = self._lent(sure)
        except psycopg.Error:
            self._available.silent()
            raise
        self._available.answered()
        try:
            connection.autocommit = alone
            with connection:
                yield connection
        finally:
            self._used[connection] = time.monotonic()
            self._pool.putconn(connection)

    def _lent(self, sure: float) -> psycopg.Connection[Row]:
        """Take a connection that works; wait as long as the database answers those who have one."""
        ends = time.monotonic() + _PATIENCE
        while True:
            try:
                connection = self._pool.getconn(timeout=_LOOKS)
            except PoolTimeout:
                if not self._available.answered_within(_LOOKS) or time.monotonic() > ends:
                    raise
                continue
            if time.monotonic() - self._used.get(connection, 0.0) < sure:
                return connection
            try:
                ConnectionPool.check_connection(connection)
            except psycopg.Error:  # it broke while nobody used it: the pool makes another
                self._pool.putconn(connection)
                if time.monotonic() > ends:
                    raise
            else:
                return connection

    def _configure(self, connection: psycopg.Connection[Row]) -> None:
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')"
        )
        connection.execute("SELECT set_config('lock_timeout', %s, false)", (f"{_PATIENCE:.0f}s",))
        connection.execute(_STAGING)
        connection.commit()


class _PostgresSession:
    lock = " FOR UPDATE"
    lock_free = " FOR UPDATE SKIP LOCKED"

    def __init__(self, connection: psycopg.Connection[Row], *, stamped: bool) -> None:
        self._connection = connection
        self.instant = _INSTANT if stamped else "''"

    def rows(self, sql: str, *parameters: object) -> list[Row]:
        return self._connection.execute(_dialect(sql), parameters).fetchall()

    def run(self, sql: str, *parameters: object) -> int:
        return max(self._connection.execute(_dialect(sql), parameters).rowcount, 0)

    def many(self, sql: str, rows: Sequence[Row]) -> None:
        if rows:
            with self._connection.cursor() as cursor:
                cursor.executemany(_dialect(sql), rows)

    def load(self, rows: Sequence[Row]) -> int:
        with self._connection.cursor() as cursor:
            with cursor.copy(_COPY) as copy:
                copy.set_types(_TYPES)
                for row in rows:
                    copy.write_row(row)
            return cursor.execute(_INSERT).rowcount


@lru_cache(512)
def _dialect(sql: str) -> bytes:
    return sql.replace("?", "%s").encode()


def _check_address(uri: str) -> None:
    # psycopg's own sentence would quote the address, and a password with it.
    try:
        conninfo_to_dict(uri)
    except psycopg.Error:
        raise SyncError(
            "registry.database-address",
            "The address of the database cannot be read."
            " Write it as postgresql://user@host/name, with special characters as %XX.",
        ) from None


def _check_answering(uri: str) -> None:
    """Raise :class:`SyncError` where the server takes connections, and only ours are refused."""
    if PGconn.ping(uri.encode()) == Ping.OK:
        raise SyncError(
            "registry.database-refused",
            "The database's server answers, and does not let this registry in. Check the name of"
            " the database, the user and the password.",
        ) from None


@contextmanager
def _in_words(but: tuple[type[psycopg.Error], ...] = ()) -> Iterator[None]:
    """Say that the database cannot be used now, and never quote values: they are personal."""
    try:
        yield
    except but:
        raise
    except psycopg.DataError as error:
        raise SyncError(
            "registry.value",
            "A text or number cannot be kept by the database ({reason}).",
            reason=type(error).__name__,
        ) from None
    except (
        psycopg.OperationalError,
        psycopg.InterfaceError,
        errors.UniqueViolation,
        errors.ReadOnlySqlTransaction,  # a primary that was made a standby
    ) as error:
        raise DatabaseError(
            "registry.database",
            "The registry's database cannot be used now ({reason}). Try again later.",
            reason=type(error).__name__,
        ) from None
