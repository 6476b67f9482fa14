"""The wing of the messages: the channels of a site, and for each what plans and what sends."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from edge.adapters.settings import Settings
from edge.domain.disk import Purpose
from edge.domain.errors import EdgeError, NotFound, Unavailable
from edge.followers.runner import FollowerEnvironment, Runner
from edge.journal.journal import Journal
from edge.journal.settings import keep_setting, setting
from edge.journal.unit import Unit
from edge.plugins.distribution.contract import Channel
from edge.plugins.distribution.making import ChannelSurroundings
from edge.plugins.distribution.table import MakeChannel, make_channel
from edge.plugins.guard import Guard
from edge.services.messages.channel_states import keep_channel_trouble
from edge.services.messages.planning import ChannelFollower
from edge.services.messages.reminding import Reminders
from edge.services.messages.sending import MessageSender
from edge.services.printing.certificate_pages import CertificatePages
from edge.services.site import Site
from edge.wiring.keys import Keys
from edge.wiring.plugins import health_keeper
from sync.key_places import handed_credentials
from sync.protocol.instants import instant


@dataclass(frozen=True, slots=True)
class Messages:
    """What sends and what plans, a channel each; why other channels cannot be made, by name."""

    senders: Mapping[str, MessageSender]
    planners: Sequence[Runner]
    channels: Mapping[str, Channel]
    reminders: Reminders
    troubles: Mapping[str, EdgeError]

    def sender(self, name: str) -> MessageSender:
        """Give the sender of a channel; raises why there is none."""
        if name in self.troubles:
            raise self.troubles[name]
        if name not in self.senders:
            raise NotFound(
                "channel.unknown",
                "This site has no channel {name}.",
                hint="Known are: {known}.",
                field="channel",
                name=name,
                known=", ".join(self.senders) or "none",
            )
        return self.senders[name]

    def stop(self) -> None:
        """Let no sender wait for its channel any longer."""
        for sender in self.senders.values():
            sender.stop()


def wire_messages(
    settings: Settings,
    keys: Keys,
    journal: Journal,
    site: Site,
    kinds: Mapping[str, MakeChannel],
    pages: CertificatePages,
) -> Messages:
    """Make the channels of the settings, each of a kind that there is."""
    channels: dict[str, Channel] = {}
    troubles: dict[str, EdgeError] = {}
    for told in settings.channels:
        around = ChannelSurroundings(
            name=told.name,
            facility=settings.facility,
            elapsed=time.monotonic,
            sleep=time.sleep,
            remembered=partial(_remembered, journal, told.name),
            remember=partial(_remember, journal, told.name),
            credentials=handed_credentials(),
        )
        try:
            channels[told.name] = make_channel(told.kind, told.options, around, kinds)
        except EdgeError as error:
            troubles[told.name] = error
    for name, why in troubles.items():
        with contextlib.suppress(Unavailable):
            work = partial(_in_trouble, name, why, instant(keys.clock.now()))
            journal.run(work, Purpose.UPKEEP)
    addresses = {name: channel.address for name, channel in channels.items()}
    ports = FollowerEnvironment(time.monotonic, keys.chance, keys.clock.now)
    keep = health_keeper(keys, journal)
    senders = {
        name: MessageSender(
            name,
            channel,
            Guard("distribution", name, keep, channel.seconds),
            journal,
            site,
            addresses,
            ports,
            pages.pdf,
        )
        for name, channel in channels.items()
    }
    planners = [
        Runner(f"channel {name}", ChannelFollower(name, journal, site, addresses), journal, ports)
        for name in channels
    ]
    reminders = Reminders(journal, site, addresses)
    return Messages(senders, planners, channels, reminders, troubles)


def _in_trouble(name: str, error: EdgeError, now: str, unit: Unit) -> None:
    keep_channel_trouble(unit.db, name, error, now)


def _remembered(journal: Journal, channel: str, name: str) -> str:
    with journal.reading() as db:
        return setting(db, f"channel.{channel}.{name}")


def _remember(journal: Journal, channel: str, name: str, value: str) -> None:
    if _remembered(journal, channel, name) != value:
        journal.run(lambda unit: keep_setting(unit.db, f"channel.{channel}.{name}", value))
