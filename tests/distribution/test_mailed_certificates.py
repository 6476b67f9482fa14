"""A certificate goes to a mailbox as PDF, once, whatever the mail server does meanwhile."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from channels import PLAN, ChannelOf, surroundings
from desks import of_type, take
from next_edition import put_in_force
from pages import drawn_pages, text_of
from site_factory import demonstration, vouch_for

from edge.domain.errors import Unavailable
from edge.domain.numbers import grouped
from edge.node import Node
from edge.peers.mail_server import MailServer, make_mail_key
from edge.plugins.distribution import email
from edge.services.commands import (
    CorrectPerson,
    GiveDose,
    RecordContactPreference,
    RegisterPerson,
)

CANARIES = {
    "name": "Canarya Newcomer",
    "phone": "+254712345678",
    "identity": "did:passport:CANARY77",
    "nationality": "Canaria",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    key = make_mail_key(tmp_path, now=datetime.now(UTC))
    made = MailServer(key)
    made.ca = str(key.certificate)  # type: ignore[attr-defined]
    yield made
    made.close()


@pytest.fixture
def box(node: Node, server: MailServer, tmp_path: Path) -> ChannelOf:
    options = {
        "host": "localhost",
        "port": server.port,
        "sender": "clinic@riverside.example",
        "ca": server.ca,  # type: ignore[attr-defined]
    }
    made = ChannelOf(node, email.make(options, surroundings("email")), "email")
    made.plan()
    return made


def dosed(node: Node, address: str = "amina@home.example", **more: str) -> str:
    told = RegisterPerson(gender="Female", birth_year=1990, email=address, **{**CANARIES, **more})  # type: ignore[arg-type]
    person = take(node, told)
    (entry,) = [entry for entry in of_type(node, "PersonRegistered") if entry.id == person]
    id_: str = entry.body["person"]["id"]
    take(node, GiveDose(person=id_, programme="covid-19", vaccine="coviprotect", lot="CP2611A"))
    return id_


def attachment(server: MailServer) -> Any:
    """Give the only part that is attached to the only mail that was delivered."""
    (mail,) = server.delivered
    (attached,) = mail.message.iter_attachments()
    return attached


def is_sent_once(server: MailServer, box: ChannelOf, rounds: int, seconds: int) -> bool:
    """Let the server take everything for some rounds; say whether it has one mail then."""
    server.mood = "takes"
    for _ in range(rounds):
        box.run(seconds)
    return len(server.delivered) == 1


def number(node: Node) -> str:
    found: str = of_type(node, "CertificateIssued")[-1].body["certificate"]
    return found


def test_a_dose_brings_its_certificate_to_the_mailbox_as_a_pdf_in_the_persons_language(
    node: Node, server: MailServer, box: ChannelOf, tmp_path: Path
) -> None:
    person = dosed(node)
    take(node, RecordContactPreference(person=person, consent="yes", language="fr"))
    for _ in range(2):
        box.plan()
        box.run(10)
    assert [mail.to for mail in server.delivered] == ["amina@home.example"]
    pdf = attachment(server).get_content()
    text = text_of(pdf, tmp_path)
    for words in ("Nom", "Vaccinateur", CANARIES["name"], grouped(number(node))):
        assert words in text
    (page,) = drawn_pages(pdf, tmp_path, 300)
    assert any(node.site.judge(code.bytes).good for code in zxingcpp.read_barcodes(page))
    assert box.states(person) == [("handed", "")]


def test_a_credential_of_all_doses_goes_to_the_mailbox_as_one_of_one_dose_does(
    node: Node, server: MailServer, box: ChannelOf, tmp_path: Path
) -> None:
    vouch_for(node, tmp_path / "authority")
    body = copy.deepcopy({**demonstration().body, "distribution": PLAN})
    for programme in body["programmes"]:
        programme["certificates"] = {"formats": ["shc-history"]}
    put_in_force(node, replace(demonstration(), body=body))
    person = dosed(node)
    take(node, GiveDose(person=person, programme="yellow-fever", vaccine="amarilia", lot="YF0091"))
    for _ in range(2):
        box.plan()
        box.run(10)
    last = server.delivered[-1].message
    (attached,) = last.iter_attachments()
    (page,) = drawn_pages(attached.get_content(), tmp_path, 300)
    told = [node.site.judge(code.bytes) for code in zxingcpp.read_barcodes(page)]
    assert [[dose["lot"] for dose in found.claims["doses"]] for found in told if found.good] == [
        ["CP2611A", "YF0091"]
    ]


def test_outside_of_the_certificate_a_mail_holds_nothing_of_the_person_but_the_address(
    node: Node, server: MailServer, box: ChannelOf
) -> None:
    person = dosed(node)
    box.plan()
    box.run()
    (mail,) = server.delivered
    body = mail.message.get_body()
    assert body is not None
    seen = f"{mail.message.items()} {body.get_content()}"
    for canary in (*CANARIES.values(), "CANARY77", "712345678", person, number(node), "CP2611A"):
        assert canary not in seen


def test_a_certificate_that_is_issued_while_the_next_message_is_taken_goes_with_its_pdf(
    node: Node, server: MailServer, box: ChannelOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    dosed(node)
    draw = box.sender._drawn

    def then_planned() -> object:
        found = draw()
        box.plan()
        return found

    with monkeypatch.context() as patch:
        patch.setattr(box.sender, "_drawn", then_planned)
        box.run()
    box.run(10)
    assert attachment(server).get_content_type() == "application/pdf"


def test_a_server_that_says_later_for_a_day_costs_no_attempt_and_then_it_goes_out_once(
    node: Node, server: MailServer, box: ChannelOf
) -> None:
    person = dosed(node)
    server.mood = "later"
    box.plan()
    for _ in range(16):
        box.run(5400)
    assert box.states(person) == [("queued", "email.deferred")]
    assert [message.tries for message in box.messages(person)] == [0]
    assert 3 < server.sessions < 12  # and the server is not asked every time
    assert is_sent_once(server, box, 8, 5400)
    assert box.states(person) == [("handed", "")]


def test_an_address_that_the_server_does_not_know_is_said_on_the_persons_page(
    node: Node, server: MailServer, box: ChannelOf
) -> None:
    person = dosed(node)
    server.mood = "unknown-address"
    box.plan()
    box.run()
    (message,) = box.messages(person)
    assert (message.state, message.cause.code) == ("bounced", "email.unknown-address")
    assert "Wrong address" in message.cause.sentence
    assert "amina" not in str(message.cause)


def test_a_line_cut_behind_the_message_leaves_it_unknown_and_it_is_not_sent_again(
    node: Node, server: MailServer, box: ChannelOf
) -> None:
    person = dosed(node)
    server.mood = "silent-end"
    box.plan()
    box.run()
    assert is_sent_once(server, box, 5, 7200)
    assert box.states(person) == [("unknown", "email.cut-off")]


def test_a_corrected_certificate_is_sent_anew_and_of_the_old_one_that_waits_only_a_word_is_left(
    node: Node, server: MailServer, box: ChannelOf, tmp_path: Path
) -> None:
    person = dosed(node)
    box.plan()
    take(node, CorrectPerson(person=person, name="Canarya Correct", reason="Misspelt"))
    box.plan()
    box.run()
    assert "Canarya Correct" in text_of(attachment(server).get_content(), tmp_path)
    assert sorted(box.states(person)) == [("dropped", "message.revoked"), ("handed", "")]


def test_a_certificate_that_cannot_be_drawn_ends_with_the_reason_and_the_next_one_goes(
    node: Node, server: MailServer, box: ChannelOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, other = (
        dosed(node),
        dosed(node, "binta@home.example", identity="", name="Binta Ferrer", phone=""),
    )
    draw = box.sender._pdf
    broken = of_type(node, "CertificateIssued")[-2].body["certificate"]

    def drawn(certificate: str, language: str) -> bytes:
        if certificate == broken:
            raise Unavailable("font.missing", "A font is missing.")
        return draw(certificate, language)

    monkeypatch.setattr(box.sender, "_pdf", drawn)
    box.plan()
    for _ in range(2):
        box.run(10)
    assert box.states(person) == [("bounced", "font.missing")]
    assert box.states(other) == [("handed", "")]
    assert len(server.delivered) == 1
