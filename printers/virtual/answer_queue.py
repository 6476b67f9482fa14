"""What a printer says back, and when: late, in garbage, or not at all."""

from __future__ import annotations

import random
from collections import deque

from printers.virtual.troubles import Troubles


class AnswerQueue:
    """Answers on their way to the line; ``seed`` makes the garbage."""

    def __init__(self, troubles: Troubles, seed: int) -> None:
        self._troubles = troubles
        self._random = random.Random(seed)  # noqa: S311  (garbage that tests can repeat)
        self._waiting: deque[tuple[float, bytes]] = deque()

    def say(self, data: bytes, when: float) -> None:
        """Answer, if the faults of the moment let it."""
        if self._troubles.holding("silent", "half-open"):
            return
        if self._troubles.holding("garbage"):
            data = self._random.randbytes(len(data))
        self.signal(data, when + self._troubles.seconds("late"))

    def signal(self, data: bytes, when: float) -> None:
        """Send what the line itself needs, whatever holds."""
        self._waiting.append((when, data))

    def due(self, now: float) -> bytes:
        """Take what is said by now, in order."""
        said = b""
        while self._waiting and self._waiting[0][0] <= now:
            said += self._waiting.popleft()[1]
        return said

    @property
    def next_time(self) -> float | None:
        """When the next answer is due."""
        return self._waiting[0][0] if self._waiting else None

    def clear(self) -> None:
        """Forget what was not said yet."""
        self._waiting.clear()
