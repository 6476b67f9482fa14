"""Cards that say who somebody is fill the registration, and lead to whom they are of."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from asking import campaign_with
from flask.testing import FlaskClient
from next_edition import put_in_force

from edge.domain.catalogue import Staff
from edge.journal import views
from edge.journal.entries import entries
from edge.node import Node
from edge.peers.card_issuer import CardHolder, CardIssuer, card_zone, passport_zone
from edge.services import commands
from edge.services.identities import key_check
from edge.web.app import create_app

Find = Callable[[str], Staff]
KEY = bytes(range(32))
IDENTITIES = f"""\
key: {key_check(KEY)}
types:
- {{type: in.gov.uidai.secureqr, name: Aadhaar card, read_by: aadhaar-qr, kept: keyed, shown: last_four}}
- {{type: org.mosip.uin, name: MOSIP number, read_by: claim169}}
- {{type: demo.passport, name: Passport, read_by: passport, issued_by: UTO}}
- {{type: demo.card, name: Identity card, read_by: id-card, issued_by: UTO}}
"""
HOLDER = CardHolder("Eriksson", "Anna Maria", date(1974, 8, 12), "F", "391859243812")
UNTIL = date(2032, 4, 15)


@pytest.fixture(scope="module")
def issuer() -> CardIssuer:
    return CardIssuer()


@pytest.fixture
def asked(node: Node, tmp_path: Path, issuer: CardIssuer) -> Node:
    """Give a site whose campaign asks for cards, and that trusts who hands them out."""
    node.site.identities._key = KEY
    node.lists.put_trust("cards", issuer.trusted(), node.clock.now())
    put_in_force(node, campaign_with(tmp_path / "identities", identities=IDENTITIES))
    return node


@pytest.fixture
def client(asked: Node) -> FlaskClient:
    client = create_app(asked.backend()).test_client()
    client.post("/sign-in", data={"code": "V1", "pin": "2468"})
    return client


def fields(page: str) -> dict[str, str]:
    """Give what the registration form of a page is filled with."""
    found = dict(re.findall(r'<input name="(\w+)"[^>]*? value="([^"]*)"', page))
    found |= dict(re.findall(r'name="(gender)" value="(\w+)" required checked', page))
    return found | dict(re.findall(r'name="(identityType)" value="([^"]+)" checked', page))


def take(client: FlaskClient, page: str, **more: str) -> str:
    """Send the form of a page as it stands; give where it leads."""
    number = re.search(r'name="id" value="([^"]+)"', page)
    assert number
    told = {"id": number[1], **fields(page), **more}
    answer = client.post("/register", data=told)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def zones(holder: CardHolder) -> dict[str, str]:
    short = replace(holder, number="L898902C3")
    return {
        "demo.passport": passport_zone(short, "UTO", UNTIL),
        "demo.card": card_zone(holder, "UTO", UNTIL),
    }


@pytest.mark.parametrize("type_", ["demo.passport", "demo.card"])
def test_lines_that_a_machine_reads_fill_the_form_and_lead_to_the_person_from_then_on(
    asked: Node, client: FlaskClient, type_: str
) -> None:
    zone = zones(HOLDER)[type_]
    page = client.post("/register", data={"do": "card", "card": zone}).text
    told = fields(page)
    assert (told["name"], told["birthDate"], told["gender"]) == (
        "Anna Maria Eriksson",
        "1974-08-12",
        "Female",
    )
    assert told["identityType"] == type_
    assert "Nobody signed these lines" in page
    where = take(client, page)
    assert client.post("/", data={"q": zone.replace("\n", "")}).headers["Location"] == where
    assert client.post("/", data={"q": told["identityNumber"]}).headers["Location"] == where


def test_the_slip_in_a_zone_is_named_on_the_page(client: FlaskClient) -> None:
    zone = zones(HOLDER)["demo.passport"].replace("L898902C3", "L8989O2C3")
    answer = client.post("/register", data={"do": "card", "card": zone})
    assert answer.status_code in (400, 409, 422)
    assert "The check digit of the document&#39;s number does not fit." in answer.text
    assert "with 0 it fits" in answer.text
    assert "L8989O2C3" in answer.text  # what was typed stays, to be mended


def test_mosips_code_fills_the_form_and_is_found_again(
    asked: Node, client: FlaskClient, issuer: CardIssuer
) -> None:
    code = issuer.claim169(HOLDER, asked.clock.today())
    page = client.post("/", data={"q": code}).text
    told = fields(page)
    assert (told["name"], told["identityType"]) == ("Anna Maria Eriksson", "org.mosip.uin")
    assert "Verified." in page
    where = take(client, page)
    assert client.post("/", data={"q": code}).headers["Location"] == where
    assert client.post("/", data={"q": "3918 5924 3812"}).headers["Location"] == where


def test_a_card_without_a_number_leads_to_nobody_whose_name_and_birth_it_has(
    asked: Node, client: FlaskClient, issuer: CardIssuer
) -> None:
    """A birth and a word of a name are no proof: whoever is alike is asked about instead."""
    told = {"name": "Anna Lindqvist", "gender": "Female", "birthDate": "1974-08-12"}
    page = client.get("/register").text
    take(client, page, **told)
    text = issuer.claim169(replace(HOLDER, number=""), asked.clock.today())
    answer = client.post("/", data={"q": text})
    assert answer.status_code == 200, answer.headers.get("Location")
    assert "Anna Lindqvist" not in answer.text


def test_a_card_of_somebody_born_tomorrow_leaves_the_birth_to_be_typed(
    asked: Node, client: FlaskClient, issuer: CardIssuer
) -> None:
    tomorrow = asked.clock.today() + timedelta(days=1)
    long = replace(HOLDER, born=tomorrow, given="Ng " * 60)
    page = client.post("/", data={"q": issuer.claim169(long, asked.clock.today())}).text
    filled = fields(page)
    assert (filled["birthDate"], filled["name"]) == ("", "")
    assert (filled["gender"], filled["identityNumber"]) == ("Female", HOLDER.number)


def test_of_an_aadhaar_card_the_last_four_and_a_digest_are_kept_and_nothing_else(
    asked: Node, client: FlaskClient, issuer: CardIssuer
) -> None:
    code = issuer.aadhaar(HOLDER)
    page = client.post("/register", data={"do": "card", "card": code}).text
    told = fields(page)
    assert (told["name"], told["birthDate"], told["gender"]) == (
        "Anna Maria Eriksson",
        "1974-08-12",
        "Female",
    )
    where = take(client, page)
    with asked.journal.reading() as db:
        person = views.person(db, where.rpartition("/")[2])
        kept = "".join(str(entry.document) for entry in entries(db))
    assert person is not None
    assert re.fullmatch(r"did:in\.gov\.uidai\.secureqr:keyed\.[a-z2-7]{26}\.3812", person.identity)
    assert told["identityNumber"] not in kept
    assert HOLDER.number not in kept
    assert client.post("/", data={"q": code}).headers["Location"] == where
    assert "XXXX 3812" in client.get(where).text


@pytest.mark.parametrize("mood", ["changed", "stranger"])
@pytest.mark.parametrize("kind", ["aadhaar", "claim169"])
def test_a_card_that_was_changed_or_that_a_stranger_made_fills_nothing(
    asked: Node, client: FlaskClient, issuer: CardIssuer, mood: Any, kind: str
) -> None:
    text = {
        "aadhaar": lambda: issuer.aadhaar(HOLDER, mood),
        "claim169": lambda: issuer.claim169(HOLDER, asked.clock.today(), mood),
    }[kind]()
    answer = client.post("/register", data={"do": "card", "card": text})
    assert answer.status_code in (400, 409, 422)
    assert "Eriksson" not in answer.text.replace(text, "")
    assert "The signature is wrong" in answer.text
    assert "INVALID" in client.post("/", data={"q": text}).text


def test_a_card_of_an_issuer_whom_the_site_does_not_know_says_so(
    node: Node, tmp_path: Path, issuer: CardIssuer
) -> None:
    put_in_force(node, campaign_with(tmp_path / "identities", identities=IDENTITIES))
    verdict = node.verify(issuer.aadhaar(HOLDER).encode())
    assert (verdict.verdict, verdict.format) == ("unknown-issuer", "aadhaar-qr")


def test_a_number_can_be_checked_before_anything_is_saved(asked: Node, client: FlaskClient) -> None:
    number = {"do": "check", "identityType": "demo.passport", "identityNumber": "L898902C3"}
    page = client.post("/register", data=number).text
    assert "This number can be, and nobody here has it." in page
    wrong = client.post("/register", data={**number, "identityNumber": "12"})
    assert "does not look like a number" in wrong.text
    empty = client.post("/register", data={**number, "identityNumber": ""})
    assert "There is no number to check." in empty.text
    take(client, page, name="Anna Eriksson", birthYear="1974", gender="Female")
    page = client.post("/register", data=number).text
    assert "Somebody with this number is here already:" in page
    assert "Anna Eriksson" in page


def test_a_number_that_may_be_of_several_kinds_is_asked_about_and_found_in_any_spelling(
    asked: Node, client: FlaskClient, staff: Find
) -> None:
    told = {"identityNumber": "UTO-L898902C3", "do": "check"}
    assert "Nothing says what kind of number this is." in client.post("/register", data=told).text
    asked.desk.take(
        asked.site.ids.new(),
        commands.RegisterPerson(name="Rosa Lima", gender="Female", birth_year=1990,
                                identity="did:demo.passport:UTO L898902C3", different_person=True),
        staff("V1"),
    )  # fmt: skip
    page = client.post("/", data={"q": "uto-l898902c3"})
    assert page.status_code in (302, 303)


def test_a_key_that_another_nation_signs_with_vouches_for_no_aadhaar_card(
    node: Node, tmp_path: Path, issuer: CardIssuer
) -> None:
    put_in_force(node, campaign_with(tmp_path / "identities", identities=IDENTITIES))
    (key,) = [known for known in issuer.trusted() if "uidai" in known.names]
    for names, country, verdict in (
        (("did:web:other",), "XD", "unknown-issuer"), (("x",), "IN", "valid"),
    ):  # fmt: skip
        node.lists.put_trust(
            "cards", [replace(key, names=names, country=country)], node.clock.now()
        )
        assert node.verify(issuer.aadhaar(HOLDER).encode()).verdict == verdict
