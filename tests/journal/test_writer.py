"""The one writer: groups that share a commit, units that fail alone, and a file that is locked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from edge.domain.errors import EdgeError, Unavailable
from edge.journal import database
from edge.journal.entries import entries
from edge.journal.entry import Entry
from edge.journal.journal import Journal
from edge.journal.maintenance import check_chain
from edge.journal.schema import MIGRATIONS, Migration, migrate
from edge.journal.unit import Unit
from sync import migrations
from sync.protocol.entries import LARGEST_ENTRY
from sync.protocol.errors import EntryError

OpenJournal = Callable[..., Journal]
Append = Callable[..., Entry]
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def test_a_unit_that_fails_undoes_only_itself(open_journal: OpenJournal, append: Append) -> None:
    journal = open_journal()
    append(journal, "id-1")

    def half(unit: Unit) -> None:
        unit.append("SomethingNew", {}, id_="id-2", by="x")
        raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        journal.run(half)
    append(journal, "id-3")
    with journal.reading() as db:
        assert [(e.number, e.id) for e in entries(db)] == [(1, "id-1"), (2, "id-3")]
        assert check_chain(db).broken is None


def test_what_the_registry_would_never_take_is_not_written_down(
    open_journal: OpenJournal, append: Append
) -> None:
    journal = open_journal()

    def long(unit: Unit) -> None:
        unit.append("SomethingNew", {"text": "a" * LARGEST_ENTRY}, id_="id-1", by="x")

    with pytest.raises(EntryError) as refused:
        journal.run(long)
    assert refused.value.code == "entry.too-large"
    assert append(journal, "id-2").number == 1


def test_waiting_units_share_one_commit_and_a_failing_one_leaves_the_others_standing(
    open_journal: OpenJournal, key: bytes
) -> None:
    statements: list[str] = []

    def connect(path: Path, secret: bytes) -> Database:
        db = database.open_writer(path, secret)
        db.conn.set_trace_callback(statements.append)
        return db

    journal = open_journal(connect=connect)
    gate, started = threading.Event(), threading.Event()

    def hold(unit: Unit) -> None:
        started.set()
        gate.wait(10)

    def work(index: int) -> Callable[[Unit], object]:
        def do(unit: Unit) -> object:
            if index == 3:
                raise ValueError("this one fails")
            return unit.append("SomethingNew", {}, id_=f"id-{index}", by="x")

        return do

    outcomes: dict[int, object] = {}

    def ask(index: int) -> None:
        try:
            outcomes[index] = journal.run(work(index))
        except ValueError as error:
            outcomes[index] = error

    holder = threading.Thread(target=journal.run, args=(hold,))
    holder.start()
    assert started.wait(10)
    askers = [threading.Thread(target=ask, args=(index,)) for index in range(8)]
    for thread in askers:
        thread.start()
    while journal._writer._waiting.qsize() < 8:
        threading.Event().wait(0.001)
    before = statements.count("COMMIT")
    gate.set()
    for thread in (holder, *askers):
        thread.join(10)
    assert statements.count("COMMIT") - before == 2  # the holder's, and one for all eight
    assert isinstance(outcomes.pop(3), ValueError)
    assert sorted(entry.number for entry in outcomes.values()) == [1, 2, 3, 4, 5, 6, 7]  # type: ignore[attr-defined]


def test_nobody_is_answered_before_the_commit(open_journal: OpenJournal, append: Append) -> None:
    seen: list[str] = []

    def connect(path: Path, secret: bytes) -> Database:
        db = database.open_writer(path, secret)
        db.conn.set_trace_callback(seen.append)
        return db

    journal = open_journal(connect=connect)
    append(journal, "id-1")
    assert seen[-1] == "COMMIT"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_failed_commit_ends_the_process(open_journal: OpenJournal) -> None:
    deaths: list[BaseException] = []
    ended = threading.Event()

    def die(error: BaseException) -> None:
        deaths.append(error)
        ended.set()
        raise SystemExit

    class FailingCommit:
        def __init__(self, db: Database) -> None:
            self._db = db
            self.conn = db.conn

        def execute(self, sql: str, parameters: object = None) -> object:
            if sql == "COMMIT":
                raise OSError("the card is gone")
            return self._db.execute(sql, parameters)  # type: ignore[arg-type]

    journal = open_journal()
    journal._writer._db = FailingCommit(journal._writer._db)  # type: ignore[assignment]
    journal._writer._die = die  # type: ignore[assignment]
    asker = threading.Thread(target=lambda: journal.run(lambda unit: None), daemon=True)
    asker.start()
    assert ended.wait(10)
    assert isinstance(deaths[0], OSError)
    asker.join(0.05)
    assert asker.is_alive()  # it got no answer, and none is due: the process ends


def test_a_full_disk_saves_nothing_says_so_and_leaves_the_journal_whole(
    open_journal: OpenJournal, append: Append, key: bytes
) -> None:
    def connect(path: Path, secret: bytes) -> Database:
        db = database.open_writer(path, secret)
        db.execute("PRAGMA max_page_count = 140")
        return db

    journal = open_journal(connect=connect)
    saved = 0
    try:
        for index in range(500):
            append(journal, f"id-{index}", body={"text": "x" * 3000})
            saved += 1
    except Unavailable as error:
        assert error.code == "disk.full"  # noqa: PT017  (the loop's count is the point)
    assert 3 < saved < 500
    with journal.reading() as db:
        assert check_chain(db).entries == saved
        assert check_chain(db).broken is None


def test_the_file_alone_holds_everything_once_the_journal_is_closed(
    open_journal: OpenJournal, append: Append, tmp_path: Path, key: bytes
) -> None:
    journal = open_journal()
    for index in range(16):
        append(journal, f"id-{index}")
    lent, closed = threading.Event(), threading.Event()

    def read() -> None:
        with journal.reading():
            lent.set()
            closed.wait(10)

    with journal.reading() as db:
        assert check_chain(db).entries == 16
    reader = threading.Thread(target=read)
    reader.start()
    assert lent.wait(10)
    closed.set()
    journal.close()
    reader.join(10)
    alone = tmp_path / "alone.db"
    alone.write_bytes((tmp_path / "journal.db").read_bytes())
    copy = database.open_reader(alone, key)
    assert check_chain(copy).entries == 16
    copy.close()


def test_the_file_is_unreadable_without_its_key(
    open_journal: OpenJournal, append: Append, tmp_path: Path
) -> None:
    journal = open_journal()
    append(journal, "id-1", body={"name": "Almaz Tesfaye"})
    journal.close()
    for file in tmp_path.iterdir():
        assert b"Almaz" not in file.read_bytes()
    with pytest.raises(Unavailable, match="the key does not fit"):
        database.open_reader(tmp_path / "journal.db", bytes(32))


def test_readers_cannot_write(open_journal: OpenJournal) -> None:
    journal = open_journal()
    with (
        journal.reading() as db,
        pytest.raises(database.DatabaseError, match="readonly"),
    ):
        db.execute("INSERT INTO setting (name, value) VALUES ('a', 'b')")


def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path, key: bytes) -> None:
    db = database.open_writer(tmp_path / "j.db", key)
    later = (
        *MIGRATIONS,
        Migration(MIGRATIONS[-1].number + 1, "later", "CREATE TABLE later (a TEXT);"),
    )
    migrate(db, NOW, later)
    with pytest.raises(EdgeError, match="written by a newer version") as raised:
        migrate(db, NOW)
    assert raised.value.code == "journal.newer"


def test_a_migration_that_was_edited_after_release_is_refused(tmp_path: Path, key: bytes) -> None:
    db = database.open_writer(tmp_path / "j.db", key)
    migrate(db, NOW)
    edited = (Migration(1, "first", MIGRATIONS[0].sql + "\n-- touched"), *MIGRATIONS[1:])
    with pytest.raises(EdgeError) as raised:
        migrate(db, NOW, edited)
    assert raised.value.code == "journal.other-history"


def test_a_migration_that_fails_half_way_leaves_no_trace(tmp_path: Path, key: bytes) -> None:
    db = database.open_writer(tmp_path / "j.db", key)
    broken = (Migration(1, "broken", "CREATE TABLE a (b TEXT);\nCREATE TABLE a (b TEXT);"),)
    with pytest.raises(database.DatabaseError):
        migrate(db, NOW, broken)
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master")}
    assert tables == {"migration"}
    assert db.execute("SELECT count(*) FROM migration").fetchone() == (0,)
    assert migrate(db, NOW) == tuple(one.name for one in MIGRATIONS)


def test_of_two_that_open_a_new_journal_at_once_the_second_finds_the_steps_applied(
    tmp_path: Path, key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (database.open_writer(tmp_path / "j.db", key) for _ in range(2))
    recorded = migrations.recorded

    def overtaken(session: migrations.Session) -> dict[int, str]:
        found = recorded(session)
        monkeypatch.undo()
        assert len(migrate(other, NOW)) == len(MIGRATIONS)
        return found

    monkeypatch.setattr(migrations, "recorded", overtaken)
    assert migrate(one, NOW) == ()
    assert one.execute("SELECT count(*) FROM migration").fetchone() == (len(MIGRATIONS),)


def test_a_step_of_another_history_leaves_the_steps_before_it_undone(
    tmp_path: Path, key: bytes
) -> None:
    db = database.open_writer(tmp_path / "j.db", key)
    second = Migration(2, "second", "CREATE TABLE b (c TEXT);")
    migrate(db, NOW, [second])
    edited = Migration(2, "second", "CREATE TABLE b (d TEXT);")
    with pytest.raises(EdgeError):
        migrate(db, NOW, [Migration(1, "first", "CREATE TABLE a (b TEXT);"), edited])
    assert db.execute("SELECT number FROM migration").fetchall() == [(2,)]
