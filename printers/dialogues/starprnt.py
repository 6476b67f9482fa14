"""StarPRNT: the printer counts documents, says so when its motor stands still, and how it is."""

from __future__ import annotations

from printers.backlog import Backlog
from printers.condition import SILENT, Condition
from printers.connections import Connection
from printers.dialogues.base import Clock, Dialogue
from printers.languages.starprnt import BAND, STATUS_QUESTION, heard, question
from printers.patience import Patience
from printers.profile import Profile

_ANSWER = 1.0
"""Seconds for an answer to a question, which printers give at once."""
_STALE = 600.0
_BARRIER = 0xFFFF
_INIT = b"\x1b@"


class StarDialogue(Dialogue):
    """Asks for the end of each document (``ESC GS ETX``) and for the status (``ESC ACK SOH``)."""

    def __init__(self, profile: Profile, connection: Connection, clock: Clock) -> None:
        super().__init__(profile, connection, clock)
        self.speaks = profile.confirmation != "none"
        self._rest = b""
        self._condition = SILENT
        self._told_at = 0.0
        self._out: set[int] = set()
        while self.connection.read(0):
            pass

    def look(self, seconds: float) -> Condition:
        """Ask, and wait for the answer."""
        self.connection.write(STATUS_QUESTION)
        self._condition = SILENT
        for left in Patience(min(seconds, _ANSWER), self.clock).looks():
            self.listen(left)
            if self._condition.heard:
                break
        return self._condition

    def listen(self, seconds: float) -> Condition:
        """Take in what it says by itself; its last status holds for a while."""
        said = heard(self._rest + self.connection.read(seconds))
        self._rest = said.rest
        self._out.update(said.documents)
        if said.condition.heard:
            self._condition, self._told_at = said.condition, self.clock()
        return self._condition if self.clock() - self._told_at < _STALE else SILENT

    def watch(self, seconds: float) -> Condition:
        """Leave it time to print, then ask."""
        self.listen(seconds)
        return self.look(_ANSWER)

    def dressed(self, data: bytes, job: int) -> bytes:
        """Ask for the end of the document."""
        self._out.clear()
        return data + (question(job) if self.speaks else b"")

    def printed(self, job: int, expected: float) -> bool:  # noqa: ARG002
        """Look for the echo of this document's number."""
        return self.speaks and job % 65536 in self._out

    def resynchronise(self, seconds: float) -> bool:
        """Fill up a command that was cut off with NUL, cut the torn piece off, and wait for it."""
        body = max(BAND * self.profile.width // 8, self.profile.native_qr) + 16
        cut = b"\x1bd\x03" if self.profile.cutter else b"\x1bI\x78"
        self._out.clear()
        self.connection.write(bytes(body) + _INIT + cut + question(_BARRIER))
        backlog, patience = Backlog(self.connection), Patience(seconds, self.clock)
        for left in patience.looks():
            self.listen(min(left, 1.0))
            if _BARRIER in self._out:
                break
            if backlog.moved():
                patience.restart()
        return _BARRIER in self._out
