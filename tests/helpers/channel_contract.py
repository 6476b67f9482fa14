"""What any channel to people must stand, as a class whose tests run on each."""

from __future__ import annotations

from typing import Any, Protocol

import pytest

from edge.domain.errors import EdgeError
from edge.domain.messages import MOVES, MessageState
from edge.plugins.contract import Health
from edge.plugins.distribution.contract import Handed, Limits, OutgoingMessage, Reply, Report

TEXTS = (
    "Riverside: your certificate is ready.", "مركز النهر: شهادتك جاهزة.", "Ready €[]{}~ 100 % \n&to=",
)  # fmt: skip
ADDRESSES = {"phone": "+254712345678", "email": "asha@mail.example", "none": ""}


class Way(Protocol):
    """Where a channel brings messages, as its tests see it."""

    def channel(self) -> Any:
        """Make the channel anew, as a restart does."""
        ...

    def arrived(self) -> int:
        """Count what was taken at the other end."""
        ...

    def away(self, gone: bool) -> None:
        """Take the other end away, or bring it back."""
        ...


class ChannelContract:
    """Inherit, and give the fixture ``way``."""

    def message(self, channel: Any, text: str = TEXTS[0], reference: str = "m1") -> OutgoingMessage:
        return OutgoingMessage(reference, ADDRESSES[channel.address], text, "en")

    def test_it_says_what_it_needs_where_it_writes_and_how_long_it_takes(self, way: Way) -> None:
        channel = way.channel()
        assert channel.needs <= {"line", "device", "secret"}
        assert channel.address in ADDRESSES
        assert isinstance(channel.limits, Limits)
        assert 0 < channel.seconds <= 600
        assert isinstance(channel.health(), Health)
        assert all(isinstance(told, str) for pair in channel.details().items() for told in pair)

    @pytest.mark.parametrize("text", TEXTS)
    def test_a_message_is_taken_once(self, way: Way, text: str) -> None:
        channel = way.channel()
        before = way.arrived()
        handed = channel.send(self.message(channel, text))
        assert isinstance(handed, Handed)
        assert MessageState(handed.state) in MOVES[MessageState.HANDING]
        assert way.arrived() == before + 1

    def test_it_gives_reports_and_replies_also_where_there_are_none(self, way: Way) -> None:
        channel = way.channel()
        channel.send(self.message(channel))
        for _ in range(2):
            assert all(isinstance(one, Report) for one in channel.reports())
            assert all(isinstance(one, Reply) for one in channel.replies())

    def test_another_end_that_is_away_takes_nothing_and_is_said_to_pass(self, way: Way) -> None:
        channel = way.channel()
        before = way.arrived()
        way.away(True)
        with pytest.raises(EdgeError) as raised:
            channel.send(self.message(channel))
        assert raised.value.temporary
        assert raised.value.code
        assert ADDRESSES[channel.address] not in str(raised.value) or not ADDRESSES[channel.address]
        assert way.arrived() == before
        way.away(False)
        assert way.channel().send(self.message(channel)).state != "later"
        assert way.arrived() == before + 1
