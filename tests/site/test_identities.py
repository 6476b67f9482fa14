"""Numbers that people are known by: checked and kept as the campaign says."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from asking import campaign_with
from next_edition import put_in_force
from numbered import AADHAAR, asking_for_numbers, recorded, register
from sqlite_utils import Database

from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput, EdgeError, Refusal, Unavailable
from edge.journal import views
from edge.journal.entries import entries
from edge.journal.schema import MIGRATIONS, migrate
from edge.node import Node
from edge.plugins.identity.contract import CardFacts, ShownCard, TypedNumber
from edge.services import commands
from edge.web.app import create_app
from sync.protocol.identities import plain_identity

Find = Callable[[str], Staff]


@pytest.fixture
def asked(node: Node, tmp_path: Path) -> Node:
    return asking_for_numbers(node, tmp_path)


def correct(node: Node, who: Staff, person: str, identity: str) -> None:
    asked = commands.CorrectPerson(person=person, identity=identity, reason="typed anew")
    node.desk.take(node.site.ids.new(), asked, who)


@pytest.mark.parametrize(
    "spelled",
    [
        "2341 2341 2346",
        "2341-2341-2346",
        "२३४१ २३४१ २३४६",
        "٢٣٤١٢٣٤١٢٣٤٦",
        "2341\u20112341\u20112346",
    ],
)
def test_the_same_number_in_another_spelling_is_the_same_person(
    asked: Node, staff: Find, spelled: str
) -> None:
    register(asked, staff("V1"), f"did:in.gov.uidai.aadhaar:{AADHAAR}")
    with pytest.raises(Refusal, match="already registered"):
        register(asked, staff("V1"), f"did:in.gov.uidai.aadhaar:{spelled}", "Somebody Else")


def test_a_number_that_is_kept_as_keyed_is_nowhere_in_the_journal(asked: Node, staff: Find) -> None:
    id_ = register(asked, staff("V1"), f"did:in.gov.uidai.aadhaar:{AADHAAR}")
    kept = recorded(asked, id_)
    assert re.fullmatch(r"did:in\.gov\.uidai\.aadhaar:keyed\.[a-z2-7]{26}\.2346", kept)
    with asked.journal.reading() as db:
        told = [str(entry.document) for entry in entries(db)]
    assert not any(AADHAAR in text for text in told)
    assert kept in "".join(told)


def test_a_number_kept_whole_before_the_campaign_hid_it_is_known_again(
    node: Node, staff: Find, tmp_path: Path
) -> None:
    number = "did:in.gov.uidai.aadhaar:2341 2341 2346"
    rosa = register(node, staff("V1"), number)
    asked = asking_for_numbers(node, tmp_path)
    with pytest.raises(Refusal, match="already registered"):
        register(asked, staff("V1"), f"did:in.gov.uidai.aadhaar:{AADHAAR}", "Somebody Else")
    other = register(asked, staff("V1"), "did:demo.id:79927398713", "Somebody Else")
    with pytest.raises(Refusal, match="already registered"):
        correct(asked, staff("S1"), other, number)
    client = create_app(asked.backend()).test_client()
    client.post("/sign-in", data={"code": "V1", "pin": "2468"})
    typed = {"do": "check", "identityType": "in.gov.uidai.aadhaar", "identityNumber": AADHAAR}
    assert "Rosa Lima" in client.post("/register", data=typed).text
    correct(asked, staff("S1"), rosa, number)
    assert "keyed" in recorded(asked, rosa)
    with pytest.raises(Refusal, match="already registered"):
        register(asked, staff("V1"), number, "Somebody Else")


def test_a_slip_of_the_pen_is_named_and_the_number_is_not_repeated(
    asked: Node, staff: Find
) -> None:
    with pytest.raises(BadInput, match="check digit does not fit") as caught:
        register(asked, staff("V1"), "did:in.gov.uidai.aadhaar:2341 2341 2364")
    assert caught.value.field == "identity"
    assert "2341" not in str(caught.value) + str(caught.value.values) + caught.value.hint
    with pytest.raises(BadInput, match="does not look like: Birth registration number"):
        register(asked, staff("V1"), "did:demo.birth:123456")


def test_a_site_without_the_key_goes_on_without_such_numbers(asked: Node, staff: Find) -> None:
    asked.site.identities._key = bytes(32)
    with pytest.raises(Unavailable, match="does not have the key"):
        register(asked, staff("V1"), f"did:in.gov.uidai.aadhaar:{AADHAAR}", birth_year=2020)
    assert register(asked, staff("V1"), "", birth_year=2020)


def test_whoever_is_of_an_age_is_asked_for_a_number_or_says_that_there_is_none(
    asked: Node, staff: Find
) -> None:
    with pytest.raises(Refusal, match="from 18 years on: National number") as caught:
        register(asked, staff("V1"), "")
    assert caught.value.code == "person.identity-needed"
    id_ = register(asked, staff("V1"), "did:none:")
    with asked.journal.reading() as db:
        person = views.person(db, id_)
    assert person is not None
    assert person.identity == f"did:none:{person.code}"
    assert (
        recorded(asked, register(asked, staff("V1"), "did:none:", "Omar Diallo")) != person.identity
    )


def test_a_plug_in_that_fails_does_not_hold_up_a_registration(asked: Node, staff: Find) -> None:
    class Broken:
        needs: frozenset[Any] = frozenset()
        reads_cards = False

        def read(self, typed: TypedNumber) -> str:
            raise ZeroDivisionError(typed.text)

    reader = asked.site.identities._readers["luhn"]
    object.__setattr__(reader, "type", Broken())
    id_ = register(asked, staff("V1"), "did:demo.id:7992 7398 713")
    assert recorded(asked, id_) == "did:demo.id:79927398713"
    with pytest.raises(Refusal, match="already registered"):
        register(asked, staff("V1"), "did:demo.id:7992-7398-713", "Somebody Else")
    assert asked.plugins["identity", "luhn"].health.state == "trouble"


def test_a_campaign_that_asks_for_nothing_takes_an_identity_as_before(
    node: Node, staff: Find
) -> None:
    id_ = register(node, staff("V1"), "did:in.gov.passport:a 1234567")
    assert recorded(node, id_) == "did:in.gov.passport:a 1234567"
    with pytest.raises(Refusal, match="already registered"):
        register(node, staff("V1"), "did:IN.gov.passport:A1234567", "Somebody Else")
    with pytest.raises(EdgeError, match="must have the form"):
        register(node, staff("V1"), "A1234567", "Somebody Else")


def test_a_plug_in_is_told_the_number_and_nothing_else_of_a_person(
    asked: Node, staff: Find
) -> None:
    told: list[str] = []

    class Recording:
        needs: frozenset[Any] = frozenset()
        reads_cards = True

        def read(self, typed: TypedNumber) -> str:
            told.append(str({name: getattr(typed, name) for name in typed.__dataclass_fields__}))
            return "79927398713"

        def scan(self, shown: ShownCard) -> CardFacts | None:
            told.append(str({name: getattr(shown, name) for name in shown.__dataclass_fields__}))
            return None

    for reader in asked.site.identities._readers.values():
        object.__setattr__(reader, "type", Recording())
    client = create_app(asked.backend()).test_client()
    client.post("/sign-in", data={"code": "V1", "pin": "2468"})
    address = {
        key: f"CANARY-{key}"
        for key in ("addressLine1", "addressLine2", "district", "state", "pincode")
    }
    document = {
        "type": "RegisterPerson", "name": "CANARY-name", "gender": "Other", "birthDate": "1987-06-05",
        "identity": "did:demo.id:ALLOWED-1", "nationality": "CANARY-nation", "phone": "+254799999999",
        "email": "canary@example.org", "passportName": "CANARY, PASSPORT", "address": address,
        "guardian": {"relation": "mother", "name": "CANARY-mother", "phone": "+254788888888"},
    }  # fmt: skip
    id_ = asked.site.ids.new()
    assert client.put(f"/api/v1/entries/{id_}", json=document).status_code in (200, 201)
    client.post("/", data={"q": "ALLOWED-1"})
    client.post(f"/api/v1/people/{id_}", json={})
    assert any("ALLOWED-1" in text for text in told)
    everything = "".join(told)
    for canary in ("CANARY", "canary", "1987", "2547", id_):
        assert canary not in everything, canary


def test_a_pattern_without_an_end_refuses_the_number_and_holds_nobody_up(
    node: Node, staff: Find, tmp_path: Path
) -> None:
    rules = "types: [{type: demo.odd, name: Odd number, pattern: '(A+)+B', example: AAB}]\n"
    put_in_force(node, campaign_with(tmp_path / "odd", identities=rules))
    with pytest.raises(BadInput, match="does not look like: Odd number"):
        register(node, staff("V1"), f"did:demo.odd:{'A' * 40}")
    assert register(node, staff("V1"), "did:demo.odd:AAB")


@pytest.mark.parametrize("answer", ["1:2", "a b", None, 7, "A" * 90, "x\n", ""])
def test_an_answer_that_no_did_may_have_is_a_fault_of_the_plug_in(
    asked: Node, staff: Find, answer: Any
) -> None:
    class Odd:
        needs: frozenset[Any] = frozenset()
        reads_cards = False

        def read(self, typed: TypedNumber) -> Any:
            return answer

    object.__setattr__(asked.site.identities._readers["luhn"], "type", Odd())
    assert asked.site.identities.kept("did:demo.id:7992 7398 713") == "did:demo.id:79927398713"
    assert asked.plugins["identity", "luhn"].health.state == "trouble"
    client = create_app(asked.backend()).test_client()
    client.post("/sign-in", data={"code": "V1", "pin": "2468"})
    number = {"do": "check", "identityType": "demo.id", "identityNumber": "7992 7398 713"}
    assert (
        "What checks it does not work at the moment." in client.post("/register", data=number).text
    )


@pytest.mark.parametrize(
    "answer",
    [
        {"number": "79927398713"},
        CardFacts(number=""),
        CardFacts(number="7992 7398 713"),
        CardFacts(number="79927398713", birth=date(1990, 2, 3)),  # type: ignore[arg-type]
        CardFacts(number="79927398713", name=None),  # type: ignore[arg-type]
    ],
)
def test_facts_that_no_registration_can_be_filled_with_are_a_fault_of_the_plug_in(
    asked: Node, answer: Any
) -> None:
    class Odd:
        needs: frozenset[Any] = frozenset()
        reads_cards = True

        def scan(self, shown: ShownCard) -> Any:
            return answer

    object.__setattr__(asked.site.identities._readers["luhn"], "type", Odd())
    client = create_app(asked.backend()).test_client()
    client.post("/sign-in", data={"code": "V1", "pin": "2468"})
    shown = client.post("/register", data={"do": "card", "card": "A card of some country. " * 4})
    assert "This is no card that the campaign asks for." in shown.text
    assert asked.plugins["identity", "luhn"].health.state == "trouble"


def test_a_plug_in_that_cannot_even_say_whether_it_reads_cards_holds_up_no_search(
    asked: Node,
) -> None:
    object.__setattr__(asked.site.identities._readers["luhn"], "type", object())
    client = create_app(asked.backend()).test_client()
    client.post("/sign-in", data={"code": "V1", "pin": "2468"})
    assert client.post("/", data={"q": "A card of some country. " * 4}).status_code == 200
    assert asked.plugins["identity", "luhn"].health.state == "trouble"


@pytest.mark.parametrize(
    "written", ["did:in.gov.passport:a 123-4567", "did:web:id.demoland.example:9/000.001", ""]
)
def test_a_journal_of_before_compares_identities_as_a_new_one_does(written: str) -> None:
    db = Database(":memory:")
    now = datetime(2026, 11, 30, tzinfo=UTC)
    before = [step for step in MIGRATIONS if step.number < 28]
    migrate(db, now, before)
    db.execute(
        "INSERT INTO person (id, code, name, gender, identity, nationality, phone, email, address,"
        " source, programme, registered_at, kept, position)"
        " VALUES ('p', 'c', 'n', 'Other', ?, '', '', '', '{}', 'walk-in', '', '', 'p', 1)",
        (written,),
    )
    migrate(db, now)
    assert db.execute("SELECT identity_key FROM person").fetchone() == (plain_identity(written),)
