"""A clock that stands still while a busy machine lets nobody run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

BEAT = 0.005
"""Seconds of the wall between two beats."""


class Pulse:
    """Seconds that pass ``speed`` times as fast, and never ahead of a machine that has no time.

    A thread like those that are timed by it counts the moments in which it could run: while all of
    them starve, no time passes, and nothing is taken for silence.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed
        self._seconds = 0.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Callable[[], float]:
        self._thread.start()
        return lambda: self._seconds

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _beat(self) -> None:
        last = time.monotonic()
        while not self._stopped.wait(BEAT):
            now = time.monotonic()
            self._seconds += min(now - last, 2 * BEAT) * self._speed
            last = now
