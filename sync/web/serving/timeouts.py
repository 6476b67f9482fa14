"""How long each part of a connection's life may take."""

from __future__ import annotations

from enum import Enum

from sync.web.serving.limits import Limits


class Phase(Enum):
    """What a connection does, and so what it may take its time for."""

    HEADER = "TLS, or a request, has begun"
    BODY = "a body comes"
    WORKING = "the application is at work"
    ANSWER = "an answer goes"
    IDLE = "it may ask again"
    LINGER = "it was refused, and is given time to read that"
    GONE = "it has ended"


_MOVES = (Phase.BODY, Phase.ANSWER)


class Timeouts:
    """Knows when a phase has taken too long; ``now`` in seconds, of any clock that only rises."""

    def __init__(self, limits: Limits, now: float) -> None:
        self._limits = limits
        self._longest = {
            Phase.HEADER: limits.header_seconds,
            Phase.BODY: limits.whole_seconds,
            Phase.ANSWER: limits.whole_seconds,
            Phase.IDLE: limits.idle_seconds,
            Phase.LINGER: limits.linger_seconds,
        }
        self.begin(now)

    def begin(self, now: float) -> None:
        """Count from here: a phase begins."""
        self._since = self._mark = now
        self._marked = 0

    def is_over(self, phase: Phase, now: float, moved: int) -> bool:
        """Say whether it took too long, or too little moved: bytes since the phase began."""
        if now - self._since > self._longest.get(phase, float("inf")):
            return True
        if phase not in _MOVES or now - self._mark < self._limits.moving_seconds:
            return False
        stands = moved - self._marked < self._limits.moving
        self._mark, self._marked = now, moved
        return stands
