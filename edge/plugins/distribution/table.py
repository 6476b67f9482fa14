"""The project's own plug-ins of this kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from edge.domain.errors import BadInput, EdgeError, Unavailable
from edge.plugins.distribution import email, gateway_options
from edge.plugins.distribution.contract import Channel
from edge.plugins.distribution.gsm import channel as gsm
from edge.plugins.distribution.making import ChannelSurroundings

MakeChannel = Callable[[Mapping[str, Any], ChannelSurroundings], Channel]
"""Makes a channel of its settings, without reaching for its place; raises ``EdgeError``."""

CHANNELS: Mapping[str, MakeChannel] = {
    "email": email.make,
    "modem": gsm.make,
    "gateway": gateway_options.make,
}
"""Every channel by its kind in site.toml; a new one is a module and a line here."""


def make_channel(
    kind: str,
    options: Mapping[str, Any],
    surroundings: ChannelSurroundings,
    kinds: Mapping[str, MakeChannel],
) -> Channel:
    """Make one; raises :class:`EdgeError` in words, also for a fault of a plug-in's."""
    if kind not in kinds:
        raise BadInput(
            "channel.kind",
            "The channel {name} is of a kind that is not known here: {kind}.",
            hint="Known are: {known}. See divoc-edge plugins.",
            name=surroundings.name,
            kind=kind,
            known=", ".join(sorted(kinds)) or "none",
        )
    try:
        return kinds[kind](options, surroundings)
    except EdgeError:
        raise
    except Exception as error:
        raise Unavailable(
            "channel.made",
            "The channel {name} cannot be set up: {reason}.",
            hint="Tell who made it.",
            name=surroundings.name,
            reason=type(error).__name__,
        ) from error
