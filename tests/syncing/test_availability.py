"""A registry whose database is away: nobody waits for it, and it goes on by itself."""

from __future__ import annotations

from typing import Any

import pytest
from cluster import Cluster
from memory_journal import REGISTRY_KEY, enrolment
from psycopg import errors, sql
from psycopg_pool import PoolTimeout

from sync.migrations import Migration
from sync.protocol.errors import DatabaseError, SyncError
from sync.registry.cli.opening import waited_for
from sync.registry.registry import Registry
from sync.registry.store.postgres import PostgresStore
from sync.registry.store.postgres import store as postgres_store
from sync.registry.store.postgres.availability import Availability
from sync.registry.store.postgres.database import _in_words
from sync.registry.store.postgres.schema import MIGRATIONS
from sync.registry.store.sqlite import SqliteStore
from sync.registry.web.app import create_app
from sync.registry.web.office import office

LATER = Migration(MIGRATIONS[-1].number + 1, "later", ())
AWAY = DatabaseError("registry.database", "The registry's database cannot be used now.")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_while_a_database_is_silent_one_asks_it_a_second_and_all_others_are_refused() -> None:
    clock = Clock()
    available = Availability(clock, every=1.0)
    assert [available.may_ask() for _ in range(3)] == [True] * 3
    available.silent()
    assert [available.may_ask() for _ in range(3)] == [False] * 3
    clock.now += 1.0
    assert [available.may_ask() for _ in range(3)] == [True, False, False]
    available.silent()
    clock.now += 0.9
    assert not available.may_ask()
    clock.now += 0.1
    assert available.may_ask()
    available.answered()
    assert [available.may_ask() for _ in range(3)] == [True] * 3


def test_it_is_known_when_a_database_last_answered() -> None:
    clock = Clock()
    available = Availability(clock)
    clock.now += 5
    assert not available.answered_within(4)
    available.answered()
    clock.now += 4
    assert available.answered_within(4)


def test_a_primary_that_was_made_a_standby_is_a_database_that_cannot_be_used_now() -> None:
    with pytest.raises(DatabaseError), _in_words():
        raise errors.ReadOnlySqlTransaction


@pytest.fixture
def name(postgres: Cluster) -> str:
    return postgres.fresh("migrated")


def switch(postgres: Cluster, name: str, *, on: bool) -> None:
    """Let nobody into a database, and put out who is in it; or let everybody in again."""
    postgres.sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {str(on).lower()}")
    if not on:
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}"
        postgres.sql(sql.SQL(query).format(name).as_string(None))


def test_requests_are_answered_without_waiting_while_the_database_is_away(
    postgres: Cluster, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PostgresStore(postgres.uri(name))
    database: Any = store._database
    clock = Clock()
    database._available = Availability(clock)
    registry = Registry(store, REGISTRY_KEY, frozenset({"code"}))
    client = create_app(registry, office(registry, "operator")).test_client()
    assert client.get("/health/ready").get_json() == {"ready": True}
    switch(postgres, name, on=False)
    asked: list[float] = []
    getconn = database._pool.getconn

    def counted(timeout: float) -> Any:
        asked.append(timeout)
        try:
            return getconn(timeout=timeout)
        except PoolTimeout:
            clock.now += timeout + 0.01
            raise

    monkeypatch.setattr(database._pool, "getconn", counted)
    clock.now += 100  # the last answer was long ago
    for _ in range(12):  # those that were in use a moment ago are found broken when they are used
        assert client.get("/health/ready").status_code == 503
    few = len(asked)  # what broke is found, and there is nothing else
    for _ in range(20):
        ready = client.get("/health/ready")
        assert (ready.status_code, ready.headers["Retry-After"]) == (503, "11")
        assert client.post("/v1/enrol", json=enrolment()).status_code == 503
    assert len(asked) == few
    assert client.get("/health/live").status_code == 200
    bearer = {"Authorization": "Bearer operator"}
    page = client.get("/", headers=bearer)
    assert (page.status_code, page.mimetype) == (503, "text/html")
    assert "database cannot be used now" in page.text
    assert client.get("/v1/nodes", headers=bearer).get_json()["code"] == "registry.database"
    switch(postgres, name, on=True)
    for _ in range(200):  # one try a second of the clock
        clock.now += 1
        if client.get("/health/ready").status_code == 200:
            break
    assert client.get("/health/ready").status_code == 200
    assert client.post("/v1/enrol", json=enrolment()).status_code == 200
    store.close()


def test_a_registry_that_the_server_does_not_let_in_is_told_so_and_does_not_wait(
    postgres: Cluster, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.registry.store.postgres.database._PATIENCE", 0.5)
    switch(postgres, name, on=False)
    with pytest.raises(SyncError) as refused:
        waited_for(lambda: PostgresStore(postgres.uri(name)))
    assert refused.value.code == "registry.database-refused"
    assert not refused.value.temporary


def test_a_database_that_another_version_has_changed_is_not_ready(
    postgres: Cluster, name: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = (PostgresStore(postgres.uri(name)), SqliteStore(tmp_path / "registry.db"))
    later = "INSERT INTO migration (number, name, digest, applied_at) VALUES (99, 'x', 'x', 'x')"
    for store in stores:
        app = create_app(Registry(store, REGISTRY_KEY, frozenset()))
        assert app.test_client().get("/health/ready").status_code == 200
        store._run(later)
        answer = app.test_client().get("/health/ready")
        assert (answer.status_code, answer.get_json()["code"]) == (503, "registry.newer")
        store._run("DELETE FROM migration WHERE number = 99")
    monkeypatch.setattr(postgres_store, "MIGRATIONS", (*MIGRATIONS, LATER))
    answer = (
        create_app(Registry(stores[0], REGISTRY_KEY, frozenset()))
        .test_client()
        .get("/health/ready")
    )
    assert (answer.status_code, answer.get_json()["code"]) == (503, "registry.old-database")
    for store in stores:
        store.close()


def test_a_registry_that_begins_before_its_database_waits_for_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    slept: list[float] = []
    there = object()

    def opened() -> Any:
        if len(slept) < 31:
            raise AWAY
        return there

    assert waited_for(opened, slept.append) is there
    assert capsys.readouterr().err.count("Waiting for it.") == 2
