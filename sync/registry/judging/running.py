"""Judges until it is stopped, in a thread or in a process of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from sync.protocol.errors import SyncError
from sync.registry.judging.worker import Judging, where

_SWEEP_EVERY = 600.0
"""Seconds between looks at everything that is held."""

_log = logging.getLogger("divoc_registry.judging")


class JudgingWorker:
    """A thread that judges until it is closed, and looks every second for what is new."""

    def __init__(
        self,
        judging: Judging,
        every: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._judging = judging
        self._every = every
        self._clock = clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.run, name="judging", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end behind the piece at hand."""
        self._stop.set()

    def close(self) -> None:
        """Finish what it has claimed, and stop."""
        self.stop()
        if self._thread.is_alive():
            self._thread.join(30)

    def run(self) -> None:
        """Judge in this thread until it is stopped."""
        sweep_at = self._clock()
        while not self._stop.is_set():
            judged = 0
            try:
                if self._clock() >= sweep_at:
                    sweep_at = self._clock() + _SWEEP_EVERY
                    self._judging.sweep()
                judged = self._judging.run()
            except SyncError as error:  # the database is away: the next round tries again
                _log.warning("judging waits: %s", error.code)
            except Exception as error:
                _log.error("judging failed: %s", where(error))
            if not judged:
                self._stop.wait(self._every)
