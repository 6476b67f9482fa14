"""Who asks: a node's questions prove that they are its own, and a stranger's change nothing."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from places import person
from senders import EPOCH, NOON, Centre, Sender, letters_question, state_question

from sync.protocol import frames
from sync.protocol.entries import canonical
from sync.protocol.questions import sign_question
from sync.registry.registry import Limits
from sync.registry.store.interface import Store
from sync.registry.store.records import NATION


class World:
    def __init__(self, store: Store) -> None:
        self.now = NOON
        self.centre = Centre(store, Limits(passes_a_minute=5), lambda: self.now)
        self.store = store
        self.site, self.other = Sender(self.centre, 3), Sender(self.centre, 4)

    def post(self, feed: str, kind: str, body: Any = None) -> None:
        number = len(self.store.letters(feed, 0, 100))
        text = canonical(body or {"text": "Asha Invented"}).decode()
        self.store.post(feed, kind, f"{feed}{number}", text, "2026-11-24T12:00:00.000Z")

    def letters(self, signed: bool = True, **more: Any) -> Any:
        if signed:
            return self.site.ask("letters", letters_question(**more))
        return self.site.post("letters", frames.pack(letters_question(**more)))

    def told(self) -> tuple[str, int, str]:
        node = self.store.node(self.site.node)
        assert node is not None
        return node.heard_at, node.waiting, node.software


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def kinds(page: Any) -> list[str]:
    return [one["kind"] for one in page["letters"]]


def test_a_question_of_this_version_that_does_not_prove_its_node_is_refused(world: World) -> None:
    for what, document in (("", state_question()), ("letters", letters_question())):
        bare = world.site.post(what, frames.pack(document))
        assert bare["code"] == "question.signature"
        assert world.site.ask(what, document, by=world.other)["code"] == "question.signature"
        kind = "letters" if what == "" else "state"  # signed, but as another question
        signed = sign_question(document, kind, world.site.node, world.site.key)
        assert world.site.post(what, frames.pack(signed))["code"] == "question.signature"
        assert "signature" in world.site.ask(what, document)


def test_only_a_proven_question_says_how_a_site_stands(world: World) -> None:
    never = world.told()
    old = state_question(protocol=2, waiting=9, software="forged")
    assert world.site.post("", frames.pack(old))["receipt"] is None
    assert world.told() == never
    world.site.ask("", state_question())
    assert world.told() == ("2026-11-24T12:00:00.000Z", 5, "1.0")


def test_a_stranger_uses_up_nothing_of_what_a_site_may_ask(world: World) -> None:
    old = frames.pack(state_question(protocol=2))
    codes = [world.site.post("", old).get("code") for _ in range(20)]
    assert codes == [None] * 5 + ["node.pace"] * 15
    assert [world.site.ask("", state_question()).get("code") for _ in range(6)] == [
        *[None] * 5,
        "node.pace",
    ]


def test_letters_about_people_are_for_the_proven_node_only(world: World) -> None:
    world.post(NATION, "recipient")
    for kind in ("verdict", "enrolments", "verdict"):
        world.post(world.site.node, kind)
    behind = {"nation": [1, f"{NATION}0"]}
    page = world.letters(**behind)
    assert kinds(page) == ["verdict", "enrolments", "verdict"]
    assert (page["feed"], page["more"]) == ("own", False)
    page = world.letters(signed=False, protocol=2, **behind)
    assert kinds(page) == ["verdict"]
    assert page["more"] is False  # a site of that version would ask again without end
    cursor = {"own": [1, f"{world.site.node}0"]}
    page = world.letters(signed=False, protocol=2, **behind, **cursor)
    assert (kinds(page), page["more"]) == ([], False)
    assert "Asha" not in json.dumps(page)
    assert kinds(world.letters(**behind, **cursor)) == ["enrolments", "verdict"]


@pytest.mark.parametrize("at", ["2026-11-23T11:59:59.000Z", "2026-11-25T12:00:01.000Z"])
def test_a_question_for_letters_that_was_overheard_is_worth_nothing_after_a_day(
    world: World, at: str
) -> None:
    refused = world.letters(at=at)
    assert (refused["code"], refused["temporary"]) == ("letters.time", True)
    world.now = datetime.fromisoformat(at) + timedelta(hours=23)
    assert "signature" in world.letters(at=at)


@pytest.mark.parametrize("at", ["", "yesterday", None, 5, "2026-11-24", "2026-11-24T12:00:00"])
def test_a_question_for_letters_names_an_instant(world: World, at: Any) -> None:
    assert world.letters(at=at)["code"] == "letters.field"


def test_a_tip_below_the_first_entry_of_a_branch_is_nothing_held(world: World) -> None:
    site = world.site
    site.deliver(person(1), person(2))
    head = world.store.heads(site.node)[0]
    assert site.ask("", state_question(tips=[[EPOCH, 1]]))["receipt"]["number"] == 1
    branch = f"{EPOCH}~{'a' * 8}"
    world.store._run(  # type: ignore[attr-defined]
        "INSERT INTO head (node, epoch, number, hash, parent_epoch, parent_number, judged, at)"
        " VALUES (?, ?, 9, ?, ?, 5, 9, '')",
        *(site.node, branch, "b" * 64, EPOCH),
    )
    receipt = site.ask("", state_question(tips=[[branch, 3], [EPOCH, 2]]))["receipt"]
    assert (receipt["epoch"], receipt["hash"]) == (EPOCH, head.hash)


@pytest.mark.parametrize("field", ["software", "nonce"])
def test_half_a_character_is_refused_in_words(world: World, field: str) -> None:
    text = json.dumps(state_question(**{field: "0123456789\ud800"})).encode()
    answer = world.site.post("", frames.compress(text))
    assert answer["code"] == "entry.not-canonical"
    asked = {"key": "k", "facility": "F", "name": "N", "code": "\ud800"}
    answer = world.centre.client.post("/v1/enrol", data=json.dumps(asked)).get_json()
    assert answer["code"] == "entry.not-canonical"
