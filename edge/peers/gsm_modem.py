"""A GSM modem in software, with a network behind it: it behaves, or fails where it is told to."""

from __future__ import annotations

import contextlib
import os
import re
import select
import threading
import tty
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

Failing = Literal[
    "", "loses-part", "error", "hangs", "no-prompt", "reset", "no-credit", "silent", "wrong-number"
]
"""What it does with the next message; ``silent``: with every command."""
Reporting = Literal["delivered", "failed", "late", "none"]


@dataclass
class SoftwareModem:
    """What is fed to it is answered; ``taken`` are the PDUs that its network took.

    ``pin`` is what its SIM wants, ``tries`` how often it may be wrong; ``took`` is called for each
    message the network takes (a clock moves on by its seconds there).
    """

    pin: str = ""
    tries: int = 3
    failing: Failing = ""
    reporting: Reporting = "delivered"
    registered: str = "1"
    balance: str = "You have 12.50 left."
    refuses: str = ""
    """The beginning of commands that its memory fails at."""
    at_part: int = 1
    """Which message from now on fails, counted from one."""
    took: Callable[[], None] = lambda: None
    taken: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    stored: dict[int, str] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)
    _kept: bytes = b""
    _wants_pdu: bool = False
    _locked: bool = True
    _echo: bool = True
    _number: int = 0

    def feed(self, data: bytes) -> bytes:
        """Take bytes, and give what comes back at once."""
        self._kept += data
        answer = b""
        while True:
            end = re.search(rb"\x1a|\x1b|\r", self._kept)
            if end is None:
                return answer
            piece, self._kept = self._kept[: end.start()], self._kept[end.end() :]
            if end[0] == b"\x1b":
                self._wants_pdu = False
            elif end[0] == b"\x1a" and self._wants_pdu:
                self._wants_pdu = False
                answer += self._message(piece.decode("ascii"))
            elif end[0] == b"\r" and self.failing != "silent":
                answer += self._command(piece.decode("latin-1").strip())

    def reply(self, digits: str) -> bytes:
        """Have somebody's message arrive, as a PDU; give what is said of it unasked."""
        place = max(self.stored, default=0) + 1
        self.stored[place] = digits
        return f'\r\n+CMTI: "SM",{place}\r\n'.encode()

    def report_late(self) -> bytes:
        """Give the reports that were held back."""
        held, self.late = self.late, []
        return b"".join(map(_said, held))

    def _command(self, command: str) -> bytes:
        if not command:
            return b""
        self.asked.append(command)
        echo = command.encode("latin-1") + b"\r" if self._echo else b""
        if self.refuses and command.startswith(self.refuses):
            return echo + b"\r\n+CMS ERROR: 320\r\n"
        for beginning, answer in self._answers():
            if command.startswith(beginning):
                return echo + answer(command)
        return echo + b"\r\nOK\r\n"

    def _answers(self) -> list[tuple[str, Callable[[str], bytes]]]:
        return [
            ("ATE0", self._without_echo),
            ("AT+CPIN?", lambda _: _lines(f"+CPIN: {'SIM PIN' if self._wants_pin else 'READY'}")),
            ("AT+CPIN=", self._unlock),
            ("AT+CREG?", lambda _: _lines(f"+CREG: 0,{self.registered}")),
            ("AT+CSQ", lambda _: _lines("+CSQ: 18,99")),
            (
                "AT+CUSD=",
                lambda _: b'\r\nOK\r\n\r\n+CUSD: 0,"' + self.balance.encode() + b'",15\r\n',
            ),
            ("AT+CMGL=", lambda _: _lines(*self._listed())),
            ("AT+CMGD=", self._delete),
            ("AT+CMGS=", self._prompt),
            ("AT+CFUN=1,1", self._restart),
        ]

    @property
    def _wants_pin(self) -> bool:
        return bool(self.pin) and self._locked

    def _without_echo(self, _command: str) -> bytes:
        self._echo = False
        return b"\r\nOK\r\n"

    def _unlock(self, command: str) -> bytes:
        if command != f'AT+CPIN="{self.pin}"':
            self.tries -= 1
            return b"\r\n+CME ERROR: 16\r\n"
        self._locked = False
        return b"\r\nOK\r\n"

    def _restart(self, _command: str) -> bytes:
        self._locked, self._echo, self._wants_pdu = True, True, False
        return b"\r\nOK\r\n\r\nRDY\r\n"

    def _prompt(self, _command: str) -> bytes:
        if self._wants_pin:
            return b"\r\n+CMS ERROR: 311\r\n"
        if self._fails("no-prompt"):
            return b""
        self._wants_pdu = True
        return b"\r\n> "

    def _fails(self, *how: Failing) -> bool:
        """Say whether it fails so at this message; each failure is told for one."""
        if self.failing not in how:
            return False
        if self.failing == "no-prompt" or self.at_part <= 1:
            self.failing, self.at_part = "", 1
            return True
        return False

    def _message(self, digits: str) -> bytes:
        failing = self.failing
        if self._fails("error", "no-credit", "wrong-number", "hangs", "reset", "loses-part"):
            if failing in ("hangs", "reset"):
                self._take(digits)  # the network has it, and nobody hears so
                return self._restart("")[6:] if failing == "reset" else b""
            number = {"error": 41, "no-credit": 512, "wrong-number": 28, "loses-part": 38}[failing]
            return f"\r\n+CMS ERROR: {number}\r\n".encode()
        self.at_part -= 1
        number = self._take(digits)
        return f"\r\n+CMGS: {number}\r\n\r\nOK\r\n".encode() + self._report(digits, number)

    def _take(self, digits: str) -> int:
        self.took()
        self.taken.append(digits)
        self._number = (self._number + 1) % 256
        return self._number

    def _report(self, digits: str, number: int) -> bytes:
        if self.reporting == "none":
            return b""
        report = status_report(digits, number, 0x43 if self.reporting == "failed" else 0x00)
        if self.reporting == "late":
            self.late.append(report)
            return b""
        return _said(report)

    def _listed(self) -> Iterator[str]:
        for place, digits in self.stored.items():
            yield f"+CMGL: {place},0,,{len(digits) // 2 - 1}"
            yield digits

    def _delete(self, command: str) -> bytes:
        self.stored.pop(int(command.partition("=")[2]), None)
        return b"\r\nOK\r\n"


def status_report(submitted: str, number: int, status: int) -> str:
    """Make the network's report on a part that was submitted, as a PDU."""
    tpdu = bytes.fromhex(submitted)[1:]
    address = tpdu[2 : 4 + (tpdu[2] + 1) // 2]
    stamp = bytes.fromhex("62112181000000")
    return (bytes((0, 0x06, number)) + address + stamp + stamp + bytes((status,))).hex().upper()


def text_from(number: str, text: str, second: int = 0) -> str:
    """Make a message that somebody sends, in UCS2, as a PDU; ``second`` tells two apart."""
    digits = number.removeprefix("+")
    padded = digits + "F" * (len(digits) % 2)
    swapped = "".join(padded[at + 1] + padded[at] for at in range(0, len(padded), 2))
    data = text.encode("utf-16-be")
    head = bytes((0, 0x04, len(digits), 0x91)) + bytes.fromhex(swapped) + bytes((0, 0x08))
    stamp = bytes.fromhex(f"6211218100{second:02}00")
    return (head + stamp + bytes((len(data),)) + data).hex().upper()


def _lines(*lines: str) -> bytes:
    return "".join(f"\r\n{line}\r\n" for line in (*lines, "OK")).encode()


def _said(report: str) -> bytes:
    return f"\r\n+CDS: {len(report) // 2 - 1}\r\n{report}\r\n".encode()


class ModemLine:
    """A serial line to the modem without a system beneath it: what is written is answered."""

    def __init__(self, modem: SoftwareModem, tick: Callable[[], None]) -> None:
        self._modem = modem
        self._tick = tick
        self.waiting = b""
        self.open = True

    def write(self, data: bytes, /) -> object:
        """Send bytes."""
        if not self.open:
            raise OSError("unplugged")
        self.waiting += self._modem.feed(data)
        return len(data)

    def read(self, size: int = 1, /) -> bytes:
        """Give up to so many bytes; with none a moment passes."""
        if not self.open:
            raise OSError("unplugged")
        piece, self.waiting = self.waiting[:size], self.waiting[size:]
        if not piece:
            self._tick()
        return piece

    def close(self) -> None:
        """Let it go."""


@contextlib.contextmanager
def modem_on_a_terminal(modem: SoftwareModem) -> Iterator[str]:
    """Serve a modem on a pseudo-terminal, as a serial port; give its path."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            if select.select([ours], [], [], 0.1)[0]:
                with contextlib.suppress(OSError):
                    os.write(ours, modem.feed(os.read(ours, 4096)))

    thread = threading.Thread(target=serve, name="modem in software", daemon=True)
    thread.start()
    try:
        yield os.ttyname(theirs)
    finally:
        ended.set()
        thread.join(5)
        os.close(ours)
        os.close(theirs)
