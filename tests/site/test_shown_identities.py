"""Of a number pages, answers and paper show what the campaign lets be seen."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from asking import campaign_with
from next_edition import put_in_force
from numbered import AADHAAR, asking_for_numbers, recorded, register

from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput, Refusal
from edge.journal import views
from edge.journal.entries import entries
from edge.node import Node
from edge.services import commands
from edge.slips.speech import Speech
from edge.slips.values import person_values
from edge.web.app import create_app

Find = Callable[[str], Staff]


@pytest.fixture
def asked(node: Node, tmp_path: Path) -> Node:
    return asking_for_numbers(node, tmp_path)


def test_a_correction_takes_the_number_typed_anew_and_the_answers_show_its_end(
    asked: Node, staff: Find
) -> None:
    id_ = register(asked, staff("V1"), "did:none:")
    client = create_app(asked.backend()).test_client()
    client.post("/sign-in", data={"code": "V1", "pin": "2468"})
    page = client.get(f"/people/{id_}/correct").text
    form = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    told = {**form, "name": "Rosa Lima", "gender": "Female", "birthYear": "1990", "reason": "seen"}
    number = {"identityType": "demo.id", "identityNumber": "7992 7398 713"}
    answer = client.post(f"/people/{id_}/correct", data={**told, **number})
    assert answer.status_code == 303, answer.text
    assert recorded(asked, id_) == "did:demo.id:79927398713"
    page = client.get(f"/people/{id_}").text
    assert "National number" in page
    assert "XXXX 8713" in page
    assert "79927398713" not in page + client.get(f"/people/{id_}/correct").text
    found = client.get(f"/api/v1/people/{id_}").json
    assert found is not None
    assert found["person"]["identity"] == "did:demo.id:XXXX8713"


def test_a_number_that_was_taken_unchecked_and_fails_its_check_is_named_on_the_persons_page(
    asked: Node, staff: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = ("79927398713", "79927398719")  # by Luhn the first is right, the second is not
    with monkeypatch.context() as off:
        off.setattr(asked.site.identities, "_readers", {})
        right, wrong = (
            register(asked, staff("V1"), f"did:demo.id:{number}", f"Rosa {number[-1]}")
            for number in numbers
        )
        client = create_app(asked.backend()).test_client()
        client.post("/sign-in", data={"code": "V1", "pin": "2468"})
        said = "does not pass the check of its kind"
        assert said not in client.get(f"/people/{wrong}").text  # nobody can say so now
    hidden = register(asked, staff("V1"), f"did:in.gov.uidai.aadhaar:{AADHAAR}", "Rosa Hidden")
    nobodys = register(asked, staff("V1"), "did:none:", "Rosa Without")
    shown = [said in client.get(f"/people/{id_}").text for id_ in (right, wrong, hidden, nobodys)]
    assert shown == [False, True, False, False]


def test_a_telephone_of_another_country_passes_its_check_as_it_is_kept(
    node: Node, tmp_path: Path
) -> None:
    telephones = "types:\n- {type: demo.phone, name: Telephone, read_by: phone}\n"
    put_in_force(node, campaign_with(tmp_path / "telephones", identities=telephones))
    kept = node.site.identities.kept("did:demo.phone:+49 1511 2345678")
    assert kept == "did:demo.phone:4915112345678"
    assert not node.site.identities.fails_check(kept)
    assert node.site.identities.fails_check("did:demo.phone:12")


def test_what_a_page_shows_of_a_number_is_not_taken_for_the_number(
    asked: Node, staff: Find
) -> None:
    id_ = register(asked, staff("V1"), "did:demo.id:79927398713")
    client = create_app(asked.backend()).test_client()
    client.post("/sign-in", data={"code": "V1", "pin": "2468"})
    shown = client.get(f"/api/v1/people/{id_}").json
    assert shown is not None
    told = {"type": "CorrectPerson", "person": id_, "reason": "Sent back as it came",
            "identity": shown["person"]["identity"]}  # fmt: skip
    answer = client.put(f"/api/v1/entries/{asked.site.ids.new()}", json=told)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["code"] == "identity.masked"
    forged = f"did:demo.id:keyed.{'a' * 26}.8713"
    with pytest.raises(BadInput):
        asked.site.identities.kept(forged)


def test_a_number_is_taken_away_by_who_may_be_without_and_none_becomes_the_persons_code(
    asked: Node, staff: Find
) -> None:
    def correct(id_: str, identity: str) -> None:
        told = commands.CorrectPerson(person=id_, reason="Looked again", identity=identity)
        asked.desk.take(asked.site.ids.new(), told, staff("V1"))

    adult = register(asked, staff("V1"), "did:demo.id:79927398713")
    with pytest.raises(Refusal, match="asks for a number of everybody"):
        correct(adult, "")
    correct(adult, "did:none:")
    with asked.journal.reading() as db:
        person = views.person(db, adult)
    assert person is not None
    assert person.identity == f"did:none:{person.code}"
    child = register(asked, staff("V1"), "did:demo.birth:DL-123456", "Ines Sy", birth_year=2020)
    correct(child, "")
    assert recorded(asked, child) == ""


@pytest.mark.parametrize(
    ("identity", "named"),
    [("did:demo.id:79927398713", False), (f"did:in.gov.uidai.aadhaar:{AADHAAR}", False),
     ("did:demo.birth:DL-123456", True)],
)  # fmt: skip
def test_a_certificate_names_a_number_only_where_it_is_shown_whole(
    asked: Node, staff: Find, identity: str, named: bool
) -> None:
    id_ = register(asked, staff("V1"), identity)
    given = commands.GiveDose(
        person=id_, programme="covid-19", vaccine="coviprotect", lot="CP2611A"
    )
    asked.desk.take(asked.site.ids.new(), given, staff("V1"))
    with asked.journal.reading() as db:
        person = views.person(db, id_)
        (issued,) = [one for one in entries(db) if one.type == "CertificateIssued"]
    assert person is not None
    (divoc,) = [one["credential"] for one in issued.body["credentials"] if one["format"] == "divoc"]
    subject = json.loads(divoc)["credentialSubject"]["id"]
    assert subject == (identity if named else f"{asked.issuer().did}:{person.code}")
    number = identity.rpartition(":")[2]
    assert (number in str(issued.body)) == named


@pytest.mark.parametrize(
    ("identity", "told"),
    [("did:demo.id:79927398713", ("XXXX 8713", "National number")),
     (f"did:in.gov.uidai.aadhaar:{AADHAAR}", ("XXXX 2346", "Aadhaar number")),
     ("did:demo.birth:DL-123456", ("DL-123456", "Birth registration number"))],
)  # fmt: skip
def test_a_slip_has_of_a_number_what_the_campaign_lets_be_seen(
    asked: Node, staff: Find, identity: str, told: tuple[str, str]
) -> None:
    id_ = register(asked, staff("V1"), identity)
    with asked.journal.reading() as db:
        person = views.person(db, id_)
    assert person is not None
    found = person_values(person, asked.clock.today(), Speech(str), asked.site.identities.rules())
    assert (found["identity"], found["identity_kind"]) == told


def test_a_program_reads_which_numbers_are_asked_for(asked: Node) -> None:
    client = create_app(asked.backend()).test_client()
    client.post("/sign-in", data={"code": "V1", "pin": "2468"})
    answer = client.get("/api/v1/catalogue").json
    assert answer is not None
    first, _, national, none = answer["identities"]
    assert first == {
        "type": "in.gov.uidai.aadhaar",
        "words": "Aadhaar number",
        "kept": "keyed",
        "shown": "last_four",
    }
    assert (national["neededFrom"], none["type"]) == (18, "none")
