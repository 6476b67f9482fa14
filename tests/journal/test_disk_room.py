"""A disk that fills or fails: what is still recorded, what is said, and when the process ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import pytest
from sqlite_utils import Database

from edge.adapters.failed_commits import FailedCommits, pause_after
from edge.domain.disk import MB, DiskLevel, DiskLimits, DiskSpace, Purpose, disk_state, refusal
from edge.domain.errors import EdgeError, Unavailable
from edge.journal import database
from edge.journal.database import read_trouble
from edge.journal.disk_room import DiskRoom
from edge.journal.entry import Entry
from edge.journal.journal import Journal
from edge.journal.maintenance import check_chain
from edge.journal.unit import Stamp

OpenJournal = Callable[..., Journal]
Append = Callable[..., Entry]
LIMITS = DiskLimits(essentials=100, reading=10)


@pytest.mark.parametrize(
    ("free", "essential", "upkeep", "other"),
    [
        (100, "", "", ""),
        (99, "", "", "disk.essentials-only"),
        (10, "", "", "disk.essentials-only"),
        (9, "disk.reading-only", "", "disk.reading-only"),
        (0, "disk.reading-only", "", "disk.reading-only"),
    ],
)
def test_the_fuller_the_disk_the_less_is_recorded(
    free: int, essential: str, upkeep: str, other: str
) -> None:
    told = {
        purpose: refusal(DiskSpace(free), LIMITS, purpose)
        for purpose in (Purpose.ESSENTIAL, Purpose.UPKEEP, Purpose.OTHER)
    }
    codes = [refused.code if refused else "" for refused in told.values()]
    assert codes == [essential, upkeep, other]
    assert all(refused.temporary and refused.hint for refused in told.values() if refused)


def test_on_a_disk_that_can_only_be_read_nothing_is_recorded() -> None:
    space = DiskSpace(10**9, read_only=True)
    for purpose in Purpose:
        refused = refusal(space, LIMITS, purpose)
        assert refused is not None
        assert refused.code == "disk.read-only"
    assert disk_state(space, LIMITS).level is DiskLevel.READING


def test_nothing_is_asked_of_the_writer_once_the_disk_has_no_room_for_it(
    open_journal: OpenJournal, append: Append
) -> None:
    free = [200 * MB]
    room = DiskRoom(lambda: DiskSpace(free[0]))
    journal = open_journal(room=room)
    append(journal, "id-1")
    free[0] = 31 * MB
    with pytest.raises(Unavailable) as refused:
        append(journal, "id-2")
    assert refused.value.code == "disk.reading-only"
    assert journal.run(lambda unit: unit.tip.position, Purpose.UPKEEP) == 1
    free[0] = 200 * MB
    assert append(journal, "id-3").number == 2


KEY, NOON = bytes(range(32)), datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def _never(error: BaseException) -> NoReturn:
    raise AssertionError from error


class FailingCommits:
    """A connection of which commits fail with a result code of SQLite until it is well again."""

    def __init__(self, db: Database, code: int) -> None:
        self.conn = db.conn
        self.code = code
        self._db = db

    def execute(self, sql: str, *values: Any) -> Any:
        if sql == "COMMIT" and self.code:
            error = database.OperationalError("as SQLite would")
            error.sqlite_errorcode = self.code
            raise error
        return self._db.execute(sql, *values)


@pytest.mark.parametrize(
    ("code", "told"), [(13, "disk.full"), (778, "disk.failing"), (8, "disk.read-only")]
)
def test_a_commit_whose_writing_is_not_taken_is_undone_and_the_process_goes_on(
    open_journal: OpenJournal, append: Append, code: int, told: str
) -> None:
    room = DiskRoom()
    journal = open_journal(room=room)
    append(journal, "id-1")
    failing = FailingCommits(journal._writer._db, code)
    journal._writer._db = failing  # type: ignore[assignment]
    for _ in range(2):
        with pytest.raises(Unavailable) as refused:
            append(journal, "id-2")
        assert refused.value.code == told
        assert refused.value.hint
        assert "Nothing was saved" in str(refused.value)
    assert room.state().level is DiskLevel.READING
    with journal.reading() as db:
        assert check_chain(db).entries == 1
    failing.code = 0
    assert append(journal, "id-2").number == 2
    assert room.state().told is None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("code", [1034, 1290, 10, 0])
def test_a_commit_of_which_nobody_knows_whether_it_is_on_the_disk_ends_the_process(
    open_journal: OpenJournal, code: int
) -> None:
    ended = threading.Event()

    def die(error: BaseException) -> None:
        ended.set()
        raise SystemExit

    journal = open_journal()
    journal._writer._die = die  # type: ignore[assignment]
    journal._writer._db = FailingCommits(journal._writer._db, code or -1)  # type: ignore[assignment]
    asker = threading.Thread(target=lambda: journal.run(lambda unit: None), daemon=True)
    asker.start()
    assert ended.wait(10)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (11, "journal.damaged"),
        (26, "journal.damaged"),
        (266, "disk.unreadable"),
        (14, "disk.unreadable"),
        (13, "disk.full"),
        (8, "disk.read-only"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(code: int, told: str) -> None:
    error = database.DatabaseError("as SQLite would")
    error.sqlite_errorcode = code
    found = read_trouble(error)
    assert isinstance(found, EdgeError)
    assert found.code == told
    assert found.hint


def test_an_error_that_is_of_no_disk_stays_what_it_is() -> None:
    assert read_trouble(database.IntegrityError("UNIQUE")) is None
    assert read_trouble(ValueError()) is None


def test_the_more_commits_failed_lately_the_longer_a_start_only_reads() -> None:
    assert pause_after([], 100) == 0
    assert pause_after([100], 100) == 0  # the first time the start finds out what the disk holds
    assert [pause_after([100.0] * count, 103) for count in (2, 3, 4)] == [7, 17, 37]
    assert pause_after([100.0] * 30, 100) == 600
    assert pause_after([100.0] * 30, 5000) == 0
    assert pause_after([5000.0, 5001.0], 10) == 0  # of before the machine was switched off


def test_after_commits_that_failed_again_and_again_the_journal_is_read_and_then_written(
    open_journal: OpenJournal, append: Append, tmp_path: Path
) -> None:
    append(open_journal(), "id-1")
    now = [1000.0]
    failed = FailedCommits(tmp_path, lambda: now[0])
    failed.note()
    assert not FailedCommits(tmp_path, lambda: now[0]).is_pausing()
    failed.note()
    again = FailedCommits(tmp_path, lambda: now[0])
    journal = open_journal("00000000000000e2", pausing=again.is_pausing)
    with pytest.raises(Unavailable) as refused:
        append(journal, "id-2")
    assert refused.value.code == "disk.failing"
    with journal.reading() as db:
        assert check_chain(db).entries == 1
    journal.try_again()
    assert not journal.writes
    now[0] += 11
    journal.try_again()
    assert append(journal, "id-2").number == 1
    assert not FailedCommits(None).is_pausing()


def test_what_a_killed_process_left_in_the_log_is_in_the_file_once_it_is_opened(
    open_journal: OpenJournal, append: Append, tmp_path: Path
) -> None:
    journal = open_journal()
    append(journal, "id-1")
    killed = tmp_path / "killed"
    killed.mkdir()
    for end in ("", "-wal"):
        (killed / f"journal.db{end}").write_bytes((tmp_path / f"journal.db{end}").read_bytes())
    assert (killed / "journal.db-wal").stat().st_size
    again = Journal(
        killed / "journal.db",
        KEY,
        node="node-a",
        epoch="00000000000000e2",
        stamp=lambda: Stamp(NOON, believed=True),
        die=_never,
    )
    assert (killed / "journal.db-wal").stat().st_size == 0
    with again.reading() as db:
        assert check_chain(db).entries == 1
    again.close()
