"""Opens the encrypted database file: the only place that knows which SQLite this is.

The SQLite bundled by ``sqlcipher3`` is used for two reasons: it encrypts each page (with a HMAC,
so a flipped bit is found), and it is newer than the WAL-reset corruption bug of Debian 12's
3.40.1. sqlite-utils works on the connection it is handed (docs/decisions/0018-sqlite-utils.md).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlite
from sqlite_utils import Database

from edge.domain.disk import Trouble, disk_trouble
from edge.domain.errors import EdgeError, Unavailable

__all__ = [
    "PAGE",
    "DatabaseError",
    "IntegrityError",
    "OperationalError",
    "any_text",
    "is_busy",
    "is_damage",
    "open_draft",
    "open_reader",
    "open_scratch",
    "open_writer",
    "raw_reader",
    "read_trouble",
    "sqlite",
    "start_trouble",
    "was_undone",
    "write_trouble",
]

PAGE = 4096
"""Bytes of a page, as SQLCipher writes it."""
DatabaseError = sqlite.DatabaseError
IntegrityError = sqlite.IntegrityError
OperationalError = sqlite.OperationalError

_BUSY, _FULL, _READONLY, _IOERR, _CANTOPEN, _IOERR_WRITE = 5, 13, 8, 10, 14, 778
_CORRUPT, _NOTADB = 11, 26
_NO_SHARED_FILE = (4618, 4874)
"""The file that readers share cannot be made, or not be made larger."""
"""Result codes (sqlite.org/rescode.html); the lowest byte of an extended one is its kind."""
_TROUBLES: dict[int, Trouble] = {
    _FULL: "full",
    _READONLY: "read-only",
    _IOERR: "failing",
    _CANTOPEN: "failing",
}

_COMMON = (
    "foreign_keys=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "mmap_size=0",
    "temp_store=MEMORY",
)


def write_trouble(error: BaseException) -> Trouble | None:
    """Say what trouble with the disk SQLite tells of; None: it is another error."""
    if not isinstance(error, sqlite.OperationalError):
        return None
    code = _code(error)
    return "full" if code in _NO_SHARED_FILE else _TROUBLES.get(code & 0xFF)


def start_trouble(error: BaseException) -> Trouble | None:
    """Say what trouble with the disk keeps a journal from being opened for writing; None: none."""
    if isinstance(error, Unavailable):
        if error.code == "disk.read-only":
            return "read-only"
        error = error.__cause__ or error
    return write_trouble(error)


def is_damage(error: BaseException) -> bool:
    """Say whether an error tells of damage to what is kept, and not of a disk that is away."""
    told = error if isinstance(error, EdgeError) else read_trouble(error)
    return told is not None and told.code == "journal.damaged"


def read_trouble(error: BaseException) -> EdgeError | None:
    """Say what SQLite tells of a disk or a file that cannot be read; None: it is another error.

    The trust lists' database is the standard library's, with the same codes.
    """
    if not isinstance(error, sqlite.DatabaseError | sqlite3.DatabaseError):
        return None
    kind = _code(error) & 0xFF
    if kind in (_CORRUPT, _NOTADB):
        return EdgeError(
            "journal.damaged",
            "What is kept on the disk of the site computer is damaged: this cannot be read.",
            hint="Keep a paper record and call the technician: divoc-edge journal verify says what"
            " is damaged.",
        )
    if kind in (_IOERR, _CANTOPEN):
        return Unavailable(
            "disk.unreadable",
            "The disk of the site computer is failing: this cannot be read.",
            hint="Keep a paper record and call the technician: the disk may have to be replaced.",
        )
    return disk_trouble(_TROUBLES[kind]) if kind in _TROUBLES else None


def is_busy(error: BaseException) -> bool:
    """Say whether another process holds the file."""
    return isinstance(error, sqlite.OperationalError) and _code(error) & 0xFF == _BUSY


def was_undone(error: BaseException) -> bool:
    """Say whether nothing of a commit that failed is on the disk: its writing was not taken.

    Where bringing to the disk failed (fsync), nobody knows.
    """
    code = _code(error) if isinstance(error, sqlite.OperationalError) else 0
    return code & 0xFF in (_FULL, _READONLY) or code == _IOERR_WRITE


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", 0) or 0)


def open_writer(path: Path, key: bytes) -> Database:
    """Open the one connection that may write and checkpoint; ``key`` is 32 raw bytes.

    WAL with ``synchronous=FULL``: a commit that returned is on the disk.
    """
    if path.exists() and not os.access(path, os.W_OK):
        raise disk_trouble("read-only")  # SQLite would open it, and only read
    connection = _connect(path, key, "rwc")
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=5000",
        "wal_autocheckpoint=1000",
        "journal_size_limit=16777216",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return _wrapped(connection)


def open_scratch(path: Path, key: bytes) -> Database:
    """Open a database that nobody needs after a crash; encrypted, as what is in it is personal."""
    connection = _connect(path, key, "rwc")
    for pragma in ("journal_mode=OFF", "synchronous=OFF"):
        connection.execute(f"PRAGMA {pragma}")
    return _wrapped(connection)


def open_draft() -> Database:
    """Open an empty database in memory, of this process alone."""
    return _wrapped(sqlite.connect(":memory:", isolation_level=None, check_same_thread=False))


def open_reader(path: Path, key: bytes) -> Database:
    """Open a connection that can only read, and never checkpoints.

    Beside a file in WAL mode readers share a small one, which a disk that takes nothing may not
    have: a file whose log is empty is then read as one that does not change.
    """
    try:
        connection = _connect(path, key, "ro")
    except Unavailable as error:
        log = path.with_name(f"{path.name}-wal")
        if not error.code.startswith("disk.") or (log.exists() and log.stat().st_size):
            raise
        connection = _connect(path, key, "ro&immutable=1")
    for pragma in ("query_only=ON", "busy_timeout=5000", "wal_autocheckpoint=0"):
        connection.execute(f"PRAGMA {pragma}")
    return _wrapped(connection)


@contextlib.contextmanager
def raw_reader(path: Path, key: bytes) -> Iterator[sqlite.Connection]:
    """Open a connection that can only read, and of which no page was read yet."""
    connection = _keyed(path, key, "ro")
    try:
        yield connection
    finally:
        connection.close()


def _connect(path: Path, key: bytes, mode: str) -> sqlite.Connection:
    try:
        connection = _keyed(path, key, mode)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except BaseException:
            connection.close()
            raise
    except sqlite.DatabaseError as error:
        raise _cannot_open(path, key, error) from error
    return connection


def _keyed(path: Path, key: bytes, mode: str) -> sqlite.Connection:
    connection = sqlite.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    connection.execute("PRAGMA cipher_log_level=NONE")  # what is wrong is said in our own words
    connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
    return connection


def _cannot_open(path: Path, key: bytes, error: sqlite.DatabaseError) -> EdgeError:
    """Say why a journal cannot be opened: with a key of another site no page of it verifies."""
    kind = _code(error) & 0xFF
    if kind not in (_CORRUPT, _NOTADB):
        return read_trouble(error) or Unavailable(
            "journal.cannot-open",
            "The journal cannot be opened now: {reason}.",
            hint="Is another program at work on its file?",
            reason=str(error),
        )
    with raw_reader(path, key) as connection:
        wrong = len(connection.execute("PRAGMA cipher_integrity_check").fetchall())
    if wrong * PAGE >= path.stat().st_size:
        return Unavailable(
            "journal.cannot-open",
            "The journal cannot be opened: the key does not fit.",
            hint="Put the key file of this site back, or restore a backup with its key.",
        )
    return EdgeError(
        "journal.damaged",
        "The journal cannot be opened: its file is damaged.",
        hint="Keep a copy of the folder, and restore a backup: divoc-edge journal verify says what"
        " is damaged.",
    )


def _wrapped(connection: sqlite.Connection) -> Database:
    for pragma in _COMMON:
        connection.execute(f"PRAGMA {pragma}")
    return Database(connection, recursive_triggers=False, execute_plugins=False)


@contextlib.contextmanager
def any_text(db: Database) -> Iterator[None]:
    """Read texts whose bytes are no UTF-8 as well: whoever plants one stops no comparison."""
    before = db.conn.text_factory
    db.conn.text_factory = lambda kept: kept.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        db.conn.text_factory = before
