"""A registry's database is brought up to date in numbered steps, and never downwards."""

from __future__ import annotations

import logging
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import chain
from pathlib import Path

import pytest
from click.testing import CliRunner
from cluster import Cluster
from linked_batches import NOW, Epoch

from sync.commands.exits import Exit
from sync.migrations import Migration
from sync.protocol.errors import SyncError
from sync.registry.cli import main
from sync.registry.store.interface import Store
from sync.registry.store.postgres import migrate_postgres
from sync.registry.store.postgres import schema as postgres_schema
from sync.registry.store.records import Alarm, PendingStretch
from sync.registry.store.sqlite import SqliteStore, migrate_sqlite
from sync.registry.store.sqlite import schema as sqlite_schema
from sync.registry.store.sqlite.connections import connect
from sync.registry.store.sqlite.database import SqliteDatabase
from sync.registry.store.sqlite.key import file_key
from sync.registry.store.stores import embedded, migrate_store, open_store

E1, E2 = "00000000000000e1", "00000000000000e2"

NEXT = 1000
"""The number of a step behind all there are."""


def first_version(path: Path) -> tuple[Epoch, Epoch]:
    """A file as the first version wrote it: no record of steps, no heads, no ids."""
    one = Epoch("n1", E1).grow(5)
    two = Epoch("n1", E2, one.head()).grow(2, type_="CertificateRevoked")
    db = sqlite3.connect(path)
    db.executescript(
        "CREATE TABLE node (node TEXT PRIMARY KEY, key TEXT NOT NULL, facility TEXT NOT NULL,"
        " name TEXT NOT NULL, enrolled_at TEXT NOT NULL, heard_at TEXT NOT NULL) STRICT;"
        "CREATE TABLE entry (node TEXT NOT NULL, epoch TEXT NOT NULL, number INTEGER NOT NULL,"
        " type TEXT NOT NULL, hash TEXT NOT NULL, content TEXT NOT NULL,"
        " received_at TEXT NOT NULL, PRIMARY KEY (node, epoch, number)) STRICT;"
        "CREATE TABLE alarm (node TEXT NOT NULL, epoch TEXT NOT NULL, number INTEGER NOT NULL,"
        " kind TEXT NOT NULL, at TEXT NOT NULL) STRICT;"
    )
    db.execute("INSERT INTO node VALUES ('n1', 'key', 'DEMO01', 'Riverside', ?, ?)", (NOW, NOW))
    db.executemany(
        "INSERT INTO entry VALUES (?, ?, ?, json_extract(?, '$.type'), ?, ?, ?)",
        [
            (link.node, link.epoch, link.number, content.decode(), hash_, content.decode(), NOW)
            for link, content, hash_ in one.links + two.links
        ],
    )
    db.executemany("INSERT INTO alarm VALUES ('n1', ?, 3, 'fork', ?)", [(E1, NOW), (E1, "later")])
    db.commit()
    db.close()
    return one, two


def test_a_file_of_the_first_version_is_brought_up_to_date_and_goes_on(tmp_path: Path) -> None:
    one, two = first_version(tmp_path / "registry.db")
    store = SqliteStore(tmp_path / "registry.db")
    node = store.node("n1")
    assert node is not None
    assert (node.entries, node.alarms, node.state, node.heard_at) == (7, 1, "active", NOW)
    assert store.heads("n1") == [one.head(), two.head()]
    assert store.alarms() == [Alarm("n1", E1, 3, "fork", NOW)]
    assert {one.epoch: (one.after, one.through) for one in store.to_judge(9)} == {
        E1: (0, 5), E2: (0, 2),
    }  # fmt: skip
    assert store.settle(PendingStretch("n1", E1, 0, 5), [], [], [], NOW)
    located = store.locate("n1", f"{E1}-4")
    assert located is not None
    assert located.number == 4
    assert [e.number for e in store.of_type("CertificateRevoked")] == [1, 2]
    assert store.accept(two.grow(1).links, NOW).new == 1
    store.accept(Epoch("n1", "00000000000000e3", one.head()).grow(1).links, NOW)
    assert [alarm.kind for alarm in store.alarms()] == ["fork", "siblings"]
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return embedded(tmp_path)
    server: Cluster = request.getfixturevalue("postgres")
    return server.uri(server.fresh())


def steps(address: str, *more: Migration) -> tuple[str, ...]:
    """Migrate with some steps behind the known ones."""
    if address.startswith("sqlite"):
        path = Path(address.removeprefix("sqlite://"))
        return migrate_sqlite(path, NOW, (*sqlite_schema.MIGRATIONS, *more), file_key(path))
    return migrate_postgres(address, NOW, (*postgres_schema.MIGRATIONS, *more))


def test_each_step_is_applied_once(empty: str) -> None:
    first = migrate_store(empty, NOW)
    assert first[0] == "first"
    assert migrate_store(empty, NOW) == ()
    next_ = Migration(NEXT, "next", ("ALTER TABLE node ADD COLUMN extra integer",))
    assert steps(empty, next_) == ("next",)
    assert steps(empty, next_) == ()


def test_a_database_of_a_newer_version_is_refused_and_left_alone(empty: str) -> None:
    migrate_store(empty, NOW)
    number = NEXT
    steps(empty, Migration(number, "next", ("CREATE TABLE of_tomorrow (a integer)",)))
    for way in (open_store, lambda uri: migrate_store(uri, NOW)):
        with pytest.raises(SyncError, match=rf"newer version \(step {number}") as refused:
            way(empty)
        assert refused.value.code == "registry.newer"


def test_a_database_with_another_history_is_refused(empty: str) -> None:
    migrate_store(empty, NOW)
    number = NEXT
    steps(empty, Migration(number, "next", ("CREATE TABLE one (a integer)",)))
    with pytest.raises(SyncError) as refused:
        steps(empty, Migration(number, "next", ("CREATE TABLE other (a integer)",)))
    assert refused.value.code == "registry.other-history"


def test_a_step_that_fails_leaves_nothing_and_is_tried_again(empty: str) -> None:
    migrate_store(empty, NOW)
    number = NEXT
    broken = Migration(number, "next", ("CREATE TABLE half (a integer)", "CREATE TABLE half (b)"))
    with pytest.raises(Exception, match=r"half|DuplicateTable|registry|syntax"):
        steps(empty, broken)
    assert steps(empty, Migration(number, "next", ("CREATE TABLE half (a integer)",))) == ("next",)


def test_two_that_migrate_at_once_apply_each_step_once(empty: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(lambda _: migrate_store(empty, NOW), range(4)))
    known = sqlite_schema if empty.startswith("sqlite") else postgres_schema
    assert sorted(chain.from_iterable(applied)) == sorted(one.name for one in known.MIGRATIONS)
    open_store(empty).close()


def test_a_new_file_that_another_is_writing_is_waited_for(tmp_path: Path) -> None:
    path, waited = tmp_path / "registry.db", list[float]()
    with closing(connect(path, None)) as other:
        other.execute("BEGIN IMMEDIATE")  # SQLite does not wait for this one by itself

        def sleep(seconds: float) -> None:
            waited.append(seconds)
            other.execute("COMMIT")

        database = SqliteDatabase(path, sleep)
    assert len(waited) == 1
    assert database.read(lambda session: session.rows("PRAGMA journal_mode")) == [("wal",)]
    database.close()


def test_workers_refuse_a_postgresql_database_that_nobody_migrated(postgres: Cluster) -> None:
    uri = postgres.uri(postgres.fresh())
    with pytest.raises(SyncError, match="divoc-registry migrate") as refused:
        open_store(uri)
    assert refused.value.code == "registry.old-database"


def test_the_command_migrates_and_lists_either_database(postgres: Cluster, tmp_path: Path) -> None:
    uri = postgres.uri(postgres.fresh())
    for words, variables in (
        (["--data", str(tmp_path)], {}),
        (["--database", uri], {}),
        ([], {"DIVOC_REGISTRY_DATABASE": uri}),
    ):
        run = CliRunner().invoke(main, ["migrate", *words], env=variables)
        assert (run.exit_code, run.output[-32:]) == (0, "The database is up to date.\n"[-32:]) or (
            run.output.endswith("The database is up to date.\n")
        )
        store: Store = open_store(uri if "--data" not in words else embedded(tmp_path))
        store.enrol("n1", "key", "DEMO01", "Riverside", NOW)
        store.close()
        run = CliRunner().invoke(main, ["nodes", *words], env=variables)
        assert (run.exit_code, run.output[:6]) == (0, "DEMO01")


SECRET = "s%3Bcr%40t-of-the-nation"


@pytest.mark.parametrize(
    "uri",
    [
        f"postgresql://registry:{SECRET}@127.0.0.1:9/registry",
        f"postgresql://registry:{SECRET}%@127.0.0.1:9/registry",
        f"postgresql://registry:{SECRET}@127.0.0.1:port/registry",
        f"mysql://registry:{SECRET}@127.0.0.1/registry",
    ],
    ids=["nobody there", "cannot be decoded", "no port", "another database"],
)
@pytest.mark.parametrize("command", ["nodes", "migrate", "run"])
def test_a_password_is_in_no_message_and_no_log(
    command: str,
    uri: str,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sync.registry.store.postgres.database._PATIENCE", 1.0)
    monkeypatch.setattr("sync.registry.cli.serving.waited_for", lambda opened: opened())
    caplog.set_level(logging.DEBUG)
    words = [] if command == "migrate" else ["--data", str(tmp_path)]
    run = CliRunner().invoke(main, [command, *words], env={"DIVOC_REGISTRY_DATABASE": uri})
    assert run.exit_code in (Exit.FAILED, Exit.TRY_LATER)
    assert "Error: " in run.output
    shown = run.output + caplog.text + str(run.exception)
    assert SECRET not in shown
    assert "s;cr@t" not in shown
