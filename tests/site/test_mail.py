"""Letters of the nation: taken once, in one step, and kept when nobody here knows what they mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from memory_journal import NODE, Chain, Line, follower, open_registry

from edge.node import Node
from edge.services.registry.inbox import SiteInbox, take_verdict
from sync.protocol.entries import canonical
from sync.registry.store.records import NATION

BODY = {"entry": "e-1", "state": "rejected", "field": "lot", "sentence": "No such lot."}


@pytest.fixture
def world(tmp_path: Path, node: Node) -> Any:
    store, client = open_registry(tmp_path / "registry.db")
    chain = Chain()
    chain.open("00000000000000e1")
    chain.append(1)
    inbox = SiteInbox(node.journal, {"verdict": take_verdict})
    yield chain, Line(client), store, inbox, node
    store.close()


def post(store: Any, feed: str, kind: str, body: dict[str, Any], id_: str) -> None:
    store.post(feed, kind, id_, canonical(body).decode(), "2026-11-24T12:00:00.000Z")


def rows(node: Node, sql: str) -> list[Any]:
    with node.journal.reading() as db:
        return db.execute(sql).fetchall()


def test_letters_of_both_feeds_are_taken_once(world: Any) -> None:
    chain, line, store, inbox, node = world
    for number in range(450):
        post(store, NATION, "news", {"number": number}, f"n{number}")
    post(store, NODE, "verdict", BODY, "v1")
    follow = follower(chain, line, inbox)
    assert follow.run().letters == 451
    assert follow.run().letters == 0
    assert rows(node, "SELECT count(*), max(number) FROM letter WHERE feed = 'nation'") == [
        (450, 450)
    ]
    assert rows(node, "SELECT entry, state, field FROM attention") == [("e-1", "rejected", "lot")]


def test_a_verdict_that_was_settled_needs_no_attention_any_more(world: Any) -> None:
    chain, line, store, inbox, node = world
    post(store, NODE, "verdict", BODY, "v1")
    post(store, NODE, "verdict", {**BODY, "state": "superseded"}, "v2")
    follower(chain, line, inbox).run()
    assert rows(node, "SELECT count(*) FROM attention") == [(0,)]


@pytest.mark.slow
def test_a_feed_that_was_restored_from_a_backup_is_read_again(world: Any, tmp_path: Path) -> None:
    chain, line, store, inbox, node = world
    for number in range(3):
        post(store, NATION, "news", {"number": number}, f"n{number}")
    follower(chain, line, inbox).run()
    restored, client = open_registry(tmp_path / "restored.db")
    for number in range(3):
        post(restored, NATION, "news", {"other": number}, f"m{number}")
    line.client = client
    assert follower(chain, line, inbox).run().letters == 3
    assert rows(node, "SELECT body FROM letter ORDER BY number") == [
        (f'{{"other": {number}}}',) for number in range(3)
    ]
    restored.close()


def test_letters_that_older_software_kept_are_taken_by_newer_in_their_order(world: Any) -> None:
    chain, line, store, older, node = world
    for number in (3, 1, 2):
        post(store, NODE, "task", {"number": number}, f"t{number}")
    post(store, NODE, "news", {}, "n")
    follower(chain, line, older).run()
    done: list[tuple[str, int]] = []
    newer = SiteInbox(
        node.journal, {"task": lambda _, letter: done.append((letter.id, letter.body["number"]))}
    )
    for _ in range(2):
        newer.again()
    assert done == [("t3", 3), ("t1", 1), ("t2", 2)]
    assert rows(node, "SELECT id, kind FROM letter") == [("n", "news")]


def test_a_letter_that_fails_in_the_middle_is_still_kept(world: Any) -> None:
    chain, line, store, older, node = world
    post(store, NODE, "task", {}, "t")
    follower(chain, line, older).run()

    def fails(unit: Any, letter: Any) -> None:
        unit.db.execute("DELETE FROM letter")
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        SiteInbox(node.journal, {"task": fails}).again()
    assert rows(node, "SELECT id FROM letter") == [("t",)]


def test_letters_that_the_registry_did_not_sign_are_not_taken(world: Any) -> None:
    chain, line, store, inbox, node = world
    post(store, NODE, "verdict", BODY, "v1")

    def forged(what: str, answer: Any) -> Any:
        if what == "letters" and "letters" in answer:
            answer["letters"][0]["body"]["state"] = "superseded"
        return answer

    line.fault = forged
    assert follower(chain, line, inbox).run().code == "letters.signature"
    assert rows(node, "SELECT count(*) FROM mail") == [(0,)]
