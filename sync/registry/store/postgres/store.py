"""The whole store in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence

from sync.migrations import Migration, recorded
from sync.protocol.errors import SyncError
from sync.registry.store.postgres.database import PostgresDatabase
from sync.registry.store.postgres.schema import MIGRATIONS
from sync.registry.store.sql.database import Session
from sync.registry.store.sql.migrations import migrate, wanting
from sync.registry.store.sql.store import SqlStore


class PostgresStore(SqlStore):
    """Keeps everything in one PostgreSQL database, which must be up to date.

    ``connections`` is how many it opens at the most; one more for each reader of a stream at a
    time. The tables are looked for in the schemas of the connection's ``search_path``.
    """

    def __init__(self, uri: str, connections: int = 8, *, stamped: bool = True) -> None:
        database = PostgresDatabase(uri, connections, stamped=stamped)
        super().__init__(database)
        try:
            self.check()
        except BaseException:
            database.close()
            raise

    def check(self) -> None:
        """Raise a ``SyncError`` if it cannot be used now, or not by this version."""
        if wanting(self._database.read(_recorded), MIGRATIONS):
            raise SyncError(
                "registry.old-database",
                "The registry's database is not up to date. Run: divoc-registry migrate",
            )

    def close(self) -> None:
        """Let go of the connections."""
        self._database.close()


def migrate_postgres(
    uri: str, now: str, migrations: Sequence[Migration] = MIGRATIONS
) -> tuple[str, ...]:
    """Bring a database up to date; name the steps that were applied."""
    database = PostgresDatabase(uri, 1)
    try:
        return migrate(database, migrations, now)
    finally:
        database.close()


def _recorded(session: Session) -> dict[int, str]:
    if session.rows("SELECT to_regclass('migration')::text")[0][0] is None:
        return {}
    return recorded(session)
