"""The page of a person's messages says how certificates were handed out at the site."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from channels import ChannelOf, RecordedChannel, send_by
from desks import browser, of_type, take
from site_factory import filled_site

from edge.adapters.settings import PrinterSettings, Settings
from edge.journal import views
from edge.node import Node
from edge.services.commands import GiveDose, RecordContactPreference, RegisterPerson
from edge.web.app import create_app

CHANNELS = ["sms", "paper", "screen"]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    printer = PrinterSettings("desk", f"file://{tmp_path}/paper.bin", "virtual-80")
    made = filled_site(tmp_path / "site", Settings(facility="DEMO01", printers=(printer,)))
    send_by(made, channels=CHANNELS, download=True)
    yield made
    made.close()


def person_of(node: Node, name: str = "Asha Newcomer") -> str:
    return take(
        node,
        RegisterPerson(
            name=name, gender="Female", birth_date=date(1990, 5, 4), phone="+254712345678"
        ),
    )


def dosed(node: Node, person: str) -> str:
    take(node, GiveDose(person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A"))
    number: str = of_type(node, "CertificateIssued")[-1].body["certificate"]
    return number


def test_paper_screen_and_telephone_are_each_told_once_they_were(node: Node) -> None:
    desk, person = browser(node, "V1"), person_of(node)
    number = dosed(node, person)
    before = desk.get(f"/people/{person}/messages")
    assert "Handed out here" not in before.text
    for spooler in node.print_room.spoolers.values():
        spooler.run()
    shown = desk.get(f"/certificates/{number}/show")
    assert f"/certificates/{number}/qr.png" in shown.text
    with node.journal.reading() as db:
        found = views.person(db, person)
    assert found is not None
    guest = create_app(node.backend()).test_client()
    opened = guest.post("/my-certificate", data={"code": found.code, "born": "1990-05-04"})
    assert opened.status_code == 200
    node.use_cases.access.flush()
    after = desk.get(f"/people/{person}/messages").text
    assert after.count("Sent to the printer; nobody knows whether it came out") == 1
    assert after.count("Shown on the screen") == 1
    assert after.count("Opened on a telephone in the Wi-Fi") == 1
    log = browser(node, "S1").get(f"/access?person={person}").text
    assert "The person, on their own telephone" in log


@pytest.mark.parametrize("channel", ["paper", "screen"])
def test_who_wants_it_at_the_site_is_sent_nothing(node: Node, channel: str) -> None:
    sms = RecordedChannel()
    box = ChannelOf(node, sms)
    wants, other = person_of(node), person_of(node, "Binta Elsewhere")
    take(node, RecordContactPreference(person=wants, consent="yes", channel=channel))
    for person in (wants, other):
        dosed(node, person)
    box.plan()
    box.run()
    assert (box.states(wants), box.states(other)) == ([], [("handed", "")])


def test_who_has_no_address_gets_it_at_the_site_and_no_message_waits(node: Node) -> None:
    box = ChannelOf(node, RecordedChannel("email"), "sms")
    person = person_of(node)
    dosed(node, person)
    box.plan()
    box.run()
    assert box.states(person) == []
