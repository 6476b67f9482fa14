"""One modem tells people at the pace of 200 an hour, in parts where it must; doses go on."""

from __future__ import annotations

import pytest
from channels import ChannelOf, send_by
from desks import take

from edge.journal import views
from edge.journal.outbox import count_states
from edge.node import Node
from edge.peers.gsm_modem import ModemLine, SoftwareModem
from edge.plugins.distribution.gsm.channel import make_with
from edge.plugins.distribution.making import ChannelSurroundings
from edge.services.commands import GiveDose, RecordContactPreference, RegisterPerson

SECONDS_A_PART = 6.0
"""What a part takes in a GSM network: registration, the SMSC's answer, the modem's own time."""
PEOPLE, WITHIN = 50, 900.0
"""A quarter of an hour of 200 an hour."""


@pytest.mark.slow
def test_people_are_told_at_200_an_hour_by_one_modem_and_a_dose_is_given_while_it_sends(
    node: Node,
) -> None:
    send_by(
        node,
        texts={
            "certificate": {
                "en": "{facility}: your certificate is ready.",
                "ar": "{facility}: شهادتك جاهزة للاستلام. " * 2,
            }
        },
    )
    modem = SoftwareModem()
    around = ChannelSurroundings(
        name="sms", facility="DEMO01", elapsed=lambda: box.seconds, sleep=lambda one: passed(one),
        remembered=lambda _: "", remember=lambda *_: None,
    )  # fmt: skip

    def passed(seconds: float = 0.1) -> None:
        box.seconds += seconds

    def took() -> None:
        passed(SECONDS_A_PART)
        if len(modem.taken) == PEOPLE // 2:  # the modem is in the middle of a message
            given.append(dosed(node, "Late Newcomer", "", ""))

    given: list[str] = []
    modem.took = took
    channel = make_with({"port": "x"}, around, lambda *_: ModemLine(modem, passed))
    box = ChannelOf(node, channel)
    for at in range(PEOPLE):
        name = f"Asha {chr(65 + at // 26)}{chr(97 + at % 26)}"
        dosed(node, name, f"+2547{at:08}", "ar" if at % 10 == 0 else "")
    box.plan()
    start = box.seconds
    while box.seconds < start + WITHIN and count_states_of(node).get("queued"):
        box.run(2.0)
    assert len(given) == 1
    assert len(modem.taken) == PEOPLE + PEOPLE // 10
    box.run(60)
    assert count_states_of(node) == {"delivered": PEOPLE}
    assert box.seconds - start < WITHIN


def dosed(node: Node, name: str, phone: str, language: str) -> str:
    """Register somebody and give them a dose; in a language of their own, where they say one."""
    take(node, RegisterPerson(name=name, gender="Female", birth_year=1990, phone=phone))
    with node.journal.reading() as db:
        person = views.find_people(db, name)[0].id
    if language:
        take(node, RecordContactPreference(person=person, consent="yes", language=language))
    dose = GiveDose(
        person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A", beyond_stock=True
    )
    return take(node, dose)


def count_states_of(node: Node) -> dict[str, int]:
    with node.journal.reading() as db:
        return count_states(db).get("sms", {})
