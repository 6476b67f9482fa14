"""What a channel is made of: its surroundings, and how a wrong setting is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge.domain.errors import BadInput, Unavailable
from sync.bounded_files import SMALL, read_bounded_text


@dataclass(frozen=True, slots=True)
class ChannelSurroundings:
    """What a channel is made of beside its settings: its name, the facility, time and secrets.

    ``elapsed`` are monotonic seconds, ``sleep`` waits for some; ``credentials`` is the folder in
    which systemd hands over credentials, if it does. ``remembered`` and ``remember`` keep a text
    by its name over restarts.
    """

    name: str
    facility: str
    elapsed: Callable[[], float]
    sleep: Callable[[float], None]
    remembered: Callable[[str], str]
    remember: Callable[[str, str], None]
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
