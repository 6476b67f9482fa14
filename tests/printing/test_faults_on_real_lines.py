"""Every fault at every stage once more, over real sockets and real pseudo-terminals.

The table is that of ``test_faults.py``. There time is simulated and each run is the same; here the
kernel, pyserial and threads have their say. The spooler's clock runs fast, and the desks of one
fault live side by side, because nearly all of their time is waiting.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest
from printer_faults import (
    CONFIRMATIONS,
    FAULTS,
    HOLDING,
    PAPER,
    STAGES,
    Hasty,
    numbered_slips,
    place,
    untrue,
)
from pulses import BEAT, Pulse
from simulated import Store

from printers.connections import Connection, connect
from printers.connections.serial_port import STALLED
from printers.connections.stream import StreamConnection
from printers.fonts import Fonts
from printers.jobs import Job, RenderedSlip
from printers.spooler import Spooler
from printers.virtual import Kind, Model, VirtualPrinter

pytestmark = pytest.mark.slow  # real lines, timed by a fast clock

SPEED = 8
"""Seconds of the spooler in one of the wall's: a fault that takes it 20 s takes the test 2.5."""
LINES = {"tcp": 60, "pty": 18}
"""Drawn words on a slip: a pseudo-terminal is as slow as a line of 115200 baud."""
_PATIENCE, _MENDED_AFTER = 16.0, 14.0
_LONG = 800.0
"""Where every slip must be printed in the end, however slow the machine is that runs the test."""
_DEAF = ("deaf", "half-open")
_DEAF_FOR = 34.0
"""A printer that takes no byte is given up after 20 s."""
_GIVEN_UP = 1600.0
Slips = Mapping[str, Callable[[int], bytes]]
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Case:
    """A fault at a stage, on one kind of line, with one kind of confirmation."""

    kind: Kind
    seconds: float
    stage: str
    line: str
    confirmation: str = "process-id"


class Hurried:
    """A real connection that waits as many times shorter as the spooler's clock is faster."""

    answers = True

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        # the time in which no byte is taken, and that for closing
        for name in ("_stalled", "_closing"):
            if hasattr(connection, name):
                setattr(connection, name, STALLED / SPEED)
        if isinstance(connection, StreamConnection):
            # a small buffer on this side, too: the kernel would take a whole slip at once
            connection._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2048)

    def write(self, data: bytes) -> None:
        self._connection.write(data)

    def read(self, seconds: float) -> bytes:
        # at least a beat: what is left of a wait by a slow clock must not be asked for without end
        return self._connection.read(max(seconds / SPEED, BEAT) if seconds > 0 else 0)

    def close(self) -> None:
        self._connection.close()


@pytest.fixture(scope="session")
def clock() -> Iterator[Clock]:
    with Pulse(SPEED) as seconds:
        yield seconds


@pytest.fixture(scope="session")
def long_slips(fonts: Fonts) -> Slips:
    """Give slips that no buffer on their line holds whole: faults strike while they are written."""
    return {line: numbered_slips(fonts, words) for line, words in LINES.items()}


class Desk:
    """A printer on a real line, its spooler, and a person who puts right what is wrong."""

    def __init__(
        self, case: Case, slips: Slips, clock: Clock, spooler: type[Spooler] = Spooler
    ) -> None:
        self._case = case
        self._clock = clock
        # paper as fast against the line as 150 mm/s are against the spooler's clock
        model = Model(
            serial=case.line == "pty",
            process_id=case.confirmation == "process-id",
            transmit_status=case.confirmation != "real-time-status",
            automatic_status=case.confirmation != "real-time-status",
            millimetres_per_second=150 * SPEED,
            cut_seconds=0.25 / SPEED,
        )
        self.printer = VirtualPrinter(model=model, clock=lambda: clock() / SPEED)
        self.store = Store(lambda: self.printer.machine.received)
        self.spooler = spooler(
            replace(PAPER, confirmation=case.confirmation),  # type: ignore[arg-type]
            self.store,
            lambda job: RenderedSlip(slips[case.line](job.id)),
            lambda: Hurried(connect(self.printer.uri)),
            patience=_LONG if case.kind in HOLDING else _PATIENCE,
            clock=clock,
        )
        fault = place(case.stage, slips[case.line](1)).fault(case.kind, case.seconds / SPEED)
        self.printer.arm(fault)
        self.struck = False
        for job in (1, 2):
            self.store.queue(job)

    def mend(self) -> None:
        """Put everything right, once the fault has struck and had its time."""
        given_up = self._clock() + _GIVEN_UP
        while self.printer.machine._troubles._armed and self._clock() < given_up:
            time.sleep(0.2 / SPEED)
        self.struck = not self.printer.machine._troubles._armed
        mended = self._clock() + (_DEAF_FOR if self._case.kind in _DEAF else _MENDED_AFTER)
        while self._clock() < mended:
            time.sleep(0.2 / SPEED)
        self.printer.clear()

    def lived(self) -> list[str]:
        """Print both jobs, and say what is wrong in the end."""
        person = threading.Thread(target=self.mend, daemon=True)
        given_up = self._clock() + _GIVEN_UP
        self.printer.start()
        person.start()
        try:
            while not self._settled() and self._clock() < given_up:
                self.spooler.run()
                time.sleep(0.5 / SPEED)
            person.join()
            self.printer.settle()
            case = self._case
            wrong = untrue(self.store.states, self.printer.tape(), case.kind, case.confirmation)
            missed = [] if self.struck else ["the fault never struck"]
            return [f"{case}: {one}; {self.store.history}" for one in (*missed, *wrong)]
        finally:
            self.printer.stop()

    def _settled(self) -> bool:
        return set(self.store.states.values()) <= {"printed", "unknown", "failed"}


def lived_side_by_side(
    cases: list[Case], slips: Slips, clock: Clock, spooler: type[Spooler] = Spooler
) -> list[str]:
    """Run cases in threads, each with its own printer, and say what is wrong in the end."""
    for make in slips.values():
        make(1)  # made once, before the threads need it
    with ThreadPoolExecutor(len(cases)) as threads:
        found = threads.map(lambda case: Desk(case, slips, clock, spooler).lived(), cases)
        return [wrong for one in found for wrong in one]


def cases(kind: Kind, seconds: float) -> Iterator[Case]:
    for stage in STAGES:
        for line in LINES:
            for confirmation in CONFIRMATIONS:
                # an answer of one byte can be guessed by noise
                if (kind, confirmation) != ("garbage", "transmit-status"):
                    yield Case(kind, seconds, stage, line, confirmation)


@pytest.mark.parametrize(("kind", "seconds"), FAULTS, ids=[kind for kind, _ in FAULTS])
def test_a_fault_at_any_stage_on_a_real_line_leaves_states_that_are_true(
    long_slips: Slips, clock: Clock, kind: Kind, seconds: float
) -> None:
    assert not lived_side_by_side(list(cases(kind, seconds)), long_slips, clock)


class Resending(Spooler):
    """The planted bug: a slip of which nothing is known is sent again."""

    def _send(self, job: Job, made: RenderedSlip, dialogue: object) -> None:
        try:
            super()._send(job, made, dialogue)  # type: ignore[arg-type]
        finally:
            if self._store.states[job.id] == "unknown":  # type: ignore[attr-defined]
                self._store.states[job.id] = "queued"  # type: ignore[attr-defined]


class Blunt(Spooler):
    """The planted bug: a slip that was cut off after its first byte has failed."""

    def _send(self, job: Job, made: RenderedSlip, dialogue: object) -> None:
        try:
            super()._send(job, made, dialogue)  # type: ignore[arg-type]
        finally:
            if self._store.states[job.id] == "unknown":  # type: ignore[attr-defined]
                self._store.states[job.id] = "failed"  # type: ignore[attr-defined]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize(("bug", "kind", "stage"), [
    (Resending, "silent", "last byte"), (Blunt, "power", "in the code"),
    (Hasty, "power", "last byte"),
])  # fmt: skip
def test_the_table_finds_a_planted_bug(
    long_slips: Slips, clock: Clock, line: str, bug: type[Spooler], kind: Kind, stage: str
) -> None:
    (case,) = (
        one for one in cases(kind, 4) if (one.stage, one.line) == (stage, line)
        and one.confirmation == "process-id"
    )  # fmt: skip
    assert not Desk(case, long_slips, clock).lived()
    assert Desk(case, long_slips, clock, bug).lived()
