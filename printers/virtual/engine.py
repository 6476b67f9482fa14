"""What a printer has read and not yet printed, and the clock by which paper moves."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from printers.interpreter.drawing import Band
from printers.virtual.model import Model
from printers.virtual.roll import Roll


@dataclass(frozen=True, slots=True)
class CutHere:
    """A cut whose turn comes, with the bytes that made the paper."""

    data: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that waits until everything before it is on paper."""

    data: bytes


class Engine:
    """The print head and the cutter."""

    def __init__(self, model: Model, roll: Roll, reply: Callable[[bytes, float], None]) -> None:
        self._model = model
        self._roll = roll
        self._reply = reply
        self._queue: deque[Band | CutHere | Reply] = deque()
        self._done = 0
        self._rows = 0
        self.seconds_a_row = 1 / (8 * model.millimetres_per_second)
        self.clock = 0.0
        self.stop_at: int | None = None
        self.cutter_blocked = False
        self.jammed = False

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be printed."""
        return not self._queue

    @property
    def full(self) -> bool:
        """Whether it takes no more for now."""
        return bool(self._queue) and self._rows >= self._model.print_ahead

    def put(self, item: Band | CutHere | Reply) -> None:
        """Take something to print; of answers that wait only the latest is given."""
        if isinstance(item, Reply):
            self._queue = deque(step for step in self._queue if not isinstance(step, Reply))
        if isinstance(item, Band):
            self._rows += item.height
        self._queue.append(item)

    def clear(self) -> None:
        """Forget what waits; what is on paper stays."""
        self._queue.clear()
        self._done = self._rows = 0

    def wait_for(self, now: float) -> None:
        """Let time pass that nothing was printed in."""
        if not self._queue:
            self.clock = max(self.clock, now)

    def step(self, now: float) -> bool:
        """Do what can be done by ``now``; false: nothing could be."""
        if not self._queue:
            return False
        item = self._queue[0]
        if isinstance(item, Band):
            return self._print(item, now)
        if isinstance(item, CutHere):
            if self.cutter_blocked:
                self.jammed = True
                return False
            if self.clock + item.seconds > now:
                return False
            self.clock += item.seconds
            self._roll.cut(item.data)
        else:
            self._reply(item.data, self.clock)
        self._queue.popleft()
        return True

    def next_time(self) -> float | None:
        """Give when something more can be done; none: nothing waits."""
        if not self._queue:
            return None
        item = self._queue[0]
        if isinstance(item, Band):
            return self.clock + self.seconds_a_row
        return self.clock + (item.seconds if isinstance(item, CutHere) else 0.0)

    def _print(self, band: Band, now: float) -> bool:
        possible = int((now - self.clock) / self.seconds_a_row + 1e-6)
        rows = min(band.height - self._done, possible)
        if self.stop_at is not None:
            rows = min(rows, max(1, self.stop_at - self._roll.rows))
        if rows <= 0:
            return False
        self._roll.print(band, self._done, rows)
        self.clock += rows * self.seconds_a_row
        self._done += rows
        self._rows -= rows
        if self._done == band.height:
            self._queue.popleft()
            self._done = 0
        return True
