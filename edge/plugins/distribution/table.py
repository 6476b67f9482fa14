"""The project's own plug-ins of this kind, and what each is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.domain.errors import BadInput, EdgeError, Unavailable
from edge.plugins.distribution.contract import Channel
from sync.bounded_files import SMALL, read_bounded_text


@dataclass(frozen=True, slots=True)
class ChannelSurroundings:
    """What a channel is made of beside its settings: its name, the facility, time and secrets.

    ``elapsed`` are monotonic seconds, ``sleep`` waits for some; ``credentials`` is the folder in
    which systemd hands over credentials, if it does.
    """

    name: str
    facility: str
    elapsed: Callable[[], float]
    sleep: Callable[[float], None]
    credentials: Path | None = None

    def secret(self, setting: str, file: str) -> str:
        """Read a secret: of the file of its setting, or systemd's credential ``NAME.SETTING``.

        Nothing where there is neither; raises :class:`Unavailable` where it cannot be read.
        """
        handed = self.credentials / f"{self.name}.{setting}" if self.credentials else None
        path = Path(file) if file else handed
        if path is None or not (file or path.exists()):
            return ""
        try:
            return read_bounded_text(path, SMALL).strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Unavailable(
                "channel.secret",
                "The file with the secret {setting} of the channel {name} cannot be read: {path}.",
                hint="Make the file, readable for the site alone.",
                setting=setting,
                name=self.name,
                path=path,
            ) from error


MakeChannel = Callable[[Mapping[str, Any], ChannelSurroundings], Channel]
"""Makes a channel of its settings, without reaching for its place; raises ``EdgeError``."""

CHANNELS: Mapping[str, MakeChannel] = {}
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


def wrong_option(name: str, what: str, instead: str) -> BadInput:
    """Say which setting of a channel is wrong, in what, and what to write instead."""
    return BadInput(
        "channel.setting",
        "The setting {name} of a channel {what}.",
        hint="Write {instead}.",
        field=name,
        name=name,
        what=what,
        instead=instead,
    )
