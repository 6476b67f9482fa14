"""Wrong PINs while the disk takes nothing: few of a tablet and few of all, until it does again."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta

_WITHIN = timedelta(minutes=15)
_OF_A_TABLET, _OF_ALL = 5, 20
"""Fewer than on the disk: a start forgets them, and a full disk is nobody's way to more tries."""


class TriesInMemory:
    """Counts tries before they are looked at; safe to share."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tries: deque[tuple[datetime, str]] = deque()

    def count(self, tablet: str, now: datetime) -> bool:
        """Count a try as a wrong one; false, and not counted, when too many were."""
        with self._lock:
            while self._tries and abs(now - self._tries[0][0]) > _WITHIN:
                self._tries.popleft()
            own = sum(who == tablet for _, who in self._tries)
            if own >= _OF_A_TABLET or len(self._tries) >= _OF_ALL:
                return False
            self._tries.append((now, tablet))
            return True

    def take_back(self, tablet: str) -> None:
        """Count the last try of a tablet no more: it was no guess, or right."""
        with self._lock:
            for index in reversed(range(len(self._tries))):
                if self._tries[index][1] == tablet:
                    del self._tries[index]
                    return
