"""A message that may have arrived is never said not to have been sent, however it ends."""

from __future__ import annotations

import pytest
from channels import ChannelOf, RecordedChannel, send_by
from desks import of_type, take

from edge.domain.errors import Unavailable
from edge.journal import outbox
from edge.node import Node
from edge.plugins.distribution.contract import Handed, OutgoingMessage
from edge.services.commands import GiveDose, RecordContactPreference, RegisterPerson

UNCLEAR = Handed("again", (), "gateway.cut-off", "The gateway was cut off before it answered.")
LATER = Handed("later", (), "gateway.error", "The gateway answered with an error.")
UNKNOWN = [("unknown", "message.unclear")]


def queued(node: Node, box: ChannelOf) -> str:
    """Queue a message to somebody, give their id."""
    told = RegisterPerson(
        name="Asha Newcomer", gender="Female", birth_year=1990, phone="+254712345678"
    )
    take(node, told)
    id_: str = of_type(node, "PersonRegistered")[-1].body["person"]["id"]
    take(node, GiveDose(person=id_, programme="covid-19", vaccine="coviprotect", lot="CP2611A"))
    box.plan()
    return id_


def answers(channel: RecordedChannel, *told: Handed | Unavailable) -> None:
    """Have a channel answer so in turn, and as the last time from then on."""
    left = list(told)

    def answer(_message: OutgoingMessage) -> Handed:
        found = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(found, Unavailable):
            raise found
        return found

    channel.answer = answer


@pytest.mark.parametrize("told", [(UNCLEAR,), (UNCLEAR, LATER), (LATER, UNCLEAR, LATER)])
def test_what_no_try_made_clear_is_unknown_and_was_tried_as_often_as_the_campaign_says(
    node: Node, box: ChannelOf, channel: RecordedChannel, told: tuple[Handed, ...]
) -> None:
    send_by(node, attempts=3)
    person = queued(node, box)
    answers(channel, *told)
    for _ in range(20):
        box.run(3600)
    assert len(channel.sent) == 3
    assert len({message.reference for message in channel.sent}) == 1
    assert box.states(person) == UNKNOWN


def test_a_try_that_is_clear_ends_what_was_unclear_before(
    node: Node, box: ChannelOf, channel: RecordedChannel
) -> None:
    person = queued(node, box)
    answers(channel, UNCLEAR, Handed("handed"))
    for _ in range(3):
        box.run(3600)
    assert box.states(person) == [("handed", "")]


def test_what_may_have_arrived_is_unknown_also_where_it_comes_to_wait_too_long(
    node: Node, box: ChannelOf, channel: RecordedChannel
) -> None:
    person = queued(node, box)
    answers(channel, UNCLEAR, Unavailable("gateway.busy", "It takes nothing at present."))
    for _ in range(3):
        box.run(3600)
    assert box.states(person) == [("queued", "gateway.busy")]
    node.journal.run(lambda unit: outbox.drop_old(unit.db, "sms", "9999", 10))
    assert box.states(person) == UNKNOWN


def test_what_may_have_arrived_is_unknown_also_where_the_person_says_no_before_the_next_try(
    node: Node, box: ChannelOf, channel: RecordedChannel
) -> None:
    person = queued(node, box)
    answers(channel, UNCLEAR)
    box.run()
    take(node, RecordContactPreference(person=person, consent="no"))
    box.run(7200)
    assert len(channel.sent) == 1
    assert box.states(person) == UNKNOWN
