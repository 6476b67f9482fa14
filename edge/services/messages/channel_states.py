"""How the channels of a site stand, from what its database remembers of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from edge.domain.errors import EdgeError
from edge.journal.following import keep_trouble, trouble
from edge.journal.outbox import count_states, waiting_since
from edge.journal.plugin_states import PluginState, plugin_states
from edge.journal.settings import keep_setting, setting

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelState:
    """One channel: ``state`` is ``ready``, ``trouble`` or ``off``; ``counts`` by a message's state.

    ``since`` is when the oldest message that waits was queued; ``sentence`` (a template with
    ``values``) what is wrong, since ``at``; instants in ISO 8601, empty where there is none.
    ``details`` are the channel's own, by English labels.
    """

    name: str
    kind: str
    state: str
    sentence: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    at: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    since: str = ""
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        """How many messages wait."""
        return self.counts.get("queued", 0)

    @property
    def trouble(self) -> str:
        """What is wrong, in English."""
        return self.sentence.format(**self.values)


def channel_states(db: Database, kinds: Mapping[str, str]) -> list[ChannelState]:
    """Say how each channel stands; ``kinds`` are those of the settings by the channel's name."""
    counts = count_states(db)
    health = {state.name: state for state in plugin_states(db) if state.kind == "distribution"}
    told = {name: trouble(db, _sender(name)) for name in kinds}
    return [
        ChannelState(
            name=name,
            kind=kind,
            state=_state(health.get(name), told[name]),
            sentence=told[name].get("sentence", ""),
            values=told[name].get("values", {}),
            at=told[name].get("at", ""),
            counts=counts.get(name, {}),
            since=waiting_since(db, name),
            details=json.loads(setting(db, _details(name)) or "{}"),
        )
        for name, kind in kinds.items()
    ]


def _state(known: PluginState | None, told: Mapping[str, Any]) -> str:
    if known is not None and known.state == "off":
        return "off"
    return "trouble" if told else "ready"


def keep_channel_trouble(db: Database, channel: str, error: EdgeError | None, now: str) -> None:
    """Remember what is wrong with a channel since when; None: nothing any more."""
    known = trouble(db, _sender(channel))
    if error is None:
        if known:
            keep_trouble(db, _sender(channel), {})
        return
    told = {"code": error.code, "sentence": error.sentence, "values": error.values}
    at = known.get("at", now) if known.get("code") == error.code else now
    keep_trouble(db, _sender(channel), {**told, "at": at})


def _sender(channel: str) -> str:
    return f"messages {channel}"


def keep_details(db: Database, channel: str, details: Mapping[str, str]) -> None:
    """Remember what a channel says of itself, where other processes see it."""
    told = json.dumps({label: value for label, value in details.items() if value})
    if setting(db, _details(channel)) != told:
        keep_setting(db, _details(channel), told)


def _details(channel: str) -> str:
    return f"channel.{channel}.details"
