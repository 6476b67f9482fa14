"""A printer has its time from when the last byte left, and is looked for again once it is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from printer_faults import CONFIRMATIONS, PAPER, out
from simulated import Clock, Line, Store

from printers.dialogues.base import Dialogue
from printers.dialogues.starprnt import StarDialogue
from printers.dialogues.zpl import ZplDialogue
from printers.identity import identify
from printers.jobs import RenderedSlip
from printers.patience import Patience
from printers.probe import probe
from printers.profile import Profile
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
