"""Brother QL: 32 bytes of status, asked for before a label and sent by itself after it."""

from __future__ import annotations

from printers.condition import SILENT, Condition
from printers.connections import Connection
from printers.dialogues.base import Clock, Dialogue
from printers.languages.brother_ql import QUESTION, status
from printers.profile import Profile


class BrotherDialogue(Dialogue):
    """Asks only between labels: the bytes of a question inside a raster would be printed."""

    speaks = True

    def __init__(self, profile: Profile, connection: Connection, clock: Clock) -> None:
        super().__init__(profile, connection, clock)
        self._heard = b""
        self._sent = False
        while self.connection.read(0):
            pass

    def look(self, seconds: float) -> Condition:
        """Ask before a label is sent; afterwards only listen."""
        if not self._sent:
            self.connection.write(QUESTION)
        return self.listen(seconds)

    def listen(self, seconds: float) -> Condition:
        """Take in what it says by itself."""
        self._heard += self.connection.read(seconds)
        last = status(self._heard)
        return Condition(heard=True, cause=last.trouble) if last else SILENT

    def dressed(self, data: bytes, job: int) -> bytes:  # noqa: ARG002
        """Give the label as it is: from here on the printer speaks by itself."""
        self._sent, self._heard = True, b""
        return data

    def printed(self, job: int, expected: float) -> bool:  # noqa: ARG002
        """Say whether it has told that printing is complete."""
        last = status(self._heard)
        return self.profile.confirmation == "printing-completed" and bool(last and last.printed)
