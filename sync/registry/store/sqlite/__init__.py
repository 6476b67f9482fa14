"""The embedded store: one SQLite file, for trying out and for small countries' districts."""

from sync.registry.store.sqlite.store import SqliteStore, migrate_sqlite

__all__ = ["SqliteStore", "migrate_sqlite"]
