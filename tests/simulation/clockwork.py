"""Virtual time and the one source of chance: an event heap, a seeded generator, and the trace."""

from __future__ import annotations

import hashlib
import heapq
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

from edge.adapters.entropy import uuid7

DAY = 86_400.0
START = datetime(2026, 11, 24, 7, tzinfo=UTC)
_RECENT = 60
_MOST_WAITING = 20_000


class Violation(BaseException):
    """Something that must never be was so; the software under test cannot catch it."""


class Clockwork:
    """Runs events in order of virtual seconds since :data:`START`; what ran is hashed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.now = 0.0
        self.steps = 0
        self.recent: deque[str] = deque(maxlen=_RECENT)
        self._heap: list[tuple[float, int, str, Callable[[], None]]] = []
        self._order = 0
        self._trace = hashlib.sha256()

    def after(self, delay: float, name: str, action: Callable[[], None]) -> None:
        """Let something happen so many seconds from now."""
        self._order += 1
        heapq.heappush(self._heap, (self.now + delay, self._order, name, action))
        if len(self._heap) > _MOST_WAITING:
            raise Violation(f"{len(self._heap)} events are waiting: something grows without end")

    def run(self, until: float, check: Callable[[], None]) -> None:
        """Run every event up to a moment, and the check after each."""
        while self._heap and self._heap[0][0] <= until:
            self.now, _, name, action = heapq.heappop(self._heap)
            self.steps += 1
            self.log(name)
            action()
            check()
        self.now = until

    def log(self, what: str) -> None:
        """Write down what happens, for the trace and for whoever reads a failure."""
        line = f"{self.now:12.1f} {what}"
        self.recent.append(f"{self.steps:7} {line}")
        self._trace.update(line.encode() + b"\n")

    def trace(self) -> str:
        """Give the hash of everything that was logged."""
        return self._trace.hexdigest()[:16]

    def moment(self, offset: float = 0.0) -> datetime:
        """Give the instant that a clock shows which is wrong by so many seconds."""
        return START + timedelta(seconds=self.now + offset)

    def chance(self, rate: float) -> bool:
        """Say whether something of this probability happens; a rate of 0 draws nothing."""
        return rate > 0 and self.random.random() < rate

    def uuid(self) -> str:
        """Make a UUIDv7 as a tablet does."""
        return uuid7(self.moment(), self.random.randbytes(10))

    def hex(self, digits: int) -> str:
        """Give a random number in hex."""
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"
