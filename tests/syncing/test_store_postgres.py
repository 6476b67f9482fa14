"""What only a database on a network can do to the registry: go away, hang up, and be shared."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from cluster import Cluster
from linked_batches import NOW, Epoch
from memory_journal import REGISTRY_KEY, enrolment
from psycopg import errors

from sync.protocol.errors import DatabaseError, SyncError
from sync.registry.registry import Registry
from sync.registry.store.postgres import PostgresStore, database
from sync.registry.store.postgres.database import PostgresDatabase
from sync.registry.store.records import Cursor, StoredEntry
from sync.registry.web.app import create_app

E1 = "00000000000000e1"
ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'divoc-registry'"


@pytest.fixture
def name(postgres: Cluster) -> str:
    return postgres.fresh("migrated")


@pytest.fixture
def store(postgres: Cluster, name: str) -> Iterator[PostgresStore]:
    opened = PostgresStore(postgres.uri(name))
    opened.enrol("n1", "key", "DEMO01", "Riverside", NOW)
    yield opened
    opened.close()


def test_every_unique_key_begins_with_the_column_its_table_is_spread_by(
    postgres: Cluster, name: str, store: PostgresStore
) -> None:
    keys = postgres.sql(
        "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND indexdef LIKE 'CREATE UNIQUE%'",
        name,
    )
    first: dict[str, set[str]] = {}
    for table, definition in keys:
        column = re.search(r"\((\w+)", str(definition))
        assert column
        first.setdefault(re.sub(r"_\d\d$", "", str(table)), set()).add(column[1])
    assert first.pop("migration") == {"number"}
    assert first == {
        **{table: {"node"} for table in ("node", "head", "entry", "advance", "alarm", "verdict")},
        **{"feed": {"feed"}, "letter": {"feed"}, "mention": {"key"}, "code": {"digest"}},
        **{"operator": {"name"}, "audit": {"who"}, "sign_in": {"digest"}, "csr": {"node"}},
        **{"ruling": {"node"}, "carried_question": {"node"}, "present": {"person"}},
        **{"proof_try": {"who"}, "second_factor": {"name"}, "recovery_code": {"name"}},
        **{"operator_passkey": {"id"}},
        **{
            "draft": {"id"},
            "draft_file": {"draft"},
            "draft_revision": {"draft"},
            "signing": {"id"},
        },
        **{"enrolment_list": {"name"}, "enrolment_piece": {"list"}},
    }


def test_nothing_is_used_that_a_distributed_database_cannot_keep(
    postgres: Cluster, name: str, store: PostgresStore
) -> None:
    assert postgres.sql("SELECT relname FROM pg_class WHERE relkind = 'S'", name) == []
    assert postgres.sql("SELECT tgname FROM pg_trigger", name) == []
    assert postgres.sql("SELECT conname FROM pg_constraint WHERE contype = 'f'", name) == []


def test_entries_are_spread_by_their_node_over_sixteen_parts(
    postgres: Cluster, name: str, store: PostgresStore
) -> None:
    for number in range(60):
        store.enrol(f"node{number}", "key", "DEMO01", "Riverside", NOW)
        store.accept(Epoch(f"node{number}", E1).grow(2).links, NOW)
    parts = postgres.sql("SELECT tableoid::regclass::text, count(*) FROM entry GROUP BY 1", name)
    assert 10 < len(parts) <= 16
    spread = postgres.sql(
        "SELECT count(*) FROM (SELECT node FROM entry GROUP BY node"
        " HAVING count(DISTINCT tableoid) > 1) AS torn",
        name,
    )
    assert spread == [(0,)]


def test_a_commit_waits_for_the_disk_even_where_the_server_does_not(
    postgres: Cluster, name: str
) -> None:
    for server, ours in (("off", "on"), ("remote_write", "on"), ("remote_apply", "remote_apply")):
        postgres.sql(f"ALTER DATABASE {name} SET synchronous_commit = {server}")
        store = PostgresStore(postgres.uri(name))
        shown = store._database.read(lambda session: session.rows("SHOW synchronous_commit"))
        store.close()
        assert shown == [(ours,)]


def test_what_was_staged_is_gone_after_its_batch(store: PostgresStore) -> None:
    store.accept(Epoch("n1", E1).grow(5).links, NOW)
    staged = store._database.read(lambda session: session.rows("SELECT * FROM pg_temp.arriving"))
    assert staged == []


def test_a_worker_needs_no_right_to_change_tables(
    postgres: Cluster, name: str, store: PostgresStore
) -> None:
    postgres.sql("CREATE ROLE worker LOGIN")
    postgres.sql(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO worker", name
    )
    worker = PostgresStore(postgres.uri(name).replace("postgres@", "worker@"))
    with pytest.raises(errors.InsufficientPrivilege):
        worker._database.write(lambda session: session.run("DROP TABLE entry"))
    assert worker.accept(Epoch("n1", E1).grow(5).links, NOW).new == 5
    worker.close()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_backend_that_dies_within_a_batch_stores_nothing_of_it(
    postgres: Cluster, name: str, store: PostgresStore, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    chain = Epoch("n1", E1).grow(20)
    store.accept(chain.batch(1, 10), NOW)
    whole = database._PostgresSession.load

    def killed(session: Any, rows: Any) -> int:
        if moment == "before":
            postgres.sql(ALL, name)
        new = whole(session, rows)
        postgres.sql(ALL, name)
        return new

    with monkeypatch.context() as patch:
        patch.setattr(database._PostgresSession, "load", killed)
        with pytest.raises(DatabaseError) as lost:
            store.accept(chain.batch(8, 20), NOW)
    assert (lost.value.code, lost.value.temporary) == ("registry.database", True)
    assert store.heads("n1") == [chain.head(10)]
    assert [one.number for one in store.entries("n1", E1, 0, 99)] == list(range(1, 11))
    assert store.accept(chain.batch(8, 20), NOW).new == 10


def test_backends_that_die_all_the_time_lose_nothing_that_was_acknowledged(
    postgres: Cluster, name: str, store: PostgresStore
) -> None:
    chains = [Epoch(f"c{number}", E1).grow(300) for number in range(4)]
    for chain in chains:
        store.enrol(chain.node, "key", "DEMO01", "Riverside", NOW)
    ended = threading.Event()
    lost: list[int] = []

    def deliver(chain: Epoch) -> None:
        done = 0
        for _ in range(2000):
            try:
                head = store.accept(chain.batch(done + 1, done + 10), NOW).head
                assert head is not None
                assert head.number == done + 10
                done = head.number
            except DatabaseError:
                lost.append(done)
                held = store_heads(store, chain.node)
                assert held >= done
                done = held
            if done == 300:
                return

    def kill() -> None:
        while not ended.is_set() and len(lost) < 20:
            postgres.sql(ALL + " AND backend_xid IS NOT NULL", name)
            time.sleep(0.01)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(deliver, chains))
    finally:
        ended.set()
        killer.join()
    assert lost
    for chain in chains:
        assert store.heads(chain.node) == [chain.head()]
        assert store.count(chain.node) == 300
        found = store.entries(chain.node, E1, 0, 999)
        assert [one.hash for one in found] == [hash_ for _, _, hash_ in chain.links]


def store_heads(store: PostgresStore, node: str) -> int:
    for _ in range(100):
        try:
            return sum(head.number for head in store.heads(node))
        except DatabaseError:
            time.sleep(0.05)  # for a second after one found nothing, all are refused at once
    raise AssertionError("the heads could not be read")


def test_a_database_that_restarts_is_used_again(
    postgres: Cluster, name: str, store: PostgresStore
) -> None:
    chain = Epoch("n1", E1).grow(20)
    store.accept(chain.batch(1, 10), NOW)
    postgres.control("-m", "fast", "restart")
    assert store.accept(chain.batch(11, 20), NOW).count == 20


def test_a_registry_without_its_database_says_try_again_later(
    postgres: Cluster, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_PATIENCE", 0.5)
    store = PostgresStore(postgres.uri(name))
    client = create_app(Registry(store, REGISTRY_KEY, frozenset({"code"}))).test_client()
    postgres.sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    postgres.sql(ALL, "postgres")
    answer = client.post("/v1/enrol", json=enrolment())
    assert answer.status_code == 503
    assert answer.get_json()["code"] == "registry.database"
    assert answer.get_json()["temporary"] is True
    postgres.sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    for _ in range(200):
        answer = client.post("/v1/enrol", json=enrolment())
        if answer.status_code == 200:
            break
        time.sleep(0.1)
    assert answer.status_code == 200
    store.close()


def test_a_lock_that_is_never_let_go_is_a_temporary_error(
    postgres: Cluster, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_PATIENCE", 1.0)
    store = PostgresStore(postgres.uri(name))
    store.enrol("n1", "key", "DEMO01", "Riverside", NOW)
    with psycopg.connect(postgres.uri(name)) as other:
        other.execute("SELECT node FROM node FOR UPDATE")
        with pytest.raises(DatabaseError, match="LockNotAvailable"):
            store.accept(Epoch("n1", E1).grow(2).links, NOW)
    assert store.accept(Epoch("n1", E1).grow(2).links, NOW).new == 2
    store.close()


@pytest.mark.parametrize(
    "conflict", [errors.SerializationFailure, errors.DeadlockDetected, errors.UniqueViolation]
)
def test_work_that_meets_another_is_done_again_and_not_for_ever(
    postgres: Cluster, name: str, conflict: type[psycopg.Error]
) -> None:
    pauses: list[float] = []
    opened = PostgresDatabase(postgres.uri(name), 1, pauses.append)
    seen = []

    def work(session: Any) -> int:
        seen.append(session.run("INSERT INTO feed (feed, last) VALUES ('f', 0)"))
        if len(seen) < times:
            raise conflict
        return len(seen)

    times = 3
    assert opened.write(work) == 3
    assert len(pauses) == 2
    assert postgres.sql("SELECT feed FROM feed", name) == [("f",)]
    postgres.sql("DELETE FROM feed", name)
    times = 10**6
    with pytest.raises(DatabaseError):
        opened.write(work)
    assert len(seen) < 20
    assert pauses == sorted(pauses[:2]) + sorted(pauses[2:])
    assert postgres.sql("SELECT feed FROM feed", name) == []
    opened.close()


def test_a_text_that_the_database_cannot_keep_is_refused_without_showing_it(
    store: PostgresStore,
) -> None:
    with pytest.raises(SyncError) as refused:
        store.note("n1", 1, "half\0a secret", NOW)
    assert refused.value.code == "registry.value"
    assert not refused.value.temporary
    assert "secret" not in str(refused.value)


def test_what_comes_in_is_stamped_by_the_servers_clock_and_not_by_a_workers(
    postgres: Cluster, name: str, store: PostgresStore
) -> None:
    store.enrol("n1", "key", "DEMO01", "Riverside", NOW)
    store.accept(Epoch("n1", E1).grow(2).links, "2020-01-01T00:00:00.000Z")
    ((least, most),) = postgres.sql(
        "SELECT min(received_at::timestamptz), max(now() - received_at::timestamptz) FROM entry",
        name,
    )
    assert isinstance(most, timedelta)
    assert timedelta(0) < most < timedelta(minutes=1)
    (one, _) = store.entries("n1", E1, 0, 9)
    assert datetime.fromisoformat(one.received_at) == least
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one.received_at)


def test_a_reader_waits_for_a_commit_that_waits_whatever_the_workers_clocks_say(
    postgres: Cluster, name: str, store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = database._SETTLED.replace("1 minute", "0 minutes")
    monkeypatch.setattr(database, "_SETTLED", at_once)
    far = "2999-01-01T00:00:00.000Z"  # the reader's worker is ahead of its time
    for node in ("n1", "n2", "n3"):
        store.enrol(node, "key", "DEMO01", "Riverside", NOW)
    store.accept(Epoch("n1", E1).grow(1).links, NOW)
    time.sleep(0.01)

    def read(after: Cursor) -> list[StoredEntry]:
        return store.received("DoseGiven", after, far, 100)

    (first,) = read(Cursor())
    cursor = Cursor(first.received_at, first.node, first.epoch, first.number)
    committing, commit = threading.Event(), threading.Event()
    late = PostgresStore(postgres.uri(name))
    load = database._PostgresSession.load

    def slow(session: database._PostgresSession, rows: Any) -> int:
        new = load(session, rows)
        if rows[0][0] == "n2":
            committing.set()
            commit.wait(30)
        return new

    monkeypatch.setattr(database._PostgresSession, "load", slow)
    thread = threading.Thread(target=late.accept, args=(Epoch("n2", E1).grow(1).links, NOW))
    thread.start()
    assert committing.wait(30)
    time.sleep(0.01)
    store.accept(Epoch("n3", E1).grow(1).links, NOW)
    time.sleep(0.01)
    assert read(cursor) == []  # n3's is committed, and n2's stands in front of it
    commit.set()
    thread.join(30)
    late.close()
    time.sleep(0.01)
    assert [one.node for one in read(cursor)] == ["n2", "n3"]
