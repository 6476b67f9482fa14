"""The demonstration's mail server: it keeps what it takes as files, and fails when it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from edge.adapters.settings_kinds import ChannelSettings
from edge.peers.mail_server import MailServer, Mood, make_mail_key

_WORD = "mail"
_SENDER = "clinic@demoland.example"


class DemoMail:
    """A mail server of this machine, for as long as the demonstration runs."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self._say = say
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._key = make_mail_key(folder, now=datetime.now(UTC))
        self._server = MailServer(self._key, folder=folder)

    def channel(self) -> ChannelSettings:
        """Give the channel of the site that goes there."""
        return ChannelSettings(
            "email",
            "email",
            {
                "host": "localhost",
                "port": self._server.port,
                "sender": _SENDER,
                "ca": str(self._key.certificate.absolute()),
            },
        )

    def obey(self, lines: Iterable[str]) -> Iterator[str]:
        """Take the lines that are for the mail server, such as ``mail later``; give the others."""
        for line in lines:
            word, _, mood = line.strip().partition(" ")
            if word != _WORD:
                yield line
                continue
            found = [known for known in get_args(Mood) if known == mood.strip()]
            self._server.mood = found[0] if found else self._server.mood
            self._say("ok" if found else f"mail: one of {', '.join(get_args(Mood))}")

    def close(self) -> None:
        """Stop it."""
        self._server.close()
