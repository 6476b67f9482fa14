"""Who asks: a node's questions prove that they are its own, and a stranger's change nothing."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from delivering_nodes import NOW, person, uuid
from signed_messages import EPOCH, NOON, Centre, Sender, letters_question, state_question

from sync.protocol import frames, keys
from sync.protocol.entries import canonical
from sync.protocol.histories import PersonQuery, ask
from sync.protocol.questions import sign_question
from sync.protocol.versions import NEWEST, OLDEST
from sync.registry.rate_limits import Limits
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

    def letters(self, **more: Any) -> Any:
        return self.site.ask("letters", letters_question(**more))

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


def answers(world: World, version: Any, *, signed: bool) -> dict[str, Any]:
    """Ask everything that a site may ask, in a version; give what is refused, by path."""
    site, told = world.site, {}
    for what, document in (
        ("", state_question(protocol=version, waiting=9, software="forged")),
        ("letters", letters_question(protocol=version)),
    ):
        asked = sign_question(document, what or "state", site.node, site.key)
        told[what] = site.post(what, frames.pack(asked if signed else document))
    people = [PersonQuery(uuid(1), "")]
    question = ask(site.node, site.key, people, "0123456789abcdef", NOW) | {"protocol": version}
    bare = {name: value for name, value in question.items() if name != "signature"}
    signature = {"signature": keys.sign(site.key, bare)} if signed else {}
    told["history"] = site.post("history", frames.pack({**bare, **signature}))
    batch = {"protocol": version, "epoch": EPOCH, "first": 1, "entries": [person(1)]}
    told["batches"] = site.post("batches", frames.pack({**batch, "signature": ""}))
    return told


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("version", [-1, 0, 1, 2, None, True, "3"])
def test_a_version_that_proves_nobody_gets_nothing_but_that_it_is_too_old(
    world: World, version: Any, signed: bool
) -> None:
    world.post(NATION, "campaign", {"campaign": {"staff": [{"name": "Asha", "pin": "$argon2id$"}]}})
    world.post(world.site.node, "enrolments")
    before = world.told()
    for answer in answers(world, version, signed=signed).values():
        assert answer.keys() == {"code", "sentence", "values", "temporary"}
        assert (answer["code"], answer["temporary"]) == ("protocol.version", False)
        assert "The site's software needs an update." in answer["sentence"]
        assert "Asha" not in json.dumps(answer)
    assert world.told() == before
    assert world.store.count(world.site.node) == 0


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_nothing_is_answered_to_an_unsigned_question_of_any_version(
    world: World, version: int
) -> None:
    world.post(NATION, "campaign")
    before = world.told()
    codes = {what: one.get("code") for what, one in answers(world, version, signed=False).items()}
    assert codes == {
        "": "question.signature",
        "letters": "question.signature",
        "history": "history.signature",
        "batches": "batch.hashes",
    }
    assert world.told() == before


def test_only_a_proven_question_says_how_a_site_stands(world: World) -> None:
    world.site.ask("", state_question())
    assert world.told() == ("2026-11-24T12:00:00.000Z", 5, "1.0")


def test_a_stranger_uses_up_nothing_of_what_a_site_may_ask(world: World) -> None:
    for _ in range(20):
        world.site.post("", frames.pack(state_question()))
        world.site.ask("", state_question(), by=world.other)
    assert [world.site.ask("", state_question()).get("code") for _ in range(6)] == [
        *[None] * 5,
        "node.pace",
    ]


def test_the_idle_question_tells_a_stranger_nothing_of_a_site(world: World) -> None:
    """It has no signature: whoever asks with a tag that was never given learns nothing by it."""
    world.post(world.site.node, "enrolments")
    told = set()
    for node in (world.site.node, world.other.node, "nobody"):
        for path in (f"/v1/nodes/{node}?abcdefghijkl", f"/v1/{node}?abcdef"):
            answer = world.centre.client.get(path)
            told.add((answer.status_code, answer.data, str(answer.headers)))
    assert len(told) == 1


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
