"""The whole store in one SQLite file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sync.migrations import Migration, recorded
from sync.protocol.instants import instant
from sync.registry.store.sql.migrations import migrate, wanting
from sync.registry.store.sql.store import SqlStore
from sync.registry.store.sqlite.database import SqliteDatabase
from sync.registry.store.sqlite.schema import MIGRATIONS


class SqliteStore(SqlStore):
    """Keeps everything in one file, and brings it up to date when it is opened.

    ``key`` is 32 bytes (:func:`~sync.registry.store.sqlite.key.file_key`); without one the file is
    plain, for what nobody keeps.
    """

    def __init__(self, path: Path, key: bytes | None = None) -> None:
        database = SqliteDatabase(path, key=key)
        super().__init__(database)
        try:
            migrate(database, MIGRATIONS, instant(datetime.now(UTC)))
        except BaseException:
            database.close()
            raise

    def check(self) -> None:
        """Raise a ``SyncError`` if it cannot be used now, or not by this version."""
        wanting(self._database.read(recorded), MIGRATIONS)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()


def migrate_sqlite(
    path: Path,
    now: str,
    migrations: Sequence[Migration] = MIGRATIONS,
    key: bytes | None = None,
) -> tuple[str, ...]:
    """Bring a file up to date; name the steps that were applied."""
    database = SqliteDatabase(path, key=key)
    try:
        return migrate(database, migrations, now)
    finally:
        database.close()
