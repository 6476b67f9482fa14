"""A printer has its time from when the last byte left, and is looked for again once it is over."""

from __future__ import annotations

import fcntl
import socket
import struct
from collections.abc import Callable
from dataclasses import replace

import pytest
from printer_faults import CONFIRMATIONS, PAPER, out
from simulated import Clock, Line, Store

from printers.connections.stream import StreamConnection
from printers.dialogues import begin
from printers.dialogues.base import Dialogue
from printers.dialogues.brother_ql import BrotherDialogue
from printers.dialogues.starprnt import StarDialogue
from printers.dialogues.zpl import ZplDialogue
from printers.errors import ConnectionFailed
from printers.identity import identify
from printers.jobs import RenderedSlip
from printers.patience import Patience
from printers.probe import probe
from printers.profile import Profile
from printers.sending import send_all
from printers.spooler import Spooler
from printers.virtual import Fault, Machine, Model

STAR = bytes([0x23, 0x06, 0, 0, 0, 0, 0, 0, 0])
ZEBRA = b"\x02ZD420-203dpi,V84.20,8,8192KB\x03\x02030,0,0,0400,000,0,0,0,000,0,0,0\x03" \
        b"\x02000,0,0,0,1,2,6,0,00000000,1,000\x03\x021234,0\x03"  # fmt: skip


class StarvedClock(Clock):
    """The clock of a process that is not let run for a minute whenever it has looked at it."""

    def __call__(self) -> float:
        seen, self.now = self.now, self.now + 60
        return seen


class Answered:
    """A connection on which an answer lies ready as soon as something was asked."""

    answers = True

    def __init__(self, answer: bytes) -> None:
        self._answer, self._said = answer, b""

    def write(self, data: bytes) -> None:
        self._said = self._answer

    def read(self, seconds: float) -> bytes:
        said, self._said = self._said, b""
        return said

    def close(self) -> None:
        """Leave nothing behind."""


def spooled(
    machine: Machine, clock: Clock, slips: Callable[[int], bytes], profile: Profile = PAPER
) -> Store:
    store = Store(lambda: machine.received)
    store.queue(1)
    spooler = Spooler(
        profile, store, lambda job: RenderedSlip(slips(job.id)), lambda: Line(machine, clock),
        patience=3, clock=clock,
    )  # fmt: skip
    spooler.run()
    return store


@pytest.mark.parametrize("confirmation", CONFIRMATIONS)
def test_an_answer_that_came_while_the_process_was_not_let_run_is_heard(
    slip_bytes: Callable[[int], bytes], confirmation: str
) -> None:
    machine = Machine(Model())
    profile = replace(PAPER, confirmation=confirmation)  # type: ignore[arg-type]
    store = spooled(machine, StarvedClock(), slip_bytes, profile)
    assert store.states == {1: "printed"}
    assert out(1, machine.roll.lines) == 1


@pytest.mark.parametrize("seconds", [4, 10])
def test_a_printer_that_takes_a_slip_slowly_has_its_time_from_the_last_byte_it_took(
    slip_bytes: Callable[[int], bytes], seconds: float
) -> None:
    machine = Machine(Model(buffer=300))
    machine.arm(Fault("slow", seconds=seconds), 0)
    assert spooled(machine, Clock(), slip_bytes).states == {1: "printed"}


def test_a_printer_that_takes_no_more_of_a_slip_is_not_waited_for_without_end(
    slip_bytes: Callable[[int], bytes],
) -> None:
    machine, clock = Machine(Model()), Clock()
    machine.arm(Fault("deaf", at_byte=len(slip_bytes(1)) - 500), 0)
    assert spooled(machine, clock, slip_bytes).states == {1: "unknown"}
    assert clock.now < 120


@pytest.mark.parametrize(("dialogue", "answer"), [(StarDialogue, STAR), (ZplDialogue, ZEBRA)])
def test_a_status_that_lies_ready_is_taken_however_late_it_is_looked_for(
    dialogue: type[Dialogue], answer: bytes
) -> None:
    assert dialogue(PAPER, Answered(answer), StarvedClock()).look(1.0).heard


@pytest.mark.parametrize(("language", "answer"), [("starprnt", STAR), ("zpl", ZEBRA)])
def test_who_a_printer_is_is_read_however_late_it_is_looked_for(
    language: str, answer: bytes
) -> None:
    assert identify(Answered(answer), language, clock=StarvedClock()) is not None


def test_what_a_printer_can_do_is_read_however_late_it_is_looked_for() -> None:
    clock = Clock()
    seen = iter([0.0])  # the first look is at the time; after it nobody runs for some seconds

    def starved() -> float:
        clock.now += 0.7
        return next(seen, clock.now)

    abilities = probe(Line(Machine(Model()), clock), patience=0.5, clock=starved)
    assert abilities.real_time


def test_the_last_look_begins_after_the_time_and_a_move_gives_all_of_it_again() -> None:
    clock = Clock()
    patience, seen = Patience(2.0, clock), []
    for left in patience.looks():
        seen.append(left)
        clock.now += 1.5
        if len(seen) == 3:
            assert left == 0
            patience.restart()
    assert seen == [2.0, 0.5, 0.0, 2.0, 0.5, 0.0]


class Sieve:
    """A line that takes no byte for a while, and says how many bytes are on their way."""

    answers = True
    relayed = True

    def __init__(self, clock: Clock, backlog: int, a_second: float) -> None:
        self._clock, self._backlog, self._a_second = clock, backlog, a_second
        self.took = b""

    def write(self, data: bytes) -> None:
        if self.unacknowledged() > 0:
            self._clock.now += 2
            raise ConnectionFailed("printer.stalled", "The printer has stopped taking data.")
        self.took += data

    def read(self, seconds: float) -> bytes:
        self._clock.now += seconds
        return b""

    def unacknowledged(self) -> int:
        return max(0, int(self._backlog - self._clock.now * self._a_second))

    def close(self) -> None:
        """Leave nothing behind."""


@pytest.mark.parametrize(("a_second", "whole"), [(1000, True), (0, False)])
def test_a_full_line_that_carries_bytes_away_has_not_stopped(a_second: int, whole: bool) -> None:
    """The system asks for more only when a third of its buffer is free: half a minute, at 1 kB/s."""
    clock = Clock()
    line = Sieve(clock, 40_000, a_second)
    dialogue = Dialogue(PAPER, line, clock)
    if whole:
        send_all(dialogue, b"SLIP", lambda _: False, clock)
        assert line.took == b"SLIP"
    else:
        with pytest.raises(ConnectionFailed, match="stopped taking data"):
            send_all(dialogue, b"SLIP", lambda _: False, clock)
        assert clock.now < 30


def test_a_process_that_was_held_up_tries_once_more_before_it_gives_a_printer_up() -> None:
    clock, tried = Clock(), [0]

    class Line(Sieve):
        def write(self, data: bytes) -> None:
            tried[0] += 1
            if tried[0] == 1:
                clock.now += 60  # nobody ran
                raise ConnectionFailed("printer.stalled", "The printer has stopped taking data.")
            self.took += data

    line = Line(clock, 0, 0)
    send_all(Dialogue(PAPER, line, clock), b"SLIP", lambda _: False, clock)
    assert line.took == b"SLIP"


def test_a_question_has_its_whole_time_after_the_process_was_held_up_in_one_before_it() -> None:
    """The second of four is not asked with no time left, and its silence taken for the printer's."""
    machine, clock = Machine(Model()), Clock()

    class Held(Line):
        def read(self, seconds: float) -> bytes:
            said = super().read(seconds) if seconds else b""  # an answer takes its time
            if said == b"\x12":
                clock.now += 30
            return said

    told = begin(PAPER, Held(machine, clock), clock)
    machine.arm(Fault("near-end"), clock.now)  # the last of the four answers tells it
    seen = told.look(4.0)
    assert seen.warning is not None
    assert seen.warning.code == "printer.paper-near-end"
    abilities = probe(Held(machine, clock), clock=clock)
    assert abilities.real_time


def test_a_status_that_comes_in_pieces_is_put_together() -> None:
    status = bytes([0x80, 0x20, 0x42]) + bytes(29)
    pieces = [status[:7], status[7:20], status[20:]]

    class Slowly(Answered):
        def read(self, seconds: float) -> bytes:
            return pieces.pop(0) if self._said and pieces else b""

    assert BrotherDialogue(PAPER, Slowly(b"asked"), Clock()).look(4.0).heard


@pytest.mark.parametrize("free", [0, 4096])
def test_bytes_on_their_way_are_counted_where_the_kernel_tells_the_room_that_is_free(
    monkeypatch: pytest.MonkeyPatch, free: int
) -> None:
    """Over Bluetooth ``SIOCOUTQ`` gives what still fits; over TCP what has not arrived."""
    waiting = [0]

    def told(*_: object) -> bytes:
        return struct.pack("i", free - waiting[0] if free else waiting[0])

    monkeypatch.setattr(fcntl, "ioctl", told)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        connection = StreamConnection(ours)
        assert connection.unacknowledged() == 0
        waiting[0] = 300
        assert connection.unacknowledged() == 300
