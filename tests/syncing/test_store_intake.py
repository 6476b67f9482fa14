"""What every store does with a batch, in SQLite and in PostgreSQL."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from linked_batches import NOW, Epoch
from shares import share

from sync.protocol.entries import Head
from sync.protocol.errors import ProtocolError
from sync.registry.store.interface import Store
from sync.registry.store.records import Alarm, ForkError, GapError, ParentError
from sync.registry.store.stores import open_store

E1, E2, E3 = "00000000000000e1", "00000000000000e2", "00000000000000e3"


@pytest.fixture
def chain(store: Store) -> Epoch:
    store.enrol("n1", "key", "DEMO01", "Riverside", NOW)
    return Epoch("n1", E1).grow(20)


def places(store: Store, node: str = "n1") -> list[tuple[str, int, str]]:
    """Everything a node has in the store, read entry by entry."""
    return [
        (one.epoch, one.number, one.hash)
        for head in store.heads(node)
        for one in store.entries(node, head.epoch, 0, 10_000)
    ]


def expected(*epochs: Sequence[Any]) -> list[tuple[str, int, str]]:
    return sorted((link.epoch, link.number, hash_) for links in epochs for link, _, hash_ in links)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run works in threads that start together; their results, or what they raised."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return work()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_a_batch_is_stored_as_it_came(store: Store, chain: Epoch) -> None:
    accepted = store.accept(chain.batch(1, 20), NOW)
    assert (accepted.head, accepted.new, accepted.count) == (chain.head(), 20, 20)
    found = store.entries("n1", E1, 0, 100)
    assert [one.content.encode() for one in found] == [content for _, content, _ in chain.links]
    assert {(one.type, one.received_at) for one in found} == {("DoseGiven", NOW)}
    assert [one.number for one in store.entries("n1", E1, 5, 3)] == [6, 7, 8]
    assert store.hash_at("n1", E1, 7) == chain.head(7).hash
    assert store.hash_at("n1", E1, 21) is store.hash_at("n2", E1, 7) is None
    assert places(store) == expected(chain.links)


def test_the_same_batch_again_changes_nothing(store: Store, chain: Epoch) -> None:
    store.accept(chain.batch(1, 10), NOW)
    store.accept(chain.batch(11, 20), NOW)
    again = store.accept(chain.batch(1, 10), NOW)
    assert (again.head, again.new, again.count) == (chain.head(), 0, 20)
    assert places(store) == expected(chain.links)
    assert store.alarms() == []


def test_of_batches_that_overlap_only_the_rest_is_new(store: Store, chain: Epoch) -> None:
    store.accept(chain.batch(1, 8), NOW)
    accepted = store.accept(chain.batch(4, 20), NOW)
    assert (accepted.head, accepted.new, accepted.count) == (chain.head(), 12, 20)
    inside = store.accept(chain.batch(5, 6), NOW)
    assert (inside.head, inside.new, inside.count) == (chain.head(), 0, 20)
    assert places(store) == expected(chain.links)


def test_a_batch_behind_the_last_entry_held_leaves_nothing(store: Store, chain: Epoch) -> None:
    with pytest.raises(GapError) as nothing:
        store.accept(chain.batch(2, 5), NOW)
    store.accept(chain.batch(1, 5), NOW)
    with pytest.raises(GapError) as gap:
        store.accept(chain.batch(7, 9), NOW)
    assert (nothing.value.held, gap.value.held) == (0, 5)
    assert places(store) == expected(chain.batch(1, 5))


def test_an_epoch_that_follows_nothing_held_leaves_nothing(store: Store, chain: Epoch) -> None:
    store.accept(chain.batch(1, 5), NOW)
    for parent in (chain.head(6), Head(E3, 1, "0" * 64)):
        with pytest.raises(ParentError):
            store.accept(Epoch("n1", E2, parent).grow(3).links, NOW)
    assert store.heads("n1") == [chain.head(5)]
    assert store.count("n1") == 5


def test_epochs_that_follow_each_other_are_no_alarm(store: Store, chain: Epoch) -> None:
    store.accept(chain.links, NOW)
    second = Epoch("n1", E2, chain.head()).grow(4)
    third = Epoch("n1", E3, second.head()).grow(2)
    for epoch in (second, third, second, chain):
        store.accept(epoch.links, NOW)
    assert store.heads("n1") == [chain.head(), second.head(), third.head()]
    assert store.count("n1") == 26
    assert store.alarms("n1") == []


@pytest.mark.parametrize(
    ("held", "first", "last", "forked", "number"),
    [
        pytest.param(10, 1, 10, 10, 10, id="the last entry of a replay"),
        pytest.param(10, 1, 20, 4, 4, id="in the middle, and more behind it"),
        pytest.param(10, 5, 15, 5, 5, id="the first of a batch"),
        pytest.param(20, 8, 12, 9, 9, id="inside what is held"),
        pytest.param(10, 11, 15, 10, 10, id="before the batch, seen by what it follows"),
    ],
)
def test_another_history_leaves_nothing_and_an_alarm(
    store: Store, chain: Epoch, held: int, first: int, last: int, forked: int, number: int
) -> None:
    store.accept(chain.batch(1, held), NOW)
    other = chain.fork(forked)
    for _ in range(2):
        with pytest.raises(ForkError) as fork:
            store.accept(other.batch(first, last), "2026-11-24T13:00:00.000Z")
        assert fork.value.number == number
    assert places(store) == expected(chain.batch(1, held))
    assert store.heads("n1") == [chain.head(held)]
    assert store.alarms("n1") == [Alarm("n1", E1, number, "fork", "2026-11-24T13:00:00.000Z")]
    node = store.node("n1")
    assert node is not None
    assert (node.alarms, node.entries) == (1, held)


def test_an_epoch_that_follows_another_history_is_a_fork_at_its_parent(
    store: Store, chain: Epoch
) -> None:
    store.accept(chain.links, NOW)
    orphan = Epoch("n1", E2, chain.fork(20).head()).grow(2)
    with pytest.raises(ForkError) as fork:
        store.accept(orphan.links, NOW)
    assert fork.value.number == 20
    assert store.alarms("n1") == [Alarm("n1", E1, 20, "fork", NOW)]
    assert store.heads("n1") == [chain.head()]


def test_two_epochs_after_one_entry_are_kept_with_an_alarm(store: Store, chain: Epoch) -> None:
    store.accept(chain.links, NOW)
    one = Epoch("n1", E2, chain.head()).grow(3)
    other = Epoch("n1", E3, chain.head()).grow(4, text="a copied card")
    for epoch in (one, other, one, other):
        store.accept(epoch.links, NOW)
    assert store.alarms() == [Alarm("n1", E3, 1, "siblings", NOW)]
    assert places(store) == expected(chain.links, one.links, other.links)


def test_a_backup_that_was_restored_is_an_alarm_whichever_history_comes_first(
    store: Store, chain: Epoch
) -> None:
    restored = Epoch("n1", E2, chain.head(10)).grow(2)
    store.accept(chain.links, NOW)
    store.accept(restored.links, NOW)
    store.enrol("n2", "key", "DEMO02", "Hillside", NOW)
    chain = Epoch("n2", E1).grow(20)
    restored = Epoch("n2", E2, chain.head(10)).grow(2)
    store.accept(chain.batch(1, 10), NOW)
    store.accept(restored.links, NOW)
    assert store.alarms("n2") == []
    store.accept(chain.batch(11, 20), NOW)
    assert [(one.node, one.epoch, one.kind) for one in store.alarms()] == [
        ("n1", E2, "siblings"),
        ("n2", E2, "siblings"),
    ]


def test_two_first_epochs_of_one_node_are_an_alarm(store: Store, chain: Epoch) -> None:
    store.accept(chain.links, NOW)
    store.accept(Epoch("n1", E2).grow(1).links, NOW)
    assert [(one.epoch, one.kind) for one in store.alarms("n1")] == [(E2, "siblings")]


def test_a_node_that_is_not_enrolled_leaves_nothing(store: Store) -> None:
    with pytest.raises(ProtocolError) as refused:
        store.accept(Epoch("stranger", E1).grow(2).links, NOW)
    assert refused.value.code == "node.unknown"
    assert store.heads("stranger") == []
    assert list(store.of_type("DoseGiven")) == []


def test_nodes_do_not_see_each_other(store: Store, chain: Epoch) -> None:
    store.enrol("n2", "key", "DEMO02", "Hillside", NOW)
    other = Epoch("n2", E1).grow(3, text="of another node")
    store.accept(chain.links, NOW)
    store.accept(other.links, NOW)
    assert (store.count("n1"), store.count("n2")) == (20, 3)
    assert places(store, "n2") == expected(other.links)
    assert store.alarms() == []


def test_a_days_new_entries_are_counted_once(store: Store, chain: Epoch) -> None:
    def told() -> tuple[str, int, int]:
        node = store.node("n1")
        assert node is not None
        return node.day, node.today, node.entries

    store.accept(chain.batch(1, 5), "2026-11-24T12:00:00.000Z")
    store.accept(chain.batch(3, 8), "2026-11-24T23:59:59.999Z")
    assert told() == ("2026-11-24", 8, 8)
    store.accept(chain.batch(1, 8), "2026-11-25T00:00:00.000Z")
    assert told() == ("2026-11-25", 0, 8)
    store.accept(chain.batch(9, 11), "2026-11-25T00:00:00.000Z")
    assert told() == ("2026-11-25", 3, 11)


def test_one_batch_from_eight_threads_is_stored_once(store: Store, chain: Epoch) -> None:
    for begin in (1, 11):
        batch = chain.batch(begin, begin + 9)
        results = at_once(*[partial(store.accept, batch, NOW)] * 8)
        assert sorted(one.new for one in results) == [0] * 7 + [10]
        assert {one.head for one in results} == {chain.head(begin + 9)}
    assert store.count("n1") == 20
    assert places(store) == expected(chain.links)
    assert store.alarms() == []


def test_batches_of_one_node_that_overlap_at_once_end_right(store: Store) -> None:
    for round_ in range(15):
        node = f"r{round_}"
        store.enrol(node, "key", "DEMO01", "Riverside", NOW)
        chain = Epoch(node, E1).grow(40)
        store.accept(chain.batch(1, 10), NOW)
        ranges = ((11, 20), (11, 40), (5, 15), (11, 30))
        works = [partial(store.accept, chain.batch(a, b), NOW) for a, b in ranges]
        results = at_once(*works)
        assert sum(one.new for one in results) == 30
        assert store.heads(node) == [chain.head()]
        assert store.count(node) == 40
        assert places(store, node) == expected(chain.links)


def test_two_histories_at_once_leave_one_of_them_and_an_alarm(store: Store) -> None:
    for round_ in range(10):
        node = f"r{round_}"
        store.enrol(node, "key", "DEMO01", "Riverside", NOW)
        chain = Epoch(node, E1).grow(20)
        other = chain.fork(1)
        results = at_once(
            partial(store.accept, chain.links, NOW), partial(store.accept, other.links, NOW)
        )
        lost = [isinstance(one, ForkError) for one in results]
        assert sorted(lost) == [False, True]
        assert places(store, node) == expected((other if lost[0] else chain).links)
        assert [one.number for one in store.alarms(node)] == [1]


def test_two_copies_of_a_card_that_begin_at_once_are_one_alarm(store: Store) -> None:
    for round_ in range(10):
        node = f"r{round_}"
        store.enrol(node, "key", "DEMO01", "Riverside", NOW)
        chain = Epoch(node, E1).grow(2)
        store.accept(chain.links, NOW)
        twins = [Epoch(node, epoch, chain.head()).grow(2) for epoch in (E2, E3)]
        at_once(*[partial(store.accept, twin.links, NOW) for twin in twins])
        assert store.count(node) == 6
        assert [one.kind for one in store.alarms(node)] == ["siblings"]


_WORKER = """
import sys
sys.path[:0] = sys.argv[2:]
from linked_batches import NOW, Epoch
from sync.registry.store.stores import open_store
store = open_store(sys.argv[1])
chain = Epoch("n1", "00000000000000e1").grow(5000)
for first in range(1, 5000, 10):
    accepted = store.accept(chain.batch(first, first + 9), NOW)
    print(accepted.head.number, flush=True)
"""


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_nothing_it_acknowledged(
    address: str, store: Store, chain: Epoch
) -> None:
    chain.grow(4980)
    helpers = Path(__file__).resolve().parents[1] / "helpers"
    acknowledged = 0
    for lines in (3, 17, 40):
        with subprocess.Popen(
            [sys.executable, "-c", _WORKER, address, str(helpers)],
            stdout=subprocess.PIPE,
            text=True,
        ) as worker:
            assert worker.stdout is not None
            for line in itertools.islice(worker.stdout, lines):
                acknowledged = max(acknowledged, int(line))
            worker.kill()
            rest = worker.stdout.read().split("\n")[:-1]
        acknowledged = max([acknowledged, *map(int, rest)])
        again = open_store(address)
        (head,) = again.heads("n1")
        assert head.number >= acknowledged
        assert head == chain.head(head.number)
        assert again.count("n1") == head.number
        assert places(again) == expected(chain.batch(1, head.number))
        again.close()
    assert store.accept(chain.links, NOW).head == chain.head()


class Model:
    """The rules of accepting, told once more in the simplest way: lists in memory."""

    def __init__(self) -> None:
        self.held: dict[str, list[str]] = {}
        self.parents: dict[str, tuple[str, int]] = {}
        self.forks: set[tuple[str, int]] = set()

    def accept(self, links: Sequence[Any]) -> type[Exception] | int:
        first, epoch = links[0][0], links[0][0].epoch
        held = self.held.get(epoch, [])
        if first.number > len(held) + 1:
            return GapError
        before = [(epoch, first.number - 1, first.previous)] if first.number > 1 else []
        if first.parent and not held:
            before = [(first.parent.epoch, first.parent.number, first.parent.hash)]
            if len(self.held.get(first.parent.epoch, [])) < first.parent.number:
                return ParentError
        for place, number, hash_ in [*before, *((epoch, link.number, h) for link, _, h in links)]:
            known = self.held.get(place, [])
            if number <= len(known) and known[number - 1] != hash_:
                self.forks.add((place, number))
                return ForkError
        new = [hash_ for link, _, hash_ in links if link.number > len(held)]
        parent = first.parent or Head("", 0, "")
        self.parents.setdefault(epoch, (parent.epoch, parent.number))
        self.held[epoch] = held + new
        return len(new)

    def siblings(self) -> set[str]:
        """Epochs, in order of their arrival, whose parent is followed by another one already."""
        taken, found = set(), set()
        for epoch, (parent, number) in self.parents.items():
            if (parent, number) in taken or len(self.held.get(parent, [])) > number:
                found.add(epoch)
            taken.add((parent, number))
        return found


NUMBERS = itertools.count()


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[str, int, int]]:
    names = ["a", "a'", "b", "c", "d", "e", "root"]
    batch = st.tuples(st.sampled_from(names), st.integers(1, 9), st.integers(1, 9))
    return draw(st.lists(batch, min_size=1, max_size=14))


@settings(
    max_examples=share(40),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(story=stories())
def test_any_order_of_batches_gives_what_lists_in_memory_give(
    store: Store, story: list[tuple[str, int, int]]
) -> None:
    node = f"h{next(NUMBERS)}"
    store.enrol(node, "key", "DEMO01", "Riverside", NOW)
    a = Epoch(node, "000000000000000a").grow(12)
    b = Epoch(node, "000000000000000b", a.head(6)).grow(12)
    epochs = {
        "a": a,
        "a'": a.fork(5),
        "b": b,
        "c": Epoch(node, "000000000000000c", b.head(3)).grow(12),
        "d": Epoch(node, "000000000000000d", a.head(6)).grow(12),
        "e": Epoch(node, "000000000000000e", a.fork(5).head(6)).grow(12),
        "root": Epoch(node, "000000000000000f").grow(12),
    }
    model = Model()
    for name, first, count in story:
        batch = epochs[name].batch(first, min(first + count - 1, 12))
        try:
            result: type[Exception] | int = store.accept(batch, NOW).new
        except (ForkError, GapError, ParentError) as error:
            result = next(k for k in (ForkError, GapError, ParentError) if isinstance(error, k))
        assert result == model.accept(batch)
    assert [(one.epoch, one.number, one.hash) for one in store.heads(node)] == sorted(
        (epoch, len(held), held[-1]) for epoch, held in model.held.items()
    )
    assert store.count(node) == sum(map(len, model.held.values()))
    alarms = {(one.epoch, one.number, one.kind) for one in store.alarms(node, 1000)}
    assert alarms == {(epoch, number, "fork") for epoch, number in model.forks} | {
        (epoch, 1, "siblings") for epoch in model.siblings()
    }
