"""Damage to the journal's file is found, wherever it is, and named without a traceback."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.adapters.clock import SystemClock
from edge.domain.disk import MB, DiskSpace
from edge.domain.errors import EdgeError, Unavailable
from edge.journal import database
from edge.journal.disk_room import DiskRoom
from edge.journal.entry import Entry
from edge.journal.journal import Journal
from edge.journal.kept_checks import JournalCheck, is_due, kept_check
from edge.journal.maintenance import check_latest
from edge.journal.pages import PageCheck, check_pages
from edge.services.journal_health import JournalHealth

OpenJournal = Callable[..., Journal]
Append = Callable[..., Entry]
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def closed(open_journal: OpenJournal, append: Append, tmp_path: Path) -> Path:
    journal = open_journal()
    for index in range(10):
        append(journal, f"id-{index}", body={"text": "x" * 3000})
    journal.close()
    return tmp_path / "journal.db"


def test_a_flipped_bit_is_found_on_whichever_page_it_is(closed: Path, key: bytes) -> None:
    whole = closed.read_bytes()
    count = len(whole) // database.PAGE
    assert check_pages(closed, key) == PageCheck(count)
    for page in range(1, count + 1, 17):
        spoiled = bytearray(whole)
        spoiled[(page - 1) * database.PAGE + 700] ^= 1
        closed.write_bytes(spoiled)
        found = check_pages(closed, key)
        assert found.damaged == (page,)
        assert f": {page} (1 of {count})." in found.told()
        assert not found.good


def test_a_file_that_was_cut_short_is_damaged(closed: Path, key: bytes) -> None:
    closed.write_bytes(closed.read_bytes()[: 20 * database.PAGE + 17])
    assert not check_pages(closed, key).good


def test_a_key_of_another_site_is_told_from_damage(closed: Path, key: bytes) -> None:
    assert check_pages(closed, bytes(32)).unreadable
    with pytest.raises(Unavailable, match="the key does not fit"):
        database.open_reader(closed, bytes(32))
    spoiled = bytearray(closed.read_bytes())
    spoiled[50] ^= 1  # the first page, without which nothing is found
    closed.write_bytes(spoiled)
    with pytest.raises(EdgeError, match="damaged") as refused:
        database.open_reader(closed, key)
    assert refused.value.code == "journal.damaged"
    assert check_pages(closed, key).damaged == (1,)


def test_the_last_links_are_looked_at_and_what_is_before_them_is_not(
    open_journal: OpenJournal, append: Append
) -> None:
    journal = open_journal()
    for index in range(9):
        append(journal, f"id-{index}")
    change = "UPDATE entry SET content = replace(content, 'staff-1', 'staff-2') WHERE position = ?"
    writer = journal._writer._db
    writer.execute("DROP TRIGGER entry_is_never_changed")
    for position, found in ((2, None), (8, 8)):
        writer.execute(change, [position])
        with journal.reading() as db:
            broken = check_latest(db, 4).broken
        assert (broken and broken.position) == found


@pytest.mark.parametrize(
    ("hours", "hour", "due"),
    [(1, 2, False), (21, 12, False), (21, 2, True), (27, 12, True), (-5, 12, True)],
)
def test_every_page_is_read_once_a_day_by_night_or_by_day_where_nights_are_off(
    hours: int, hour: int, due: bool
) -> None:
    last = JournalCheck((NOW - timedelta(hours=hours)).isoformat(), "", 5)
    assert is_due(last, NOW, hour) is due
    assert is_due(JournalCheck(), NOW, hour)


def test_what_was_found_is_kept_and_known_also_where_nothing_can_be_written(
    open_journal: OpenJournal, append: Append
) -> None:
    free = [200 * MB]
    journal = open_journal(room=DiskRoom(lambda: DiskSpace(free[0], read_only=not free[0])))
    append(journal, "id-1")
    found = [PageCheck(40)]
    clock = SystemClock("UTC", None)
    health = JournalHealth(journal, lambda: found[0], clock)
    health.run()
    assert JournalHealth(journal, lambda: found[0], clock).state() == health.state()
    assert (health.state().pages, health.state().trouble) == (40, "")
    found[0] = PageCheck(40, (7,))
    health.run()
    assert health.state().trouble == ""  # a day has not passed
    free[0] = 0
    other = JournalHealth(journal, lambda: found[0], clock)
    other._keep(found[0], clock.now())
    assert other.state().trouble == "Damaged pages of the file: 7 (1 of 40)."
    assert kept_check("nothing of ours") == JournalCheck()
