"""A question for histories on a stick: signed, counted once, and worth nothing once it is old."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from delivering_nodes import Place, dose, person, uuid
from memory_journal import NODE, NODE_KEY, REGISTRY_KEY, Chain
from sticks import Box, Ticks, read_back, registry_at, take_in, write_out

from sync.protocol.errors import ProtocolError
from sync.protocol.histories import PersonQuery, check_answer, make_question
from sync.protocol.identities import identity_digest
from sync.protocol.proofs import CodeProof, StatedProof
from sync.protocol.questions import sign_question
from sync.registry.carried_questions import answer_carried
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.judging.worker import Judging
from sync.registry.rate_limits import Limits
from sync.registry.registry import Registry
from sync.registry.store.sqlite import SqliteStore

NONCE = "0123456789abcdef"
CODE, WRONG = "7K2M9QX4TB1C", "3N8D5VW6HZ0A"
PERSON, THEIRS = uuid(1), uuid(11)
STATED = StatedProof(identity_digest("did:in:1"), "Some Body", "1990-04-02")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """A registry whose other site has registered somebody with a dose."""
    made = registry_at(tmp_path / "registry.db", Ticks(60))
    place = Place(made.store, "b", "DEMO02")
    place.deliver(person(11, code=CODE), dose(12, 11, facility="DEMO02"))
    Judging(made.store, Schemas(schemas_folder()), lambda: "2026-11-24T12:30:00.000Z").run()
    return made


def question(
    *people: PersonQuery, after: str = "", key: Ed25519PrivateKey = NODE_KEY, kind: str = "history"
) -> dict[str, Any]:
    return sign_question({**make_question(people, NONCE), "after": after}, kind, NODE, key)


def of(proof: CodeProof | StatedProof, id_: str = PERSON) -> PersonQuery:
    return PersonQuery(id_, proof)


def told(registry: Registry, document: Mapping[str, Any]) -> tuple[list[str], dict[str, str]]:
    answer = answer_carried(registry, NODE, document)
    found = check_answer(answer, NODE, NONCE, REGISTRY_KEY.public_key())
    return [one.entry["id"] for one in found.people.get(PERSON, ())], dict(found.refused)


def tries(registry: Registry) -> Sequence[Any]:
    assert isinstance(registry.store, SqliteStore)
    return registry.store._rows("SELECT tries FROM proof_try WHERE who NOT LIKE 'history:%'")


def code_of(registry: Registry, document: Mapping[str, Any]) -> str:
    with pytest.raises(ProtocolError) as refused:
        answer_carried(registry, NODE, document)
    return refused.value.code


def test_a_stick_is_told_what_a_line_is_told(registry: Registry) -> None:
    assert told(registry, question(of(CodeProof(CODE)))) == ([THEIRS, uuid(12)], {})
    assert told(registry, question(of(CodeProof(WRONG)))) == ([], {PERSON: "wrong"})


def test_who_finds_a_stick_asks_nothing_in_the_name_of_its_site(registry: Registry) -> None:
    forged = question(of(CodeProof(CODE)), key=Ed25519PrivateKey.generate())
    other = question(of(CodeProof(CODE)), kind="letters")
    changed = {**question(of(CodeProof(WRONG))), "people": forged["people"]}
    for document in (forged, other, changed, {**changed, "signature": None}):
        assert code_of(registry, document) == "question.signature"
    assert registry.store.audits() == []
    assert tries(registry) == []
    older = {**make_question([of(CodeProof(CODE))], NONCE), "after": "", "protocol": 5}
    assert code_of(registry, sign_question(older, "history", NODE, NODE_KEY)) == "protocol.version"


def test_the_same_question_is_counted_once_and_another_with_its_nonce_again(
    registry: Registry,
) -> None:
    first = question(of(STATED))
    for _ in range(5):
        assert told(registry, first) == ([], {PERSON: "wrong"})
    assert tries(registry) == [(1,), (1,)]
    told(registry, question(of(STATED, THEIRS)))
    assert tries(registry) == [(2,), (2,)]


def test_what_was_refused_for_the_day_is_not_told_by_bringing_the_stick_again(
    registry: Registry,
) -> None:
    bounded = replace(registry, limits=Limits(wrong_proofs_a_day=1))
    right = of(CodeProof(CODE))
    document = question(of(CodeProof(WRONG), uuid(2)), right)
    assert told(bounded, document) == ([], {uuid(2): "wrong", PERSON: "limit"})
    assert told(bounded, document) == ([], {uuid(2): "wrong"})  # nor is it looked up
    assert code_of(replace(registry, limits=Limits(histories_a_day=0)), document) == "history.quota"


def test_a_question_is_worth_nothing_once_one_of_a_later_instant_was_answered(
    registry: Registry,
) -> None:
    early, late = "2026-11-24T12:10:00.000Z", "2026-11-24T12:20:00.000Z"
    old = question(of(CodeProof(CODE)), after=early)
    told(registry, question(of(CodeProof(CODE)), after=late))
    other = question(of(CodeProof(WRONG)), after=late)
    assert told(registry, other) == ([], {PERSON: "wrong"})  # two sticks with one instant
    for document in (old, question(of(CodeProof(CODE)))):
        assert code_of(registry, document) == "question.old"
    for odd in ("2027-11-24T12:00:00.000Z", "soon", None, 5):  # a day to come shuts nobody out
        asked = {**make_question([of(CodeProof(CODE))], NONCE), "after": odd}
        signed = sign_question(asked, "history", NODE, NODE_KEY)
        assert code_of(registry, signed) == "question.old"
    assert told(registry, other) == ([], {PERSON: "wrong"})


def test_a_question_of_no_sense_costs_a_site_nothing_but_its_histories(
    registry: Registry, tmp_path: Path
) -> None:
    chain, box, folder = Chain(), Box(), tmp_path / "stick"
    odd = sign_question({**make_question([], NONCE), "after": ""}, "history", NODE, NODE_KEY)
    write_out(folder, chain, box, history=odd)
    (report,) = take_in(registry, folder)
    assert [one.code for one in report.refused] == ["history.field"]
    assert report.answered
    answer = read_back(folder, chain, box)
    assert answer.histories is None


def test_ends_that_know_nothing_of_it_go_on_as_they_were(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain, box, folder = Chain(), Box(), tmp_path / "stick"
    write_out(folder, chain, box)  # an older site
    take_in(registry, folder)
    assert read_back(folder, chain, box).histories is None
    write_out(folder, chain, box, history=question(of(CodeProof(CODE))))
    take_in(registry, folder)
    answer = read_back(folder, chain, box)
    assert answer.histories is not None
    assert answer.histories[0] == NONCE
    monkeypatch.setattr("sync.registry.sticks.answer_carried", lambda *_: None)  # an older registry
    (report,) = take_in(registry, folder)
    assert (report.answered, report.refused) == (True, [])
    assert read_back(folder, chain, box).histories is None
