"""Opens a SQLite file: the only place of the registry that knows which SQLite this is.

It is the one that ``sqlcipher3`` brings, as a site has it: each page is encrypted, with a HMAC.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlite

from sync.protocol.errors import DatabaseError, SyncError

NOT_A_DATABASE, BUSY = sqlite.SQLITE_NOTADB, sqlite.SQLITE_BUSY
_PRAGMAS = (
    "busy_timeout=5000",
    "synchronous=FULL",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "mmap_size=0",
    "temp_store=MEMORY",
)

Connection = Any
"""A connection as the standard library's; ``sqlcipher3`` has no types."""


def connect(path: Path, key: bytes | None, mode: str = "rwc") -> Connection:
    """Open a file under its key of 32 bytes, or a plain one without.

    ``mode``: ``rwc``, ``rw`` (which makes no file) or ``ro``. Raises :class:`SyncError`
    ``registry.cannot-open`` if the key does not fit.
    """
    connection = sqlite.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    try:
        if key is not None:
            connection.execute(f"PRAGMA key = {as_text(key)}")
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite.DatabaseError as error:
        connection.close()
        if code(error) != NOT_A_DATABASE:
            raise
        raise SyncError(
            "registry.cannot-open",
            "The registry's database cannot be opened: the key does not fit, or the file is"
            " damaged. Put the key back, or restore a backup.",
        ) from None
    return connection


def as_text(key: bytes) -> str:
    """Write a key as SQL has it: the bytes themselves, from which nothing is derived."""
    return f"\"x'{key.hex()}'\""


def code(error: Exception) -> int:
    """Give the primary code of an error of SQLite."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


@contextmanager
def in_words() -> Iterator[None]:
    """Say that the database cannot be used now, and never quote a statement."""
    try:
        yield
    except sqlite.OperationalError as error:
        raise DatabaseError(
            "registry.database",
            "The registry's database cannot be used now ({reason}). Try again later.",
            reason=error.sqlite_errorname,
        ) from error
