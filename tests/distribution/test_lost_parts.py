"""A message of which a part never went is said to have arrived by nobody, whatever comes of the rest."""

from __future__ import annotations

import pytest
from channels import ChannelOf, send_by, surroundings
from desks import take

from edge.journal import views
from edge.node import Node
from edge.peers.gsm_modem import ModemLine, SoftwareModem
from edge.plugins.distribution.gsm.channel import make_with
from edge.services.commands import GiveDose, RegisterPerson

pytestmark = pytest.mark.slow
LONG = "{facility}: your certificate is ready. " * 4
PARTS = 2
NAME = "Asha Newcomer"


class ForgetfulModem(SoftwareModem):
    """Does not say under which number the network reports on the second part."""

    def _message(self, digits: str) -> bytes:
        answer = super()._message(digits)
        return b"\r\nOK\r\n" if len(self.taken) == PARTS else answer


def told(node: Node, modem: SoftwareModem) -> ChannelOf:
    """Have a modem send somebody a message in parts, and read the reports on it."""
    send_by(node, texts={"certificate": {"en": LONG}})

    box: ChannelOf

    def passed(seconds: float = 0.1) -> None:
        box.seconds += seconds

    around = surroundings("sms", elapsed=lambda: box.seconds, sleep=passed)
    channel = make_with({"port": "x"}, around, lambda *_: ModemLine(modem, passed))
    box = ChannelOf(node, channel)
    take(node, RegisterPerson(name=NAME, gender="Female", birth_year=1990, phone="+254700000001"))
    dose = GiveDose(
        person=person_of(node),
        programme="covid-19",
        vaccine="coviprotect",
        lot="CP2611A",
        beyond_stock=True,
    )
    take(node, dose)
    box.plan()
    box.run(2)
    box.run(60)
    return box


def person_of(node: Node) -> str:
    with node.journal.reading() as db:
        return views.find_people(db, NAME)[0].id


def test_the_report_on_the_part_that_went_does_not_stand_for_the_one_that_was_lost(
    node: Node,
) -> None:
    modem = SoftwareModem(failing="loses-part", at_part=PARTS)
    box = told(node, modem)
    assert len(modem.taken) == PARTS - 1
    assert box.states(person_of(node)) == [("unknown", "sms.cms-38")]


def test_that_the_part_which_went_failed_is_told_all_the_same(node: Node) -> None:
    modem = SoftwareModem(failing="loses-part", at_part=PARTS, reporting="failed")
    box = told(node, modem)
    assert box.states(person_of(node)) == [("bounced", "sms.status-43")]


def test_a_part_of_which_no_report_can_come_keeps_a_message_from_being_called_delivered(
    node: Node,
) -> None:
    modem = ForgetfulModem()
    box = told(node, modem)
    assert len(modem.taken) == PARTS
    assert [state for state, _ in box.states(person_of(node))] == ["handed"]


def test_a_message_whose_parts_all_arrived_is_delivered(node: Node) -> None:
    box = told(node, SoftwareModem())
    assert [state for state, _ in box.states(person_of(node))] == ["delivered"]
