"""How long something is waited for, and that it is looked for once more when the time is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator


class Patience:
    """So many seconds of waiting.

    A process that a busy machine does not let run loses its time without having looked; what came
    meanwhile lies in the system's buffers. So time is over only after a look that began after it.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self.restart()

    def restart(self) -> None:
        """Count from now: something has moved."""
        self._until = self._clock() + self._seconds

    def looks(self) -> Iterator[float]:
        """Give the seconds that are left before each look, and 0 before the last one."""
        over = False
        while not over:
            until, left = self._until, max(0.0, self._until - self._clock())
            yield left
            over = left == 0 and self._until == until
