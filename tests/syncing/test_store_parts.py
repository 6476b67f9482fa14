"""What every store knows of nodes, letters, verdicts and operators, in SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from threading import Barrier
from typing import Any

import pytest
from linked_batches import NOW, Epoch

from sync.protocol.entries import Head, canonical
from sync.registry.campaigns.letters import posted_regions, region_feed
from sync.registry.store.interface import Store
from sync.registry.store.records import (
    NATION,
    AuditLine,
    Letter,
    Mention,
    NodeRecord,
    Operator,
    PendingStretch,
    Verdict,
)

E1, E2 = "00000000000000e1", "00000000000000e2"
LATER = "2026-11-24T13:00:00.000Z"


def at_once(works: list[Callable[[], Any]]) -> list[Any]:
    barrier = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def enrol(store: Store, *nodes: str) -> None:
    for node in nodes:
        store.enrol(node, f"key of {node}", f"F{node}", f"Site {node}", NOW)


def known(store: Store, node: str = "n1") -> NodeRecord:
    found = store.node(node)
    assert found is not None
    return found


def test_a_node_is_known_as_it_enrolled(store: Store) -> None:
    enrol(store, "n1")
    assert known(store) == NodeRecord("n1", "key of n1", "Fn1", "Site n1", NOW, "", 0, 0)
    store.enrol("n1", "key of n1", "OTHER", "Moved", LATER)
    assert known(store) == NodeRecord("n1", "key of n1", "Fn1", "Site n1", NOW, "", 0, 0)
    store.move("n1", "OTHER")
    store.enrol("n1", "key of n1", "OTHER", "Moved", LATER)
    assert known(store) == NodeRecord("n1", "key of n1", "OTHER", "Moved", NOW, "", 0, 0)
    assert store.node("n2") is None


def test_enrolling_again_keeps_what_was_delivered_and_that_it_is_barred(store: Store) -> None:
    enrol(store, "n1")
    store.accept(Epoch("n1", E1).grow(3).links, NOW)
    store.set_state("n1", "stopped", "2026-11-24T12:00:00.000Z")
    enrol(store, "n1")
    assert (known(store).entries, known(store).state) == (3, "stopped")
    store.set_state("n1", "active", "2026-11-24T12:00:00.000Z")
    assert known(store).state == "active"


def test_what_a_node_says_of_itself_is_remembered(store: Store) -> None:
    enrol(store, "n1", "n2")
    store.note("n1", 42, "0.9.1", LATER)
    node = known(store)
    assert (node.waiting, node.software, node.heard_at) == (42, "0.9.1", LATER)
    assert known(store, "n2").heard_at == ""


def test_nodes_come_in_pages_that_leave_none_out(store: Store) -> None:
    names = [f"n{number:02}" for number in range(25)]
    enrol(store, *reversed(names))
    found: list[str] = []
    while page := store.nodes(found[-1] if found else "", 10):
        assert len(page) <= 10
        found += [one.node for one in page]
    assert found == names


def test_nodes_heard_last_and_longest_silent_come_first(store: Store) -> None:
    enrol(store, "never", "old", "new")
    store.note("old", 0, "", NOW)
    store.note("new", 0, "", LATER)
    assert [one.node for one in store.heard_last(2)] == ["new", "old"]
    silent = store.heard_last(3, longest_silent=True)
    assert [one.node for one in silent] == ["never", "old", "new"]


def test_a_code_is_good_for_one_node_until_its_end(store: Store) -> None:
    store.add_code("d1", "DEMO01", LATER)
    assert not store.take_code("other", "DEMO01", "n1", NOW)
    assert not store.take_code("d1", "DEMO01", "n1", LATER)  # over, at that very instant
    assert not store.take_code("d1", "DEMO02", "n1", NOW)  # another's, and it is not used up
    assert store.take_code("d1", "DEMO01", "n1", NOW)
    assert not store.take_code("d1", "DEMO01", "n2", NOW)
    assert store.take_code("d1", "DEMO01", "n1", "2026-12-31T00:00:00Z")  # its answer was lost
    store.add_code("d1", "DEMO02", "2027-01-01T00:00:00Z")
    assert not store.take_code("d1", "DEMO02", "n2", NOW)
    store.add_code("any", "", LATER)
    assert store.take_code("any", "DEMO09", "n1", NOW)


def test_a_code_taken_by_eight_nodes_at_once_is_taken_once(store: Store) -> None:
    for round_ in range(10):
        store.add_code(f"d{round_}", "DEMO01", LATER)
        code = partial(store.take_code, f"d{round_}", "DEMO01")
        taken = at_once([partial(code, f"n{n}", NOW) for n in range(8)])
        assert sorted(taken) == [False] * 7 + [True]


def test_the_newest_entries_come_from_the_nodes_heard_last(store: Store) -> None:
    enrol(store, "n1", "n2", "silent")
    assert store.latest(5) == []
    first = Epoch("n1", E1).grow(4)
    store.accept(first.links, NOW)
    store.accept(Epoch("n1", E2, first.head()).grow(2).links, LATER)
    store.accept(Epoch("n2", E1).grow(1).links, "2026-11-24T12:30:00.000Z")
    found = [(one.node, one.epoch, one.number) for one in store.latest(5)]
    assert found == [
        ("n1", E2, 2), ("n1", E2, 1), ("n2", E1, 1), ("n1", E1, 4), ("n1", E1, 3),
    ]  # fmt: skip


def test_entries_of_a_type_come_of_all_nodes_and_nothing_else(store: Store) -> None:
    enrol(store, "n1", "n2")
    one = Epoch("n1", E1).grow(1200).grow(700, type_="CertificateRevoked")
    store.accept(one.links, NOW)
    store.accept(Epoch("n2", E1).grow(1, type_="CertificateRevoked").links, NOW)
    found = list(store.of_type("CertificateRevoked"))
    assert [(e.node, e.number) for e in found] == [
        *(("n1", number) for number in range(1201, 1901)),
        ("n2", 1),
    ]
    assert list(store.of_type("Nothing")) == []


def test_a_reader_of_a_type_stops_nobody(store: Store) -> None:
    enrol(store, "n1")
    chain = Epoch("n1", E1).grow(2000)
    store.accept(chain.batch(1, 1500), NOW)
    reader = store.of_type("DoseGiven")
    seen = [next(reader).number]
    assert store.accept(chain.batch(1501, 2000), NOW).new == 500
    seen += [one.number for one in reader]
    assert seen == list(range(1, 1501))


def test_letters_are_numbered_in_their_feed_and_posted_once(store: Store) -> None:
    first = store.post(NATION, "campaign", "id1", '{"a":1}', NOW)
    assert first == Letter(NATION, 1, "id1", "campaign", '{"a":1}', NOW)
    assert store.post(NATION, "campaign", "id1", '{"b":2}', LATER) == first
    assert store.post("n1", "verdict", "id1", "{}", NOW).number == 1
    for number in range(2, 6):
        assert store.post(NATION, "campaign", f"id{number}", "{}", LATER).number == number
    assert [one.id for one in store.letters(NATION, 2, 2)] == ["id3", "id4"]
    assert store.letter(NATION, 1) == first
    assert store.letter(NATION, 6) is store.letter("n2", 1) is None
    assert [one.number for one in store.letters("n1", 0, 10)] == [1]


def test_letters_of_one_kind_come_newest_first_from_behind_a_number(store: Store) -> None:
    for number, kind in enumerate(("a", "b", "a", "a"), 1):
        store.post("feed", kind, f"id{number}", "{}", NOW)
    store.post("other", "a", "id5", "{}", NOW)
    assert [one.number for one in store.letters_of_kind("feed", "a", 0, 10)] == [4, 3, 1]
    assert [one.number for one in store.letters_of_kind("feed", "a", 1, 1)] == [4]
    assert store.letters_of_kind("feed", "a", 4, 10) == []


def test_regions_have_feeds_of_their_own_whose_letters_are_found_by_their_numbers(
    store: Store,
) -> None:
    """On PostgreSQL too: a region's name is whatever the ministry calls it."""
    regions = {name: {f"metadata/1.region-{name}.json": b"1"} for name in ("NORTH", "N_2-x")}

    def post(feed: str, body: dict[str, Any]) -> int:
        return store.post(feed, "campaign", f"{feed} {body}", canonical(body).decode(), NOW).number

    first = posted_regions(store, regions, post)
    assert first == {"NORTH": 1, "N_2-x": 1}
    assert posted_regions(store, regions, post) == first  # nothing new is said twice
    changed = {**regions, "NORTH": {"metadata/2.region-NORTH.json": b"2"}}
    assert posted_regions(store, changed, post) == {"NORTH": 2, "N_2-x": 1}
    old, new = (store.letter(region_feed("NORTH"), number) for number in (1, 2))
    assert old is not None
    assert new is not None
    assert ("1.region" in old.body, "2.region" in new.body) == (True, True)
    assert store.last_letter("*") is None


def test_letters_posted_at_once_leave_no_gap(store: Store) -> None:
    def post(thread: int) -> list[int]:
        return [store.post("f", "k", f"{thread}-{i}", "{}", NOW).number for i in range(10)]

    posted = at_once([partial(post, thread) for thread in range(8)])
    assert sorted(chain.from_iterable(posted)) == list(range(1, 81))
    assert all(numbers == sorted(numbers) for numbers in posted)
    assert [one.number for one in store.letters("f", 0, 100)] == list(range(1, 81))


def test_one_letter_posted_by_eight_at_once_is_one(store: Store) -> None:
    posted = at_once([lambda: store.post("f", "k", "same", "{}", NOW)] * 8)
    assert {one.number for one in posted} == {1}
    assert len(store.letters("f", 0, 10)) == 1


@pytest.fixture
def delivered(store: Store) -> Epoch:
    enrol(store, "n1", "n2")
    chain = Epoch("n1", E1).grow(10)
    store.accept(chain.batch(1, 6), NOW)
    return chain


def verdict(number: int, state: str, **more: str) -> Verdict:
    return Verdict("n1", E1, number, state, f"{E1}-{number}", **more)


def test_what_is_held_is_judged_stretch_by_stretch(store: Store, delivered: Epoch) -> None:
    assert store.to_judge(10) == [PendingStretch("n1", E1, 0, 6)]
    assert store.settle(PendingStretch("n1", E1, 0, 4), [], [], [], NOW)
    assert store.to_judge(10) == [PendingStretch("n1", E1, 4, 6)]
    store.accept(delivered.batch(7, 10), NOW)
    assert store.settle(PendingStretch("n1", E1, 4, 6), [], [], [], NOW)
    assert store.to_judge(10) == [PendingStretch("n1", E1, 6, 10)]
    assert store.settle(PendingStretch("n1", E1, 6, 10), [], [], [], NOW)
    assert store.to_judge(10) == []


def test_those_that_have_waited_longest_are_judged_first(store: Store, delivered: Epoch) -> None:
    store.accept(Epoch("n2", E1).grow(1).links, "2026-11-24T11:00:00.000Z")
    assert [one.node for one in store.to_judge(10)] == ["n2", "n1"]
    assert [one.node for one in store.to_judge(1)] == ["n2"]


@pytest.mark.parametrize(
    "stretch",
    [
        PendingStretch("n1", E1, 1, 6),
        PendingStretch("n1", E1, 0, 7),
        PendingStretch("n1", E1, 0, 0),
        PendingStretch("n1", E2, 0, 1),
        PendingStretch("n2", E1, 0, 6),
    ],
    ids=["begins elsewhere", "ends behind what is held", "empty", "no such epoch", "no such node"],
)
def test_a_stretch_that_is_not_to_be_judged_settles_nothing(
    store: Store, delivered: Epoch, stretch: PendingStretch
) -> None:
    letter = Letter("n1", 0, "id", "verdict", "{}", NOW)
    mention = Mention("person", "n1", E1, 1)
    assert not store.settle(stretch, [verdict(1, "held")], [mention], [letter], NOW)
    assert store.verdicts("n1") == []
    assert store.mentions(["person"]) == []
    assert store.letters("n1", 0, 10) == []
    assert store.to_judge(10) == [PendingStretch("n1", E1, 0, 6)]


def test_a_settled_stretch_is_recorded_whole(store: Store, delivered: Epoch) -> None:
    held = verdict(5, "held", waits="other")
    rejected = verdict(2, "rejected", field="body.text", sentence="No.")
    letters = [
        Letter("n1", 0, "a", "verdict", "{}", ""),
        Letter(NATION, 0, "b", "notice", "{}", LATER),
        Letter("n1", 0, "c", "verdict", "{}", NOW),
    ]
    mentions = [Mention("p", "n1", E1, 2), Mention("p", "n1", E1, 2), Mention("q", "n1", E1, 2)]
    assert store.settle(PendingStretch("n1", E1, 0, 6), [held, rejected], mentions, letters, NOW)
    assert store.verdicts("n1") == [rejected, held]
    assert store.verdicts("n1", "held") == [held]
    assert store.verdicts("n1", limit=1) == [rejected]
    assert store.verdicts("n2") == []
    assert [(one.number, one.id, one.at) for one in store.letters("n1", 0, 9)] == [
        (1, "a", NOW),
        (2, "c", NOW),
    ]
    assert [(one.number, one.at) for one in store.letters(NATION, 0, 9)] == [(1, LATER)]
    assert [one.number for one in store.mentions(["q", "p", "nobody"])] == [2]


def test_a_verdict_replaces_the_one_before(store: Store, delivered: Epoch) -> None:
    store.settle(PendingStretch("n1", E1, 0, 3), [verdict(2, "held", waits="x")], [], [], NOW)
    store.settle(PendingStretch("n1", E1, 3, 6), [verdict(2, "superseded")], [], [], NOW)
    assert store.verdicts("n1") == [verdict(2, "superseded")]


def test_two_workers_settle_a_stretch_once(store: Store, delivered: Epoch) -> None:
    for round_ in range(10):
        node = f"r{round_}"
        enrol(store, node)
        store.accept(Epoch(node, E1).grow(3).links, NOW)
        stretch = PendingStretch(node, E1, 0, 3)
        letters = [Letter(NATION, 0, f"{node} {worker}", "k", "{}", NOW) for worker in range(4)]
        settled = at_once(
            [partial(store.settle, stretch, [], [], [letter], NOW) for letter in letters]
        )
        assert sorted(settled) == [False, False, False, True]
    assert [one.number for one in store.letters(NATION, 0, 100)] == list(range(1, 11))


def test_stretches_that_write_to_the_same_feeds_at_once_are_all_settled(store: Store) -> None:
    nodes = [f"n{number}" for number in range(8)]
    enrol(store, *nodes)
    for node in nodes:
        store.accept(Epoch(node, E1).grow(2).links, NOW)

    def settle(index: int) -> bool:
        feeds = nodes if index % 2 else list(reversed(nodes))
        letters = [Letter(feed, 0, f"{feed} {index}", "k", "{}", NOW) for feed in feeds]
        return store.settle(PendingStretch(nodes[index], E1, 0, 2), [], [], letters, NOW)

    assert at_once([partial(settle, index) for index in range(8)]) == [True] * 8
    assert all([one.number for one in store.letters(n, 0, 99)] == [*range(1, 9)] for n in nodes)


@pytest.mark.slow
def test_entries_that_speak_of_a_key_come_once_each_in_order(store: Store) -> None:
    enrol(store, "n1", "n2")
    store.accept(Epoch("n1", E1).grow(3000).links, NOW)
    store.accept(Epoch("n2", E1).grow(2).links, NOW)
    keys = [f"k{number}" for number in range(3000)]
    mentions = [Mention(key, "n1", E1, number) for number, key in enumerate(keys, 1)]
    assert store.settle(PendingStretch("n1", E1, 0, 3000), [], mentions, [], NOW)
    assert store.settle(PendingStretch("n2", E1, 0, 2), [], [Mention("k9", "n2", E1, 2)], [], NOW)
    found = store.mentions(["k9", "k2"])
    assert [(one.node, one.number) for one in found] == [("n1", 3), ("n1", 10), ("n2", 2)]
    assert len(store.mentions(keys, 5000)) == 3001
    assert [one.number for one in store.mentions(keys, 1500)] == list(range(1, 1501))
    assert store.mentions([]) == store.mentions(["nobody"]) == []


def test_of_one_node_no_more_than_so_many_entries_of_a_key_are_given(store: Store) -> None:
    enrol(store, "n1", "n2")
    store.accept(Epoch("n1", E1).grow(9).links, NOW)
    store.accept(Epoch("n2", E1).grow(2).links, NOW)
    many = [Mention(key, "n1", E1, number) for key in "kl" for number in range(1, 9)]
    assert store.settle(
        PendingStretch("n1", E1, 0, 9), [], [*many, Mention("m", "n1", E1, 9)], [], NOW
    )
    assert store.settle(PendingStretch("n2", E1, 0, 2), [], [Mention("k", "n2", E1, 1)], [], NOW)
    found = [(one.node, one.number) for one in store.mentions(["k", "m"], 100, each=3)]
    assert found == [("n1", 6), ("n1", 7), ("n1", 8), ("n1", 9), ("n2", 1)]
    behind = [one.number for one in store.mentions(["k", "m"], 2, ("n1", E1, 7), each=3)]
    assert behind == [8, 9]


def test_the_newest_entries_of_a_key_are_those_that_came_in_last_whichever_run_they_are_of(
    store: Store,
) -> None:
    enrol(store, "n1")
    later = "2026-11-25T13:00:00.000Z"
    for epoch, count, at in ((E2, 9, NOW), (E1, 3, later)):
        store.accept(Epoch("n1", epoch).grow(count).links, at)
        many = [Mention("k", "n1", epoch, number) for number in range(1, count + 1)]
        assert store.settle(PendingStretch("n1", epoch, 0, count), [], many, [], at)
    found = store.newest_mentions("k", 4)
    assert [(one.epoch, one.number) for one in found] == [(E1, 3), (E1, 2), (E1, 1), (E2, 9)]
    assert all(one.content for one in found)
    assert len(store.newest_mentions("k", 1)) == 1
    assert store.newest_mentions("nobody", 4) == []


def test_which_places_are_rejected_is_asked_for_those_alone(store: Store, delivered: Epoch) -> None:
    verdicts = [verdict(1, "rejected"), verdict(2, "held"), verdict(3, "rejected")]
    assert store.settle(PendingStretch("n1", E1, 0, 5), verdicts, [], [], NOW)
    places = [("n1", E1, number) for number in (1, 2, 4)]
    assert store.rejected(places) == {("n1", E1, 1)}
    assert store.rejected([]) == set()


def test_an_entry_is_located_by_its_id_once_it_is_judged(store: Store, delivered: Epoch) -> None:
    assert store.locate("n1", f"{E1}-2") is None
    store.settle(PendingStretch("n1", E1, 0, 4), [], [], [], NOW)
    found = store.locate("n1", f"{E1}-2")
    assert found is not None
    assert (found.epoch, found.number, found.hash) == (E1, 2, delivered.head(2).hash)
    assert store.locate("n1", f"{E1}-5") is store.locate("n2", f"{E1}-2") is None


def test_ids_and_types_of_any_length_and_character_are_kept(store: Store) -> None:
    enrol(store, "n1")
    chain = Epoch("n1", E1).grow(1, type_="T" * 9000).grow(1, type_="a\0b").grow(1, text="\0ü💉\\")
    assert store.accept(chain.links, NOW).new == 3
    found = store.entries("n1", E1, 0, 9)
    assert [one.content.encode() for one in found] == [content for _, content, _ in chain.links]


def test_operators_are_let_in_changed_and_removed(store: Store) -> None:
    store.add_operator(Operator("zoe", "viewer", "d1", NOW))
    store.add_operator(Operator("amir", "admin", "d2", NOW))
    store.add_operator(Operator("zoe", "admin", "d3", LATER))
    assert store.operators() == [
        Operator("amir", "admin", "d2", NOW),
        Operator("zoe", "admin", "d3", NOW),
    ]
    store.remove_operator("amir")
    store.remove_operator("nobody")
    assert [one.name for one in store.operators()] == ["zoe"]


def test_what_operators_did_is_read_newest_first(store: Store) -> None:
    lines = [AuditLine(NOW, "zoe", "looked", str(n)) for n in range(3)]
    lines.append(AuditLine(LATER, "amir", "stopped", "n1"))
    for line in lines:
        store.audit(line)
    assert store.audits() == lines[::-1]
    assert store.audits(1) == lines[3:]


def test_lines_written_at_once_are_all_kept(store: Store) -> None:
    lines = [AuditLine(NOW, "zoe", "looked", str(whom)) for whom in range(8)]
    at_once([partial(store.audit, line) for line in lines])
    assert sorted(one.whom for one in store.audits()) == list("01234567")


def test_alarms_come_newest_first_and_of_one_node_or_all(store: Store) -> None:
    enrol(store, "n1", "n2")
    for node, at in (("n1", NOW), ("n2", LATER)):
        store.accept(Epoch(node, E1).grow(1).links, at)
        store.accept(Epoch(node, E2).grow(1).links, at)
    assert [one.node for one in store.alarms()] == ["n2", "n1"]
    assert [one.node for one in store.alarms("n1")] == ["n1"]
    assert [one.node for one in store.alarms(limit=1)] == ["n2"]
    assert known(store).alarms == 1


def test_a_head_of_a_node_is_where_its_epoch_stands(store: Store) -> None:
    enrol(store, "n1")
    chain = Epoch("n1", E1).grow(3)
    assert store.heads("n1") == []
    store.accept(chain.links, NOW)
    assert store.heads("n1") == [Head(E1, 3, chain.links[-1][2])]
