"""A printer in software in simulated time: the same seed and the same faults, the same paper."""

from __future__ import annotations

from collections.abc import Callable

from printers.errors import ConnectionFailed
from printers.jobs import MOVES, Job, PrintState
from printers.virtual import Machine

STALLED = 2.0
PIPE = 2048
"""Bytes on their way: taken from the sender, not yet by the printer."""
QUESTIONS = 48
"""So many bytes at the most are questions of how the printer is, and not of the slip."""


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Line:
    """A connection to a machine; over TCP the way has room for bytes, over serial it has none."""

    answers = True
    relayed = True

    def __init__(self, machine: Machine, clock: Clock) -> None:
        if not machine.on and not machine.model.serial:
            machine.advance(clock.now)
        if not machine.on and not machine.model.serial:
            raise ConnectionFailed("printer.unreachable", "The printer does not answer.")
        self._machine = machine
        self._clock = clock
        self._pipe = b""
        self._said = b""
        self._size = 0 if machine.model.serial else PIPE
        machine.connected()

    def write(self, data: bytes) -> None:
        sent, since = 0, self._clock.now
        while sent < len(data):
            if self._broken():
                raise ConnectionFailed("printer.cut-off", "It was lost.", sent)
            taken = self._take(data[sent : sent + 256])
            if taken:
                sent, since = sent + taken, self._clock.now
            elif self._clock.now - since >= STALLED:
                raise ConnectionFailed("printer.stalled", "It takes nothing.", sent)
            else:
                self._pass(0.02)

    def read(self, seconds: float) -> bytes:
        until = self._clock.now + seconds
        while True:
            self._pump()
            if self._said:
                said, self._said = self._said, b""
                return said
            if self._broken():
                raise ConnectionFailed("printer.cut-off", "It was lost.")
            if self._clock.now >= until:
                return b""
            self._pass(min(0.05, until - self._clock.now))

    def unacknowledged(self) -> int:
        return len(self._pipe)

    def close(self) -> None:
        for _ in range(100):
            if not self._pipe or self._broken():
                return
            self._pass(0.02)

    def _take(self, data: bytes) -> int:
        machine = self._machine
        if machine.model.serial:
            if machine.model.xonxoff and machine.told_to_stop:
                return 0
            self._said += machine.receive(data, self._clock.now)
            return len(data)
        room = self._size - len(self._pipe)
        self._pipe += data[:room]
        self._pump()
        return min(room, len(data))

    def _pump(self) -> None:
        machine, now = self._machine, self._clock.now
        self._said += machine.advance(now)
        while self._pipe and machine.room and not self._broken():
            piece, self._pipe = self._pipe[: machine.room], self._pipe[machine.room :]
            self._said += machine.receive(piece, now)

    def _pass(self, seconds: float) -> None:
        self._clock.now += seconds
        self._pump()

    def _broken(self) -> bool:
        return self._machine.line != "up"


class Store:
    """Jobs in memory, which insists on the allowed moves and remembers each.

    ``received`` counts the bytes that the printer has: a job of which it has some never goes back.
    """

    def __init__(self, received: Callable[[], int] = lambda: 0) -> None:
        self._received = received
        self._begun_at = 0
        self.states: dict[int, str] = {}
        self.causes: dict[int, str] = {}
        self.history: list[tuple[int, str, str]] = []

    def queue(self, id_: int) -> None:
        self.states[id_] = "queued"

    def next_job(self) -> Job | None:
        return next((Job(id_) for id_, state in self.states.items() if state == "queued"), None)

    def in_flight(self) -> list[Job]:
        return [Job(i) for i, state in self.states.items() if state in ("sending", "sent")]

    def torn(self) -> bool:
        sent = [id_ for id_, state, _ in self.history if state in ("unknown", "printed", "failed")]
        return bool(sent) and self.states[sent[-1]] == "unknown"

    def remark_missing_letters(self, job: Job) -> None:
        """Keep no remarks: what is told of letters is the journal's."""

    def move(self, job: Job, state: str, cause: str, sha256: str) -> bool:
        assert state in MOVES[PrintState(self.states[job.id])], (self.states[job.id], state)
        if state == "sending":
            self._begun_at = self._received()
        if state == "queued":
            had = self._received() - self._begun_at
            assert had <= QUESTIONS, f"job {job.id} goes back, and the printer has {had} bytes"
        self.states[job.id], self.causes[job.id] = state, cause
        self.history.append((job.id, state, cause))
        return True

    def hold(self, job: Job, cause: str) -> None:
        self.causes[job.id] = cause
        self.history.append((job.id, "held", cause))
