"""Brother QL: 32 bytes of status, asked for before a label and sent by itself after it."""

from __future__ import annotations

from printers.condition import SILENT, Condition
from printers.connections import Connection
from printers.dialogues.base import Clock, Dialogue
from printers.languages.brother_ql import QUESTION, Status, count_labels, statuses
from printers.patience import Patience
from printers.profile import Profile

_STALE = 600.0
"""Seconds for which trouble is believed of a printer that does not answer any more."""


class BrotherDialogue(Dialogue):
    """Asks between labels, and while one is held up: a printer that prints tells by itself.

    What was put right it does not tell: it says no more of a label that was held up, and a person
    looks.
    """

    speaks = True

    def __init__(self, profile: Profile, connection: Connection, clock: Clock) -> None:
        super().__init__(profile, connection, clock)
        self._rest = b""
        self._last: Status | None = None
        self._told_at = 0.0
        self._labels = self._out = 0
        while self.connection.read(0):
            pass

    def look(self, seconds: float) -> Condition:
        """Ask, and listen until a whole answer has come: it may come in pieces."""
        self.connection.write(QUESTION)
        before, condition = self._last, SILENT
        for left in Patience(seconds, self.clock).looks():
            condition = self.listen(left)
            if self._last is not before:
                break
        return condition

    def listen(self, seconds: float) -> Condition:
        """Take in what it says by itself."""
        found, self._rest = statuses(self._rest + self.connection.read(seconds))
        if found:
            self._last, self._told_at = found[-1], self.clock()
            self._out += sum(status.printed for status in found)
        if self._last is None or self.clock() - self._told_at >= _STALE:
            return SILENT
        return Condition(heard=True, cause=self._last.trouble)

    def watch(self, seconds: float) -> Condition:
        """Listen; ask only a printer that prints nothing for now."""
        held = self._last is not None and self._last.trouble is not None
        return self.look(seconds) if held else self.listen(seconds)

    def dressed(self, data: bytes, job: int) -> bytes:  # noqa: ARG002
        """Give the labels as they are: from here on the printer speaks by itself."""
        self._rest, self._last, self._out = b"", None, 0
        self._labels = count_labels(data)
        return data

    def printed(self, job: int, expected: float) -> bool:  # noqa: ARG002
        """Say whether it has told of every label that printing is complete."""
        told = self.profile.confirmation == "printing-completed"
        return told and self._out >= self._labels > 0
