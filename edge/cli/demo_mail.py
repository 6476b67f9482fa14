"""The demonstration's mail server: what it takes it keeps as files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from edge.adapters.settings_kinds import ChannelSettings
from edge.peers.mail_server import MailServer, make_mail_key

_SENDER = "clinic@demoland.example"


class DemoMail:
    """A mail server of this machine, for as long as the demonstration runs."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._key = make_mail_key(folder, now=datetime.now(UTC))
        self.server = MailServer(self._key, folder=folder)

    def channel(self) -> ChannelSettings:
        """Give the channel of the site that goes there."""
        return ChannelSettings(
            "email",
            "email",
            {
                "host": "localhost",
                "port": self.server.port,
                "sender": _SENDER,
                "ca": str(self._key.certificate.absolute()),
            },
        )

    def close(self) -> None:
        """Stop it."""
        self.server.close()
