"""When a follower tries again: the pace of failures, with time and chance from outside."""

from __future__ import annotations

from collections.abc import Callable

from sync.site.pacing import wait_after


class Backoff:
    """Counts failures in a row and gives the soonest moment of the next try.

    ``elapsed`` are monotonic seconds, ``chance`` is in [0, 1) and spreads the sites of a nation.
    """

    def __init__(self, elapsed: Callable[[], float], chance: Callable[[], float]) -> None:
        self._elapsed = elapsed
        self._chance = chance
        self._not_before = 0.0
        self.failures = 0

    def due(self, later: float = 0.0) -> bool:
        """Say whether it is time, or was so many seconds ago."""
        return self._elapsed() >= self._not_before + later

    def went_well(self, wait: float = 0.0) -> None:
        """Forget the failures; the other side may ask for so many seconds of peace."""
        self.failures = 0
        self._not_before = self._elapsed() + wait

    def failed(
        self, *, further: bool = False, asked: float | None = None, away: bool = False
    ) -> None:
        """Count a failure; one that came further than the last is the first again."""
        self.failures = 1 if further else self.failures + 1
        wait = wait_after(self.failures, self._chance(), asked, away=away)
        self._not_before = self._elapsed() + wait
