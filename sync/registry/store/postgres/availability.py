"""Knows whether a database answers, so that nobody waits for one that is away."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Availability:
    """Remembers when a database last answered, and lets few ask one that does not.

    ``clock`` gives seconds of a monotonic clock; one who was let through tells what came of it by
    ``answered`` or ``silent``. While the database is silent, one is let through every ``every``
    seconds, and all others are to refuse at once.
    """

    def __init__(self, clock: Callable[[], float], every: float = 1.0) -> None:
        self._clock = clock
        self._every = every
        self._lock = threading.Lock()
        self._answered_at = clock()
        self._next: float | None = None

    def may_ask(self) -> bool:
        """Say whether the caller may ask the database now."""
        with self._lock:
            if self._next is None:
                return True
            now = self._clock()
            if now < self._next:
                return False
            self._next = now + self._every
            return True

    def answered(self) -> None:
        """The database answered: everybody may ask."""
        with self._lock:
            self._answered_at, self._next = self._clock(), None

    def silent(self) -> None:
        """The database did not answer somebody."""
        with self._lock:
            self._next = self._clock() + self._every

    def answered_within(self, seconds: float) -> bool:
        """Say whether the database has answered anybody in the last seconds."""
        with self._lock:
            return self._clock() - self._answered_at <= seconds
