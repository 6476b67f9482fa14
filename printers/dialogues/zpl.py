"""ZPL: ``~HS`` says how the printer is and how many labels it still has to print."""

from __future__ import annotations

from printers.backlog import Backlog
from printers.condition import COVER_OPEN, OFFLINE, PAPER_OUT, SILENT, Condition, trouble
from printers.dialogues.base import Dialogue
from printers.languages.zpl import QUESTION, HostStatus, host_status
from printers.patience import Patience

_RIBBON = ("ribbon-out", "The ribbon of the printer is used up. Put in a new one.")
_ANSWER = 1.0
_LOST = 2
"""Questions in a row without an answer after which a printer may have been switched off and on."""


class ZplDialogue(Dialogue):
    """Asks for the host status; a label is printed when none is left to print.

    One that was switched off meanwhile has forgotten its labels, and none is left either.
    """

    speaks = True
    _last: HostStatus | None = None
    _done = _unanswered = 0
    _lost = False

    def dressed(self, data: bytes, job: int) -> bytes:  # noqa: ARG002
        """Give the label as it is, and forget what was said before it."""
        self._last, self._done, self._unanswered, self._lost = None, 0, 0, False
        return data

    def look(self, seconds: float) -> Condition:
        """Ask once and wait for the answer; while media is out some models say nothing."""
        self.connection.write(QUESTION)
        answer, self._last = b"", None
        for left in Patience(min(seconds, _ANSWER), self.clock).looks():
            answer += self.connection.read(left)
            self._last = host_status(answer)
            if self._last is not None:
                break
        if self._last is None:
            return SILENT
        for holds, words in (
            (self._last.paper_out, PAPER_OUT),
            (self._last.head_open, COVER_OPEN),
            (self._last.ribbon_out, _RIBBON),
            (self._last.paused, OFFLINE),
        ):
            if holds:
                return Condition(heard=True, cause=trouble(words))
        return Condition(heard=True)

    def watch(self, seconds: float) -> Condition:
        """Leave it time to print, then ask again."""
        self.connection.read(seconds)
        condition = self.look(_ANSWER)
        if condition.heard:
            self._unanswered = 0
        elif not Backlog(self.connection).waiting:  # the question itself may not have left yet
            self._unanswered += 1
        self._lost |= self._unanswered >= _LOST
        self._done = self._done + 1 if self._last is not None and self._last.done else 0
        return condition

    def printed(self, job: int, expected: float) -> bool:  # noqa: ARG002
        """Say whether two answers in a row had nothing left: one may overtake the label itself."""
        told = self.profile.confirmation == "host-status"
        return told and self._done >= 2 and not self._lost
