"""The nation's store: PostgreSQL, for any number of workers at once."""

from sync.registry.store.postgres.store import PostgresStore, migrate_postgres

__all__ = ["PostgresStore", "migrate_postgres"]
