"""What the screen says of the nation: only what receipts prove."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from site_factory import fill

from edge.adapters.journal_source import JournalSource
from edge.journal.delivery import REGISTRY, delivery
from edge.journal.entries import entries
from edge.node import Node
from sync.protocol.receipts import Receipt


@pytest.mark.parametrize("true_hash", [True, False])
def test_a_receipt_counts_only_if_its_hash_is_ours(node: Node, true_hash: bool) -> None:
    with node.journal.reading() as db:
        last = list(entries(db))[-1]
    hash_ = last.hash if true_hash else "0" * 64
    document = json.dumps({"at": "2026-11-24T12:00:00.000Z"})
    node.journal.run(
        lambda unit: unit.db.execute(
            "INSERT INTO delivery (target, epoch, number, hash, receipt) VALUES (?, ?, ?, ?, ?)",
            (REGISTRY, last.epoch, last.number, hash_, document),
        )
    )
    with node.journal.reading() as db:
        held = delivery(db, REGISTRY)
    assert held.recorded == last.position
    assert held.delivered == (last.position if true_hash else 0)
    assert held.complete is true_hash


def test_a_receipt_that_names_less_than_the_one_before_takes_its_place(node: Node) -> None:
    with node.journal.reading() as db:
        everything = list(entries(db))
    source = JournalSource(node.journal)
    for entry in (everything[-1], everything[4]):
        source.keep(Receipt("n", entry.epoch, entry.number, entry.hash, entry.number, "2026"))
    with node.journal.reading() as db:
        assert delivery(db, REGISTRY).delivered == 5
    source.keep(None)
    with node.journal.reading() as db:
        assert delivery(db, REGISTRY).delivered == 0


def test_a_receipt_that_proves_no_more_is_written_down_once_an_hour(node: Node) -> None:
    with node.journal.reading() as db:
        last = list(entries(db))[-1]
    source = JournalSource(node.journal)

    def hear(at: str) -> str:
        source.keep(Receipt("n", last.epoch, last.number, last.hash, last.position, at))
        kept = source.kept()
        assert kept is not None
        return kept.at

    assert hear("2026-11-24T12:00:00.000Z") == "2026-11-24T12:00:00.000Z"
    assert hear("2026-11-24T12:59:00.000Z") == "2026-11-24T12:00:00.000Z"
    assert hear("2026-11-24T13:00:00.000Z") == "2026-11-24T13:00:00.000Z"


def test_without_a_registry_the_site_says_so(node: Node) -> None:
    assert node.registry.state().state == "none"


def test_the_journal_reads_by_position_and_by_epoch_and_number(node: Node) -> None:
    with node.journal.reading() as db:
        everything = list(entries(db))
    source = JournalSource(node.journal)
    last = everything[-1]
    assert source.last() == len(everything)
    assert [(tip.epoch, tip.number, tip.position) for tip in source.tips(source.last(), 9)] == [
        (last.epoch, last.number, last.position)
    ]
    found = source.after(2, 3)
    assert [one.number for one in found] == [3, 4, 5]
    assert source.find(last.epoch, 3) == (3, everything[2].hash)
    assert source.find("unknown", 1) is None


def test_every_start_of_a_site_that_writes_is_a_tip(site_folder: Path) -> None:
    for _ in range(3):
        node = Node(site_folder)
        fill(node)
        node.authenticator.set_pin("V1", "471163", by="technician")
        source = JournalSource(node.journal)
        last = source.last()
        tips = source.tips(last, 9)
        assert tips[0].position == last
        assert sum(tip.number for tip in tips) == last
        behind = source.after(tips[0].position - tips[0].number, 10_000)
        assert {one.epoch for one in behind} == {tips[0].epoch}
        assert len(source.tips(last, 1)) == 1
        node.close()
    assert len(tips) == 3
