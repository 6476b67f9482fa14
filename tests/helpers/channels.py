"""A channel that remembers what it was given and answers as a test says, and a campaign for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from next_edition import put_in_force

from edge.followers.runner import FollowerEnvironment
from edge.journal import views
from edge.journal.entries import entries
from edge.journal.outbox import Message, messages_of
from edge.node import Node
from edge.plugins.contract import READY, Health, Need
from edge.plugins.distribution.contract import (
    AddressKind,
    Handed,
    Limits,
    OutgoingMessage,
    Reply,
    Report,
)
from edge.plugins.distribution.making import ChannelSurroundings
from edge.plugins.guard import Guard
from edge.services.campaigns import CheckedCampaign
from edge.services.messages.planning import ChannelFollower
from edge.services.messages.sending import MessageSender

TEXTS = {
    "certificate": {
        "en": "{facility}: your certificate is ready. Answer {stop} for no more messages.",
        "fr": "{facility} : votre certificat est prêt. Répondez {stop} pour arrêter.",
    },
    "due": {"en": "{facility}: a visit is due on {day}."},
    "overdue": {"en": "{facility}: a visit was due on {day}. Please come."},
}
PLAN: dict[str, Any] = {
    "channels": ["sms", "email"],
    "consent": "assumed",
    "texts": TEXTS,
    "stop": {"en": "STOP", "fr": "FIN"},
    "reminders": [-2, 3, 14],
}


class RecordedChannel:
    """Takes messages; ``answer`` says what becomes of each."""

    needs: frozenset[Need] = frozenset({"device"})
    seconds = 5.0

    def __init__(self, address: AddressKind = "phone", limits: Limits | None = None) -> None:
        self.address = address
        self.limits = limits or Limits()
        self.sent: list[OutgoingMessage] = []
        self.answer: Callable[[OutgoingMessage], Handed] = lambda message: Handed(
            receipts=(message.reference,)
        )
        self.told: list[Report] = []
        self.said: list[Reply] = []

    def health(self) -> Health:
        return READY

    def details(self) -> Mapping[str, str]:
        return {"Waiting": str(len(self.sent))}

    def send(self, message: OutgoingMessage) -> Handed:
        self.sent.append(message)
        return self.answer(message)

    def reports(self) -> Sequence[Report]:
        return self.told

    def replies(self) -> Sequence[Reply]:
        return self.said


def surroundings(name: str, **more: Any) -> ChannelSurroundings:
    """Give what a channel is made of, with a memory of its own and a time that stands still."""
    kept: dict[str, str] = {}
    told = {
        "facility": "DEMO01",
        "elapsed": lambda: 0.0,
        "sleep": lambda _: None,
        "remembered": lambda text: kept.get(text, ""),
        "remember": kept.__setitem__,
    }
    return ChannelSurroundings(name=name, **{**told, **more})


class ChannelOf:
    """The follower and the sender of one channel at a node, with a time of their own."""

    def __init__(
        self,
        node: Node,
        channel: Any,
        name: str = "sms",
        others: Mapping[str, Any] | None = None,
    ) -> None:
        self.node, self.channel, self.name = node, channel, name
        self.addresses = {other: one.address for other, one in (others or {name: channel}).items()}
        self.seconds = 0.0
        self.start: datetime = node.clock.now()
        self.kept: list[tuple[str, str, Any]] = []
        self.restart()

    def restart(self) -> None:
        self.follower = ChannelFollower(
            self.name, self.node.journal, self.node.site, self.addresses
        )
        self.guard = Guard(
            "distribution", self.name, lambda *told: self.kept.append(told), self.channel.seconds
        )
        ports = FollowerEnvironment(lambda: self.seconds, lambda: 0.0, self.now)
        self.sender = MessageSender(
            self.name,
            self.channel,
            self.guard,
            self.node.journal,
            self.node.site,
            self.addresses,
            ports,
            self.node.printing.pages.pdf,
        )

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)

    def plan(self) -> None:
        with self.node.journal.reading() as db:
            wanted = [one for one in entries(db) if one.type in self.follower.types]
        self.follower.deliver(wanted)

    def run(self, later: float = 0.0) -> int:
        self.seconds += later
        return self.sender.run()

    def messages(self, person: str) -> list[Message]:
        with self.node.journal.reading() as db:
            return messages_of(db, person)

    def states(self, person: str) -> list[tuple[str, str]]:
        return [(str(one.state), one.cause.code) for one in self.messages(person)]


def send_by(node: Node, **plan: Any) -> None:
    """Put a campaign in force that sends people messages."""
    with node.journal.reading() as db:
        body = dict(views.catalogue_body(db))
    body = {name: value for name, value in body.items() if name != "once"}
    put_in_force(node, CheckedCampaign({**body, "distribution": {**PLAN, **plan}}))
