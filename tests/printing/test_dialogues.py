"""What printers of other languages are asked, and when their answer counts as paper."""

from __future__ import annotations

import pytest
from simulated import Clock, Store
from slips import profile

from printers.dialogues import begin
from printers.dialogues.base import Dialogue
from printers.errors import ConnectionFailed
from printers.languages import starprnt
from printers.profile import Profile
from printers.spooler import Spooler


class Scripted:
    """A printer that gives prepared answers to what it is sent."""

    answers = True

    def __init__(self, clock: Clock, answers: dict[bytes, list[bytes]]) -> None:
        self._clock = clock
        self._answers = answers
        self._said: list[bytes] = []
        self.sent = b""

    def write(self, data: bytes) -> None:
        self.sent += data
        for question, answers in self._answers.items():
            if question in data and answers:
                self._said.append(answers.pop(0))

    def read(self, seconds: float) -> bytes:
        if self._said:
            return self._said.pop(0)
        self._clock.now += seconds
        return b""

    def close(self) -> None:
        pass


def host_status(
    *, paper_out: int = 0, head_open: int = 0, waiting: int = 0, left: int = 0
) -> bytes:
    lines = (
        f"030,{paper_out},0,0400,{waiting:03d},0,0,0,000,0,0,0",
        f"000,0,{head_open},0,1,2,6,0,{left:08d},1,000",
        "1234,0",
    )
    return b"".join(b"\x02" + line.encode() + b"\x03\r\n" for line in lines)


def brother(phase: int = 0, error: int = 0) -> bytes:
    status = bytearray(32)
    status[:3] = b"\x80\x20B"
    status[8] = error
    status[18] = phase
    return bytes(status)


def printed(name: str, answers: dict[bytes, list[bytes]]) -> tuple[str, str, bytes]:
    """Print one slip; give its state, the printer's trouble, and what was sent."""
    clock, store = Clock(), Store()
    store.queue(7)
    line = Scripted(clock, answers)
    spooler = Spooler(
        profile(name), store, lambda job: b"SLIP", lambda: line, patience=5, clock=clock
    )
    spooler.run()
    return store.states[7], spooler.health.code, line.sent


def test_a_zebra_label_is_printed_when_none_is_left_to_print() -> None:
    ready, busy = host_status(), [host_status(waiting=1), host_status(left=1)]
    assert printed("zebra-203", {b"~HS": [ready, *busy, ready, ready]})[:2] == ("printed", "")
    assert printed("zebra-203", {b"~HS": [ready, *busy, ready]})[0] == "unknown"
    assert printed("zebra-203", {b"~HS": [ready]})[0] == "unknown"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (host_status(paper_out=1), "printer.paper-out"),
        (host_status(head_open=1), "printer.cover-open"),
        (b"", "printer.silent"),
    ],
)
def test_a_zebra_that_is_not_ready_gets_nothing_but_the_question(status: bytes, code: str) -> None:
    state, trouble, sent = printed("zebra-203", {b"~HS": [status] * 9})
    assert (state, trouble, sent.replace(b"~HS", b"")) == ("queued", code, b"")


def test_a_brother_label_is_printed_when_its_status_says_so_and_is_not_asked_meanwhile() -> None:
    asked = {b"\x1biS": [brother()], b"SLIP": [brother(phase=1)]}
    state, _, sent = printed("brother-ql-62", asked)
    assert state == "printed"
    assert sent.endswith(b"SLIP")
    assert printed("brother-ql-62", {b"\x1biS": [brother()]})[0] == "unknown"
    assert printed("brother-ql-62", {b"\x1biS": [brother(error=1)]})[0] == "queued"


def test_a_star_slip_is_printed_at_the_end_of_its_own_document() -> None:
    def answers(number: int) -> dict[bytes, list[bytes]]:
        return {b"SLIP": [starprnt.question(number) + b"\x05\x00"]}

    assert printed("star-mc-print3", answers(7))[0] == "printed"
    assert printed("star-mc-print3", answers(6))[0] == "unknown"


@pytest.mark.parametrize("name", ["virtual-80", "zebra-203", "brother-ql-62", "star-mc-print3"])
def test_a_printer_is_asked_nothing_in_the_middle_of_a_slip(name: str) -> None:
    clock, store = Clock(), Store()
    store.queue(7)
    slip = bytes(range(1, 251)) * 20
    halts = [
        ConnectionFailed("printer.stalled", "It takes nothing.", one) for one in (100, 0, 0, 0)
    ]

    class Halting(Scripted):
        def write(self, data: bytes) -> None:
            if self.sent.find(slip[:100]) >= 0 and halts:
                halted = halts.pop(0)
                self.sent += data[: halted.accepted]
                raise halted
            super().write(data)

    answers = {b"\x10\x04": [b"\x12"] * 4, b"~HS": [host_status()], b"\x1biS": [brother()]}
    line = Halting(clock, answers)
    Spooler(profile(name), store, lambda job: slip, lambda: line, patience=5, clock=clock).run()
    assert not halts
    assert slip in line.sent.replace(b"\x1da\xff", b"")


def test_a_printer_that_can_only_be_written_to_is_never_asked() -> None:
    model: Profile = profile("virtual-80")
    line = Scripted(Clock(), {})
    line.answers = False
    dialogue = begin(model, line, Clock())
    assert type(dialogue) is Dialogue
    assert dialogue.dressed(b"SLIP", 1) == b"SLIP"
