"""StarPRNT: the printer counts documents, and says so when its motor stands still."""

from __future__ import annotations

from printers.condition import SILENT, Condition
from printers.connections import Connection
from printers.dialogues.base import Clock, Dialogue
from printers.languages.starprnt import printed, question
from printers.profile import Profile


class StarDialogue(Dialogue):
    """Asks for the end of each document (``ESC GS ETX``)."""

    def __init__(self, profile: Profile, connection: Connection, clock: Clock) -> None:
        super().__init__(profile, connection, clock)
        self._heard = b""
        while self.connection.read(0):
            pass

    def look(self, seconds: float) -> Condition:
        """Only listen."""
        return self.listen(seconds)

    def listen(self, seconds: float) -> Condition:
        """Take in what it says; how it is it only says in a status this does not read."""
        self._heard = (self._heard + self.connection.read(seconds))[-256:]
        return Condition(heard=True) if self._heard else SILENT

    def dressed(self, data: bytes, job: int) -> bytes:
        """Ask for the end of the document."""
        return data + (question(job) if self.profile.confirmation == "document-end" else b"")

    def printed(self, job: int, expected: float) -> bool:  # noqa: ARG002
        """Look for the echo of this document's number."""
        return self.profile.confirmation == "document-end" and printed(self._heard, job)
