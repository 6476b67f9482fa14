"""ESC/POS: real-time and automatic status, and the ladder of confirmations.

``GS ( H`` function 48 is answered when the paper is out, ``GS r 1`` when everything before was
read, ``DLE EOT`` only tells that the printer is well (Epson, ESC/POS application programming
guide).
"""

from __future__ import annotations

from printers.answers import heard
from printers.backlog import Backlog
from printers.condition import (
    SILENT,
    Condition,
    from_automatic,
    from_real_time,
    proves,
    real_time,
    transmitted,
)
from printers.connections import Connection
from printers.dialogues.base import Clock, Dialogue
from printers.errors import ConnectionFailed
from printers.languages.escpos import BAND, INIT, cut_off
from printers.patience import Patience
from printers.profile import Profile

_ANSWER = 1.0
"""Seconds for an answer to ``DLE EOT``; printers answer in milliseconds."""
_STALE = 600.0
"""Seconds for which an automatic status is believed that nothing confirms."""
_TRAIL = 0.5
"""Seconds by which the paper, and the cut, may be behind what was read."""
_QUIET = 0.1
"""Seconds of silence behind an answer, after which nothing more belongs to it."""
_BARRIER = b"SYNC"


class EscposDialogue(Dialogue):
    """Listens for every kind of answer at once, and believes only the one that was asked for."""

    def __init__(self, profile: Profile, connection: Connection, clock: Clock) -> None:
        super().__init__(profile, connection, clock)
        self.speaks = profile.confirmation != "none"
        self._rest = b""
        self._real_time: list[int] = []
        self._asked = False
        self._proves = False
        self._by_transmit = False
        self._automatic: Condition | None = None
        self._told_at = 0.0
        self._bytes = 0
        self._answered_at: float | None = None
        self._blocks: list[bytes] = []
        while self.connection.read(0):
            pass  # what was said before was not said to us

    def look(self, seconds: float) -> Condition:
        """Ask the four questions of ``DLE EOT``; where none is answered, ``GS r`` 1."""
        found = SILENT if self._by_transmit else self._ask(seconds)
        if found.heard or not self.speaks:
            return found
        found = transmitted(self._transmitted)
        self._by_transmit = found.heard
        return found

    def listen(self, seconds: float) -> Condition:
        """Listen for the automatic status, which holds for a while."""
        self._listen(seconds)
        known = self._automatic
        return known if known and self.clock() - self._told_at < _STALE else SILENT

    def watch(self, seconds: float) -> Condition:
        """Listen for the automatic status; where there is none, or an old one, ask."""
        before = self._automatic
        heard = self.listen(seconds)
        known = self._automatic
        if known is not None and (known is not before or known.cause is None):
            return known
        if self._by_transmit:  # its next answer belongs to the slip
            return heard
        asked = self._ask(4 * _ANSWER)
        if asked.heard:
            self._automatic = asked if known else None
            return asked
        # a full printer may not even hear the question
        return heard

    def dressed(self, data: bytes, job: int) -> bytes:
        """Ask for the automatic status (``GS a``, which ``ESC @`` ends), and for confirmation."""
        if not self.speaks:
            return data
        self._bytes, self._answered_at = 0, None
        behind = INIT if data.startswith(INIT) else b""
        return behind + b"\x1da\xff" + data[len(behind) :] + self._question(_number(job))

    def printed(self, job: int, expected: float) -> bool:
        """Look for the answer that was asked for."""
        match self.profile.confirmation:
            case "process-id":
                return b"7\x22" + _number(job) in self._blocks
            case "transmit-status":
                # one byte alone is soon guessed: a printer that talks nonsense is not believed;
                # and paper comes out a little after its bytes were read
                since = self._answered_at
                return since is not None and self.clock() >= since + _TRAIL and self._well()
            case "real-time-status":
                return self.clock() >= expected and self._well() and self._proves
        return False

    def resynchronise(self, seconds: float) -> bool:
        """Fill up a command that was cut off with NUL, cut the torn piece off, and wait for it.

        Without the wait, the answer to an earlier slip could be taken for the next one's.
        """
        body = max(BAND * self.profile.width // 8, self.profile.native_qr) + 16
        cut = cut_off(self.profile)
        question = self._question(_BARRIER)
        self.connection.write(bytes(body) + INIT + cut + question)
        if not question:
            return True
        followed, backlog = False, Backlog(self.connection)
        patience = Patience(seconds, self.clock)
        for left in patience.looks():
            before = self._bytes
            self._listen(min(left, 1.0))
            if self.profile.confirmation == "process-id":
                followed = b"7\x22" + _BARRIER in self._blocks
            elif self._bytes == before:
                followed = self._bytes > 0  # and silence since: nothing older is on its way
            if followed:
                break
            if backlog.moved():
                patience.restart()
        self._bytes, self._answered_at = 0, None
        self._blocks.clear()
        return followed

    def _question(self, number: bytes) -> bytes:
        match self.profile.confirmation:
            case "process-id":
                return b"\x1d(H\x06\x0000" + number
            case "transmit-status":
                return b"\x1dr1"
        return b""

    def _well(self) -> bool:
        condition = transmitted(self._transmitted) if self._by_transmit else self._ask(4 * _ANSWER)
        return condition.heard and condition.cause is None

    def _ask(self, seconds: float) -> Condition:
        """Ask the questions of ``DLE EOT``, one after another; unanswered: not heard."""
        # each question has its own time: a machine that is held up in one asks the next no faster
        each = min(seconds / 4, _ANSWER)
        answers = real_time(lambda number: self._real_time_byte(number, each))
        self._proves = proves(answers)
        return from_real_time(answers)

    def _real_time_byte(self, number: int, seconds: float) -> int | None:
        self._real_time.clear()
        if not self._asks(b"\x10\x04" + bytes([number])):
            return None
        self._asked = True
        for left in Patience(seconds, self.clock).looks():
            self._listen(left)
            if self._real_time:
                break
        self._asked = False
        return self._real_time[-1] if self._real_time else None

    def _transmitted(self) -> bytes:
        """Ask ``GS r`` 1, and give all that comes back; nothing: it was not answered."""
        if not self._asks(b"\x1dr1"):
            return b""
        for left in Patience(_ANSWER, self.clock).looks():
            if said := self._said(left):
                return said + self._said(_QUIET)
        return b""

    def _asks(self, question: bytes) -> bool:
        """Put a question; false: the printer takes nothing just now."""
        try:
            self.connection.write(question)
        except ConnectionFailed as error:
            if error.code != "printer.stalled":
                raise
            return False
        return True

    def _listen(self, seconds: float) -> None:
        self._take(self.connection.read(seconds))

    def _said(self, seconds: float) -> bytes:
        """Take in what comes, and give it."""
        data = self.connection.read(seconds)
        self._take(data)
        return data

    def _take(self, data: bytes) -> None:
        found, self._rest = heard(self._rest + data)
        for answer in found:
            if answer.kind == "real-time":
                if self._asked:
                    self._real_time.append(answer.data[0])
            elif answer.kind == "automatic":
                self._automatic = from_automatic(answer.data)
                self._told_at = self.clock()
            elif answer.kind == "byte":
                self._bytes += 1
                self._answered_at = self.clock()
            elif answer.kind == "block":
                self._blocks.append(answer.data)


def _number(job: int) -> bytes:
    """Four printable characters that rise with the job, as Epson advises."""
    return f"{job % 10_000:04d}".encode()
