"""How often the process ended itself lately because a commit failed: so that it does not flap.

The moments lie in the folder that systemd keeps for a service in memory while it restarts it
(``RuntimeDirectory``), not on the disk that fails. Without one each start writes at once.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

_LATELY = 3600.0
_FIRST, _LONGEST = 10.0, 600.0
_MOST = 4096
_FILE = "failed-commits"


def pause_after(moments: Sequence[float], now: float) -> float:
    """Give for how many seconds a start only reads: none after one failure, then ever more.

    ``moments`` are those of the failures, all in seconds of one clock that goes on.
    """
    lately = [moment for moment in moments if 0 <= now - moment < _LATELY]
    if len(lately) < 2:
        return 0.0
    pause = min(_FIRST * 2.0 ** (len(lately) - 2), _LONGEST)
    return max(0.0, pause - (now - max(lately)))


class FailedCommits:
    """Remembers failures over restarts in a folder; ``elapsed`` counts on from one to the next."""

    def __init__(self, folder: Path | None, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._file = folder / _FILE if folder else None
        self._elapsed = elapsed

    def note(self) -> None:
        """Remember a failure, now."""
        if self._file:
            with contextlib.suppress(OSError), self._file.open("a", encoding="ascii") as file:
                file.write(f"{self._elapsed()}\n")

    def is_pausing(self) -> bool:
        """Say whether the journal is only read for a while yet."""
        return pause_after(self._moments(), self._elapsed()) > 0

    def _moments(self) -> list[float]:
        found: list[float] = []
        if self._file:
            with contextlib.suppress(OSError, ValueError):
                text = self._file.read_bytes()[-_MOST:].decode("ascii")
                found = [float(line) for line in text.splitlines()[-50:]]
        return found


def failed_commits() -> FailedCommits:
    """Remember them where systemd says, if it started us."""
    told = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    return FailedCommits(Path(told) if told else None)
