"""What national systems read in order: each entry with what it came to, and each later verdict."""

from __future__ import annotations

import pytest
from linked_batches import NOW, Epoch

from sync.registry.store.interface import Store
from sync.registry.store.records import Cursor, EntryQuery, PendingStretch, Verdict

E1 = "00000000000000e1"
TIMES = [f"2026-11-24T13:00:0{second}.000Z" for second in range(10)]
FAR = "2999-01-01T00:00:00.000Z"
DOSES = EntryQuery(types=("DoseGiven",))


def verdict(node: str, number: int, state: str, **more: str) -> Verdict:
    return Verdict(node, E1, number, state, f"{E1}-{number}", **more)


def settled(store: Store, node: str, at: str, *verdicts: Verdict, through: int = 3) -> None:
    assert store.settle(PendingStretch(node, E1, 0, through), list(verdicts), [], [], at)


def read(
    store: Store, wanted: EntryQuery = DOSES, after: Cursor | None = None, until: str = FAR
) -> list[tuple[str, int, str]]:
    return [
        (judged.entry.node, judged.entry.number, judged.verdict.state if judged.verdict else "")
        for judged in store.changes(after or Cursor(), until, 100, wanted)
    ]


@pytest.fixture
def delivered(store: Store) -> Store:
    for second, node in enumerate(("n1", "n2")):
        store.enrol(node, f"key of {node}", f"F{node}", f"Site {node}", NOW)
        store.accept(Epoch(node, E1).grow(3).links, TIMES[second])
    return store


def test_an_entry_is_given_with_what_it_came_to_once_for_it_and_once_for_its_verdict(
    delivered: Store,
) -> None:
    held = verdict("n1", 2, "held", waits="x")
    settled(delivered, "n1", TIMES[2], held, verdict("n1", 3, "rejected", field="on"))
    settled(delivered, "n2", TIMES[3])
    everything = delivered.changes(Cursor(), FAR, 100, DOSES)
    assert read(delivered) == [
        ("n1", 1, ""), ("n1", 2, "held"), ("n1", 3, "rejected"),
        ("n2", 1, ""), ("n2", 2, ""), ("n2", 3, ""),
        ("n1", 2, "held"), ("n1", 3, "rejected"),
    ]  # fmt: skip
    assert everything[1].verdict == held
    assert [judged.cursor for judged in everything] == sorted({one.cursor for one in everything})


def test_a_later_verdict_comes_behind_every_cursor_that_was_given_before_it(
    delivered: Store,
) -> None:
    settled(delivered, "n1", TIMES[2], verdict("n1", 2, "held", waits="x"))
    settled(delivered, "n2", TIMES[3])
    last = delivered.changes(Cursor(), FAR, 100, DOSES)[-1].cursor
    assert read(delivered, after=last) == []
    assert delivered.revise(verdict("n1", 2, "stored"), "held", [], TIMES[4])
    assert read(delivered, after=last) == [("n1", 2, "stored")]
    assert not delivered.revise(verdict("n1", 2, "stored"), "held", [], TIMES[5])
    assert read(delivered, after=delivered.changes(last, FAR, 9, DOSES)[-1].cursor) == []


def test_nothing_is_given_that_an_unjudged_entry_stands_in_front_of(delivered: Store) -> None:
    settled(delivered, "n2", TIMES[3], verdict("n2", 1, "rejected", field="on"))
    assert read(delivered) == []
    settled(delivered, "n1", TIMES[4], through=2)
    assert read(delivered) == []  # the third of n1 came in with the two others
    delivered.settle(PendingStretch("n1", E1, 2, 3), [], [], [], TIMES[5])
    assert [number for _, number, _ in read(delivered)] == [1, 2, 3, 1, 2, 3, 1]


def test_nothing_younger_than_the_instant_asked_for_is_given(delivered: Store) -> None:
    settled(delivered, "n1", TIMES[2], verdict("n1", 2, "held", waits="x"))
    settled(delivered, "n2", TIMES[3])
    assert len(read(delivered, until=TIMES[1])) == 3
    assert len(read(delivered, until=TIMES[2])) == 6
    assert len(read(delivered, until=TIMES[3])) == 7


@pytest.mark.parametrize(("wanted", "found"), [
    (EntryQuery(nodes=("n2",)), [1, 2, 3, 3]),
    (EntryQuery(nodes=("n1",), types=("DoseGiven",)), [1, 2, 3, 2]),
    (EntryQuery(nodes=("n1", "n2"), types=("PinSet",)), []),
    (EntryQuery(states=("held",)), [2]),
    (EntryQuery(states=("held", "rejected")), [2, 3]),
    (EntryQuery(states=("rejected",), nodes=("n1",)), []),
    (EntryQuery(states=("rejected",), nodes=("n2",)), [3]),
    (EntryQuery(states=("rejected",), types=("PinSet",)), []),
    (EntryQuery(states=("stored",), types=("DoseGiven",)), [1, 3, 1, 2]),
    (EntryQuery(states=("stored", "rejected"), types=("DoseGiven",)), [1, 3, 1, 2, 3, 3]),
])  # fmt: skip
def test_a_reader_asks_for_nodes_types_and_states(
    delivered: Store, wanted: EntryQuery, found: list[int]
) -> None:
    settled(delivered, "n1", TIMES[2], verdict("n1", 2, "held", waits="x"))
    settled(delivered, "n2", TIMES[3], verdict("n2", 3, "rejected", field="on"))
    assert [number for _, number, _ in read(delivered, wanted)] == found


def test_page_by_page_it_is_the_same_as_at_once(delivered: Store) -> None:
    settled(delivered, "n1", TIMES[2], *(verdict("n1", one, "held", waits="x") for one in (1, 2)))
    settled(delivered, "n2", TIMES[1], verdict("n2", 3, "rejected", field="on"))
    wanted = EntryQuery(nodes=("n1", "n2"))
    everything = delivered.changes(Cursor(), FAR, 100, wanted)
    assert len(everything) == 8  # the one that was rejected as it came in is given once
    length = len(everything[0].entry.content)
    for limit, size in ((1, 2**53), (3, 2**53), (100, 1), (100, length + 1)):
        cursor, pages = Cursor(), []
        while page := delivered.changes(cursor, FAR, limit, wanted, size):
            assert len(page) <= limit
            pages += page
            cursor = page[-1].cursor
        assert pages == everything
