"""A clock that was set back holds nothing back, and a number is one however a network writes it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from channels import ChannelOf, RecordedChannel, surroundings
from desks import of_type, take
from next_edition import put_in_force

from edge.domain.errors import Unavailable
from edge.journal import views
from edge.node import Node
from edge.peers.gsm_modem import ModemLine, SoftwareModem
from edge.plugins.distribution.contract import Handed, Limits, OutgoingMessage, Reply
from edge.plugins.distribution.gsm.channel import make_with
from edge.services.campaigns import CheckedCampaign
from edge.services.commands import GiveDose, RegisterPerson


def dosed(node: Node, name: str, phone: str = "+254 712 345678") -> str:
    told = RegisterPerson(name=name, gender="Female", birth_year=1990, phone=phone)
    take(node, told)
    person: str = of_type(node, "PersonRegistered")[-1].body["person"]["id"]
    take(node, GiveDose(person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A"))
    return person


def test_a_clock_that_was_years_ahead_leaves_no_limit_full(node: Node) -> None:
    channel = RecordedChannel(limits=Limits(per_hour=1))
    box = ChannelOf(node, channel)
    people = [dosed(node, "Asha Newcomer"), dosed(node, "Binta Newcomer")]
    box.plan()
    right, box.start = box.start, box.start + timedelta(days=30)
    box.run()
    assert len(channel.sent) == 1
    box.start = right
    box.run(60)
    assert len(channel.sent) == 2
    assert [box.states(one) for one in people] == [[("handed", "")]] * 2
    box.run(60)
    dosed(node, "Chidi Newcomer")
    box.plan()
    box.run(60)
    assert len(channel.sent) == 2, "the limit holds by the clock that is right"
    box.run(3600)
    assert len(channel.sent) == 3


def test_what_was_put_back_by_a_clock_that_was_ahead_goes_by_the_right_one(node: Node) -> None:
    channel = RecordedChannel()
    box = ChannelOf(node, channel)
    person = dosed(node, "Asha Newcomer")

    def away(_message: OutgoingMessage) -> Handed:
        raise Unavailable("sms.no-network", "The modem finds no network.")

    taken, channel.answer = channel.answer, away
    box.plan()
    right, box.start = box.start, box.start + timedelta(days=30)
    box.run()
    box.start, channel.answer = right, taken
    box.run(3600)
    assert box.states(person) == [("handed", "")]


@pytest.mark.parametrize("address", ["+254712345678", "0712345678", "254712345678"])
def test_an_answer_ends_messages_however_the_network_writes_the_number(
    node: Node, address: str
) -> None:
    with node.journal.reading() as db:
        body = dict(views.catalogue_body(db))
    body = {name: value for name, value in body.items() if name != "once"}
    put_in_force(node, CheckedCampaign({**body, "issuer": {**body["issuer"], "country": "KE"}}))
    channel = RecordedChannel()
    box = ChannelOf(node, channel)
    people = {dosed(node, "Asha Newcomer"), dosed(node, "Little Newcomer")}
    box.plan()
    box.run()
    channel.said = [Reply("1", "21000", "STOP"), Reply("2", address, "stop!")]
    box.run(10)
    told = of_type(node, "ContactPreferenceRecorded")
    assert {one.body["person"] for one in told if one.body["consent"] == "no"} == people


@pytest.mark.parametrize(
    ("kind", "written", "state"),
    [
        (0x91, "254712345678", "delivered"),
        (0x81, "0712345678", "delivered"),
        (0xA1, "712345678", "delivered"),
        (0x81, "0712345679", "handed"),
    ],
)
def test_a_report_is_of_its_message_however_the_network_writes_the_number(
    node: Node, kind: int, written: str, state: str
) -> None:
    modem, lines = SoftwareModem(reporting="none"), list[ModemLine]()

    def opened(*_: object) -> ModemLine:
        lines.append(ModemLine(modem, lambda: None))
        return lines[-1]

    box = ChannelOf(node, make_with({"port": "x"}, surroundings("sms"), opened))
    person = dosed(node, "Asha Newcomer")
    box.plan()
    box.run()
    pdu = report_with(kind, written, number=1)
    lines[-1].waiting += f"\r\n+CDS: {len(pdu) // 2 - 1}\r\n{pdu}\r\n".encode()
    box.run(10)
    assert [found for found, _ in box.states(person)] == [state]


def report_with(kind: int, written: str, number: int) -> str:
    """Make a report of arrival by TP-MR, with the number as a network writes it (TS 23.040)."""
    padded = written + "F" * (len(written) % 2)
    swapped = "".join(padded[at + 1] + padded[at] for at in range(0, len(padded), 2))
    stamp = "62112181000000"
    return f"0006{number:02X}{len(written):02X}{kind:02X}{swapped}{stamp}{stamp}00"
