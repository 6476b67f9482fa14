"""Who saw whom is a chain: provable, counted in the journal, trimmed by rule, and nobody waits."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from edge.adapters.journal_source import JournalSource
from edge.journal import access
from edge.journal.access import Access, check_access
from edge.journal.settings import keep_setting
from edge.journal.unit import Unit
from edge.node import Node
from edge.services import access_log
from edge.services.access_log import AccessLog
from sync.protocol.instants import instant
from sync.registry.judging.schemas import Schemas, schemas_folder


def put_down(node: Node, found: Sequence[Access]) -> None:
    node.journal.run(lambda unit: access.append(unit.db, found))


def leaving(node: Node) -> list[dict[str, Any]]:
    """Every entry as it is delivered."""
    source, found, position = JournalSource(node.journal), list[dict[str, Any]](), 0
    while some := source.after(position, 500):
        found += [json.loads(one.content) for one in some]
        position = some[-1].position
    return found


def noted(node: Node, days: int, a_day: int = 4) -> None:
    """Let people be seen on so many days up to yesterday."""
    now = node.clock.now()
    for day in range(days, 0, -1):
        at = instant(now - timedelta(days=day))
        found = [Access(at, "person", "V1", "address:x", (f"p{day}-{n}",)) for n in range(a_day)]
        put_down(node, found)


def check(node: Node) -> access.AccessCheck:
    with node.journal.reading() as db:
        return check_access(db)


def spoil(node: Node, statement: str) -> None:
    node.journal.run(lambda unit: unit.db.execute(statement))


def test_a_day_that_is_over_stands_in_the_journal_as_counts_and_no_people(node: Node) -> None:
    noted(node, 3)
    node.use_cases.access.note("list", "V1", "address:x", ["today"], "/records")
    node.use_cases.access.settle()
    entries = leaving(node)
    told = [one for one in entries if one["type"] == "AccessCounted"]
    assert [one["body"]["counts"] for one in told] == [{"person": 4}] * 3
    assert "p3-0" not in json.dumps(told)
    assert [Schemas(schemas_folder()).mistake(one) for one in told] == [None] * 3
    node.use_cases.access.settle()
    assert len(leaving(node)) == len(entries)
    assert check(node).reason == ""


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("DELETE FROM access WHERE number = 5", "record 6 does not follow"),
        ("DELETE FROM access WHERE number > 10", "missing at the end"),
        ("DELETE FROM access WHERE number < 3", "record 3 does not follow"),
        ("UPDATE access SET content = replace(content, 'V1', 'V2') WHERE number = 5", "record 5"),
        ("UPDATE access SET staff = 'V2' WHERE number = 5", "other columns than content"),
    ],
)
def test_what_somebody_changed_in_the_chain_is_found(
    node: Node, statement: str, reason: str
) -> None:
    noted(node, 3)
    node.use_cases.access.settle()
    assert check(node).reason == ""
    spoil(node, statement)
    assert reason in check(node).reason


def test_a_chain_that_was_made_again_without_a_record_is_not_the_one_the_journal_knows(
    node: Node,
) -> None:
    noted(node, 3)
    node.use_cases.access.settle()
    with node.journal.reading() as db:
        kept = [row.access for row in reversed(access.page(db, limit=100))]

    def again(unit: Unit) -> None:
        unit.db.execute("DELETE FROM access")
        unit.db.execute("DELETE FROM shown")
        access.append(unit.db, kept[:4] + kept[5:] + kept[4:5])

    node.journal.run(again)
    assert "is not the one the journal knows" in check(node).reason


def test_the_chain_is_trimmed_by_days_and_stays_provable(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted(node, 6)
    monkeypatch.setattr(access_log, "KEPT_DAYS", 3)
    node.use_cases.access.settle()
    found = check(node)
    assert (found.first, found.records, found.reason) == (13, 12, "")
    with node.journal.reading() as db:
        assert not db.execute("SELECT 1 FROM shown WHERE number < 13").fetchone()
    spoil(node, "DELETE FROM access WHERE number < 15")
    assert check(node).reason


def test_the_chain_is_trimmed_by_size_and_only_where_the_journal_knows_it(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted(node, 6)
    monkeypatch.setattr(access_log, "KEPT_RECORDS", 9)
    node.use_cases.access.settle()
    found = check(node)
    assert (found.first, found.records, found.reason) == (13, 12, "")
    for _ in range(40):
        node.use_cases.access.note("list", "V1")
    node.use_cases.access.settle()
    assert check(node).records == 40  # today is in no entry yet, and is kept whole
    assert check(node).reason == ""


def test_a_base_that_somebody_moved_is_found(node: Node) -> None:
    noted(node, 3)
    node.use_cases.access.settle()

    def move(unit: Unit) -> None:
        row = unit.db.execute("SELECT hash FROM access WHERE number = 4").fetchone()
        unit.db.execute("DELETE FROM access WHERE number <= 4")
        keep_setting(unit.db, "access-base", json.dumps([4, "0" * 64 if row else ""]))

    node.journal.run(move)
    assert "begin" in check(node).reason


@pytest.mark.slow
def test_who_reads_waits_for_no_disk(node: Node) -> None:
    """The writer stands still, and ten thousand sights but the last are noted all the same."""
    stand, go = threading.Event(), threading.Event()

    def slow(_: object) -> None:
        stand.set()
        assert go.wait(60)

    writing = threading.Thread(target=lambda: node.journal.run(slow))
    writing.start()
    assert stand.wait(60)
    for number in range(1999):
        node.use_cases.access.note("person", "V1", people=[f"p{number}"])
    go.set()
    writing.join(60)
    node.use_cases.access.flush()
    with node.journal.reading() as db:
        assert len(access.page(db, limit=5000)) == 1999


def test_more_than_fits_in_memory_is_written_by_the_one_who_reads(node: Node) -> None:
    for number in range(2000):
        node.use_cases.access.note("person", "V1", people=[f"p{number}"])
    with node.journal.reading() as db:
        assert len(access.page(db, limit=5000)) == 2000


def test_what_could_not_be_written_is_written_later_in_its_order(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    log: AccessLog = node.use_cases.access
    log.note("person", "V1", people=["first"])

    def full(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(node.journal, "run", full)
        with pytest.raises(OSError, match="full"):
            log.flush()
    log.note("person", "V1", people=["second"])
    log.flush()
    with node.journal.reading() as db:
        told = [row.access.people for row in access.page(db)]
    assert told == [("second",), ("first",)]


def test_while_nothing_can_be_written_no_more_waits_than_fits_and_what_waits_is_kept(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    log: AccessLog = node.use_cases.access

    def full(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(node.journal, "run", full)
        for number in range(1999):
            log.note("person", "V1", people=[f"p{number}"])
        for number in range(50):
            with pytest.raises(OSError, match="full"):
                log.note("person", "V1", people=[f"refused {number}"])
    log.note("person", "V1", people=["last"])
    with node.journal.reading() as db:
        told = [row.access.people for row in access.page(db, limit=5000)]
    assert len(told) == 2000
    assert told[:2] == [("last",), ("p1998",)]


def test_a_clock_that_goes_back_breaks_no_chain(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = node.clock.now()
    for days in (-2, 300, -1, -40, 0):
        at = instant(now + timedelta(days=days))
        put_down(node, [Access(at, "list", "V1")])
    node.use_cases.access.settle()
    assert check(node).reason == ""
    with node.journal.reading() as db:
        told = db.execute(
            "SELECT json_extract(content, '$.body.counts.list') FROM entry"
            " WHERE type = 'AccessCounted'"
        ).fetchall()
    assert sum(count for (count,) in told) == 4


def test_who_saw_somebody_is_found_under_either_record_of_a_merged_person(node: Node) -> None:
    with node.journal.reading() as db:
        one, other = [row[0] for row in db.execute("SELECT id FROM person LIMIT 2")]
    node.use_cases.access.note("person", "V1", people=[one])
    node.use_cases.access.note("person", "R1", people=[other])
    body = {"kept": one, "merged": other, "reason": "Same card"}
    id_ = node.site.ids.new()
    node.journal.run(lambda unit: unit.append("PersonsMerged", body, id_=id_, by="S1"))
    node.use_cases.access.flush()
    with node.journal.reading() as db:
        assert {row.access.staff for row in access.page(db, person=one)} == {"V1", "R1"}
