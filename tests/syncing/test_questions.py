"""Who asks: a node's questions prove that they are its own, and a stranger's change nothing."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from delivering_nodes import NOW, person, uuid
from memory_journal import REGISTRY_KEY, enrolment
from signed_messages import EPOCH, NOON, Centre, Sender, letters_question, state_question

from sync.protocol import frames, keys
from sync.protocol.entries import canonical
from sync.protocol.errors import ProtocolError
from sync.protocol.histories import PersonQuery, make_question
from sync.protocol.questions import sign_question, told_instant
from sync.protocol.versions import NEWEST, OLDEST, ONCE, PRESENCE
from sync.registry.codes import make_code
from sync.registry.rate_limits import Limits, sender_of
from sync.registry.registry import Registry
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
    question = make_question([PersonQuery(uuid(1))], "0123456789abcdef")
    bare = question | {"protocol": version}
    asked = sign_question(bare, "history", site.node, site.key)
    told["history"] = site.post("history", frames.pack(asked if signed else bare))
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


@pytest.mark.parametrize("version", [OLDEST, ONCE - 1])
def test_what_an_older_site_asks_is_answered_with_whose_update_is_missing(
    world: World, version: int
) -> None:
    before = world.told()
    for what, answer in answers(world, version, signed=True).items():
        if what != "batches":
            assert answer["code"] == "protocol.version"
            assert "The site's software needs an update." in answer["sentence"]
    assert world.told() == before


@pytest.mark.parametrize("version", [ONCE, NEWEST])
def test_nothing_is_answered_to_an_unsigned_question_of_any_version(
    world: World, version: int
) -> None:
    world.post(NATION, "campaign")
    before = world.told()
    codes = {what: one.get("code") for what, one in answers(world, version, signed=False).items()}
    assert codes == {
        "": "question.signature",
        "letters": "question.signature",
        "history": "question.signature" if version >= PRESENCE else "protocol.version",
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
        answer = world.centre.client.get(f"/v1/{node}?abcdef")
        told.add((answer.status_code, answer.data, str(answer.headers)))
    assert len(told) == 1


def questions() -> dict[str, dict[str, Any]]:
    return {
        "": state_question(waiting=7, software="overheard"),
        "letters": letters_question(),
        "history": make_question([PersonQuery(uuid(1))], "0123456789abcdef"),
    }


@pytest.mark.parametrize("what", ["", "letters", "history"])
def test_a_question_is_answered_once_however_soon_it_is_asked_again(
    world: World, what: str
) -> None:
    site = world.site
    world.post(site.node, "enrolments")
    overheard = site.asked(what, site.latest(what, questions()[what]))
    assert "signature" in site.post(what, overheard)
    world.store.note(site.node, 0, "", "2026-11-24T11:00:00.000Z")
    before, audits = world.told(), len(world.store.audits())
    for passed in (0, 1, 3600, 86_400):
        world.now = NOON + timedelta(seconds=passed)
        for _ in range(9):
            refused = site.post(what, overheard)
            assert (refused["code"], refused["temporary"]) == ("question.again", True)
            assert "Asha" not in json.dumps(refused)
    assert (world.told(), len(world.store.audits())) == (before, audits)
    assert "signature" in site.ask("", state_question())  # nothing of what it may ask is used up


@pytest.mark.parametrize("what", ["", "letters", "history"])
@pytest.mark.parametrize("other", ["", "letters", "history"])
def test_a_question_that_was_held_back_is_worth_nothing_once_the_site_has_asked_another(
    world: World, what: str, other: str
) -> None:
    site = world.site
    held_back = site.asked(what, site.latest(what, questions()[what]))
    assert "signature" in site.ask(other, questions()[other])
    world.now += timedelta(seconds=1)
    assert site.post(what, held_back)["code"] == "question.again"


@pytest.mark.parametrize(
    "after",
    [None, 5, "", "yesterday", "2026-11-24", "2026-11-23T11:59:59.999Z", "2026-11-24T12:00:00.500Z",
     "2036-11-24T12:00:00.000Z", "9999-12-31T23:59:59.999Z", "2026-11-24T12:00:00.000", ["x"]],
)  # fmt: skip
def test_only_an_instant_that_the_registry_has_named_within_a_day_is_asked_with(
    world: World, after: Any
) -> None:
    for what, question in questions().items():
        refused = world.site.post(what, world.site.asked(what, {**question, "after": after}))
        assert refused["code"] == "question.again"
        at = refused["values"]["at"]
        assert "signature" in world.site.post(
            what, world.site.asked(what, {**question, "after": at})
        )


def test_a_registry_whose_clock_was_wrong_is_asked_all_the_same(world: World) -> None:
    for year in (2031, 2026, 2020, 2027):
        world.now = NOON.replace(year=year)
        for what, question in questions().items():
            assert "signature" in world.site.ask(what, question)
        world.now += timedelta(days=3)
        assert "signature" in world.site.ask("", state_question())


def test_the_instant_to_ask_with_is_the_registrys_word_to_this_question(world: World) -> None:
    site, key = world.site, world.centre.registry.key.public_key()
    refused = site.post("", site.asked("", state_question()))
    nonce = state_question()["nonce"]
    assert told_instant(refused, nonce, site.node, key) == refused["values"]["at"]
    forged = {**refused, "values": {**refused["values"], "at": "2036-01-01T00:00:00.000Z"}}
    for answer, said, node, by in (
        (forged, nonce, site.node, key),
        (refused, "another1", site.node, key),
        (refused, nonce, world.other.node, key),
        (refused, nonce, site.node, world.other.key.public_key()),
        ({**refused, "values": None}, nonce, site.node, key),
    ):
        with pytest.raises(ProtocolError, match="not signed by the registry"):
            told_instant(answer, said, node, by)
    assert told_instant({"code": "node.pace"}, nonce, site.node, key) == ""


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


def test_a_code_enrols_only_who_proves_the_key(world: World) -> None:
    site, other = world.site, Sender(world.centre, 9, code="")
    asked = {"protocol": NEWEST, "nonce": "0123456789abcdef", "facility": "DEMO01",
             "name": "Riverside", "code": "code"}  # fmt: skip
    for victim in (site, Sender(world.centre, 8, code="")):
        claimed = {**asked, "key": keys.public_text(victim.key.public_key())}
        signed = sign_question(claimed, "enrol", victim.node, other.key)
        for document in (claimed, signed, {**claimed, "signature": "x"}):
            answer = world.centre.client.post("/v1/enrol", json=document).get_json()
            assert answer["code"] == "question.signature"
    assert world.store.node(Sender(world.centre, 8, code="").node) is None


def test_a_site_stays_at_its_facility_and_under_its_name_whoever_has_a_code_of_another(
    world: World,
) -> None:
    site = world.site
    before = world.store.node(site.node)
    refused = site.enrol(facility="DEMO02", name="Elsewhere")
    assert refused["code"] == "enrol.facility"
    assert "Only the registry's office moves a site" in refused["sentence"]
    assert "key" in site.enrol(code="")  # it is in already, and has proven that it is the one
    assert world.store.node(site.node) == before


def test_who_guesses_codes_makes_nobody_else_behind_the_same_address_wait(world: World) -> None:
    code = make_code(world.store, "DEMO01", 14, NOON)
    for _ in range(9):
        guess = Sender(world.centre, 9, code="").enrol(code="AAAA-BBBB-CCCC")
    assert guess["code"] == "enrol.slow"
    assert "key" in Sender(world.centre, 8, code="").enrol(code=code)
    assert "key" in world.site.enrol()


def test_one_code_lets_one_of_two_in_that_come_at_once(store: Store) -> None:
    code = make_code(store, "DEMO01", 14, NOON)
    registry = Registry(store, REGISTRY_KEY, now=lambda: NOON)

    def enrol(seed: int) -> str:
        key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        try:
            return str(registry.enrol(enrolment(code=code, by=key), f"192.0.2.{seed}")["node"])
        except ProtocolError as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(enrol, range(1, 9)))
    assert answers.count("enrol.code") == 7
    assert len(store.nodes()) == 1


def test_a_site_that_sends_a_request_while_it_is_moved_is_not_moved_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry(store, REGISTRY_KEY, frozenset({"code"}), now=lambda: NOON)
    node = registry.enrol(enrolment())["node"]
    once = store.ask_once

    def moved_between(node: str, at: str) -> bool:
        store.move(node, "DEMO09")
        return once(node, at)

    monkeypatch.setattr(store, "ask_once", moved_between)
    asked = enrolment(csr=signing_request("R"), after=NOW, name="Back again")
    with pytest.raises(ProtocolError) as refused:
        registry.enrol(asked)
    assert refused.value.code == "enrol.facility"
    found = store.node(node)
    assert found is not None
    assert (found.facility, found.name) == ("DEMO09", "Riverside")
    assert store.asked_certificate(node) is None


def test_a_site_that_is_stopped_asks_for_no_certificate(store: Store) -> None:
    """A stolen machine would wait for an officer who signs."""
    registry = Registry(store, REGISTRY_KEY, frozenset({"code"}), now=lambda: NOON)
    node = registry.enrol(enrolment())["node"]
    store.set_state(node, "stopped", NOW)
    with pytest.raises(ProtocolError) as refused:
        registry.enrol(enrolment(csr=signing_request("R"), after=NOW))
    assert refused.value.code == "node.stopped"
    assert store.asked_certificate(node) is None


def test_a_line_with_many_addresses_of_ipv6_guesses_as_one() -> None:
    assert sender_of("2001:db8::1") == sender_of("2001:db8::ffff:1") != sender_of("2001:db8:0:1::1")
    assert sender_of("192.0.2.1") != sender_of("192.0.2.2")
    assert sender_of("::ffff:192.0.2.1") != sender_of("::ffff:192.0.2.2")
    assert sender_of("") == ""


def signing_request(name: str) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, SHA256())
    return made.public_bytes(Encoding.PEM).decode()


def test_a_request_for_a_certificate_that_was_overheard_brings_none_back(world: World) -> None:
    site = world.site
    old, new = signing_request("old"), signing_request("new")
    bare = {"protocol": NEWEST, "nonce": "0123456789abcdef", "facility": "DEMO01", "name": "R",
            "code": "code", "key": keys.public_text(site.key.public_key()), "csr": old}  # fmt: skip
    told = sign_question({**bare, "after": NOW}, "enrol", site.node, site.key)
    assert "key" in world.centre.client.post("/v1/enrol", json=told).get_json()
    world.now += timedelta(minutes=1)
    assert "key" in site.enrol(csr=new)
    again = world.centre.client.post("/v1/enrol", json=told).get_json()
    assert again["code"] == "question.again"
    asked = world.store.asked_certificate(site.node)
    assert asked is not None
    assert asked.pem == new
