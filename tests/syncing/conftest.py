"""The registry's stores: each test runs against SQLite and against a real PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster import Cluster, cluster, programs
from requirements import missing

from sync.registry.store.interface import Store
from sync.registry.store.stores import migrate_store, open_store


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A server without fsync: these tests kill processes, never the power."""
    found = programs()
    if found is None:
        missing("PostgreSQL")
    else:
        with cluster(found, "fsync=off", "shared_buffers=64MB") as server:
            server.sql("CREATE DATABASE migrated")
            migrate_store(server.uri("migrated"), "2026-11-24T12:00:00Z")
            yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database that is up to date."""
    if request.param == "sqlite":
        uri = (tmp_path / "registry.db").as_uri().replace("file:", "sqlite:")
        migrate_store(uri, "2026-11-24T12:00:00Z")
        return uri
    server: Cluster = request.getfixturevalue("postgres")
    return server.uri(server.fresh("migrated"))


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    if address.startswith("postgresql:"):
        from sync.registry.store.postgres import PostgresStore

        opened: Store = PostgresStore(address, stamped=False)  # the time of these tests is invented
    else:
        opened = open_store(address)
    yield opened
    opened.close()
