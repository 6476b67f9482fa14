"""Commands to a modem and its answers, with what it says unasked in between (3GPP TS 27.007)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from edge.plugins.distribution.gsm.faults import (
    CUT_OFF,
    SILENT,
    UNREADABLE,
    ModemFault,
    cme_fault,
    cms_fault,
)

_ESCAPE, _END = b"\x1b", b"\x1a"
_ERROR = re.compile(r"\+(CMS|CME) ERROR: *(\d+)")
_UNASKED = re.compile(r"\+(CMTI|CDSI|CDS|CMT|CUSD|CREG):|(RDY|RING|NO CARRIER|SYSSTART)\Z")
_WITH_PDU = ("+CDS:", "+CMT:")
"""What is said unasked and has a message on its next line."""
_STARTED = ("RDY", "SYSSTART")
_MOST = 65536
"""Bytes of one answer: more is no modem's."""


class Port(Protocol):
    """What is used of a serial port; ``read`` gives what is there within a moment, or nothing."""

    def write(self, data: bytes, /) -> object:
        """Send bytes."""
        ...

    def read(self, size: int = 1, /) -> bytes:
        """Give up to so many bytes."""
        ...

    def close(self) -> None:
        """Let the port go."""
        ...


class ModemError(Exception):
    """The modem or its network said no; or nothing at all."""

    def __init__(self, fault: ModemFault) -> None:
        self.fault = fault
        super().__init__(fault.code)


class Dialogue:
    """Speaks with a modem over an open port; one command at a time.

    ``unasked`` are lines that it said by itself, PDUs behind theirs; ``started``: it was switched
    on anew meanwhile. ``elapsed`` are monotonic seconds.
    """

    def __init__(self, port: Port, elapsed: Callable[[], float]) -> None:
        self._port = port
        self._elapsed = elapsed
        self._kept = b""
        self.unasked: list[str] = []
        self.started = False

    def ask(self, command: str, seconds: float = 5.0) -> list[str]:
        """Give the lines of an answer; raises :class:`ModemError`."""
        self._put(command.encode("ascii") + b"\r")
        return self._answer(command, seconds)

    def hand(self, command: str, digits: str, ready: float, seconds: float) -> list[str]:
        """Give a command its message after the prompt, and wait for the answer.

        Where no prompt comes nothing was handed over, and :class:`ModemError` says so. Behind the
        prompt silence, or a port that is gone, is ``CUT_OFF``: the message may be gone.
        """
        self._put(command.encode("ascii") + b"\r")
        until, lines = self._elapsed() + ready, list[str]()
        while True:
            line = self._line(until, prompt=True)
            if line is None:
                self._put(_ESCAPE)
                raise ModemError(SILENT)
            if line == ">":
                break
            self._sort(line, command, lines, until)
        try:
            self._put(digits.encode("ascii") + _END)
            return self._answer(digits, seconds)
        except OSError as error:
            raise ModemError(CUT_OFF) from error
        except ModemError as error:
            if error.fault in (SILENT, UNREADABLE):
                raise ModemError(CUT_OFF) from error
            raise

    def wait_for(self, beginning: str, seconds: float) -> str:
        """Wait for something that is said unasked; raises :class:`ModemError` where it is not."""
        until = self._elapsed() + seconds
        while True:
            for place, said in enumerate(self.unasked):
                if said.startswith(beginning):
                    return self.unasked.pop(place)
            line = self._line(until)
            if line is None:
                raise ModemError(SILENT)
            self._sort(line, "", [], until)

    def look(self) -> None:
        """Take in what was said unasked and waits in the port."""
        while (line := self._line(self._elapsed())) is not None:
            self._sort(line, "", [], self._elapsed())

    def close(self) -> None:
        """Let the port go."""
        self._port.close()

    def _answer(self, command: str, seconds: float) -> list[str]:
        until, lines = self._elapsed() + seconds, list[str]()
        while True:
            line = self._line(until)
            if line is None:
                raise ModemError(SILENT)
            if line == "OK":
                return lines
            self._sort(line, command, lines, until)

    def _sort(self, line: str, command: str, lines: list[str], until: float) -> None:
        """Put a line where it belongs; raises :class:`ModemError` for an error."""
        if found := _ERROR.match(line):
            number = int(found[2])
            raise ModemError(cms_fault(number) if found[1] == "CMS" else cme_fault(number))
        if line == "ERROR":
            raise ModemError(cms_fault(500))
        if line in _STARTED:
            self.started = True
        elif _is_unasked(line, command):
            self.unasked.append(line)
            if line.startswith(_WITH_PDU):
                self.unasked[-1] = f"{line}\n{self._line(until + 1.0) or ''}"
        elif line != command:
            lines.append(line)

    def _put(self, data: bytes) -> None:
        self._port.write(data)

    def _line(self, until: float, *, prompt: bool = False) -> str | None:
        """Give the next line that is not empty, or ``>`` for the prompt; None when time is up."""
        while True:
            line, found, rest = self._kept.replace(b"\r", b"\n").partition(b"\n")
            if found:
                self._kept = rest
                if text := line.decode("latin-1").strip("\x00 "):
                    return text
                continue
            if prompt and self._kept.strip() == b">":
                self._kept = b""
                return ">"
            if len(self._kept) > _MOST:
                self._kept = b""
                raise ModemError(UNREADABLE)
            piece = self._port.read(256)
            if piece:
                self._kept += piece
            elif self._elapsed() >= until:
                return None


def _is_unasked(line: str, command: str) -> bool:
    """Say whether a line is no answer to a command: +CREG answers AT+CREG? and comes by itself."""
    found = _UNASKED.match(line)
    return found is not None and not (found[1] and command.startswith(f"AT+{found[1]}?"))
