"""How much to send at once, and when to try again: decisions, without a clock."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sync.protocol.frames import BEST, FLOOR, QUICK, Coding

AIM = 30.0
"""Seconds a batch should take: short enough to lose, and as long as that allows.

A batch's end costs a round trip, and a packet lost there is missed only when TCP's timer runs out,
which a slow line's queue makes ten seconds and more (docs/decisions/0016-long-batches.md).
"""
MOST, LEAST = 1000, 1
_FIRST = 128
_QUICK_LINE = 200_000.0
"""Bytes a second above which compressing hardest takes longer than it saves."""
_SOONEST, _LATEST = 5.0, 900.0
_LATEST_AWAY = 120.0
"""Seconds at the most between tries while the line is away: it may be back for minutes only."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Entries to send in the next batch, and what the line last carried, in bytes a second."""

    size: int = _FIRST
    rate: float = 0.0

    def grown(self, count: int, weight: int, seconds: float) -> Pace:
        """After a batch that arrived: towards :data:`AIM`, at most twice as many."""
        seconds = max(seconds, 0.001)
        wanted = int(count * AIM / seconds)
        size = max(LEAST, min(MOST, 2 * max(self.size, count), max(wanted, self.size // 2)))
        return Pace(size, weight / seconds)

    def halved(self) -> Pace:
        """After one that was too large, or did not get through."""
        return replace(self, size=max(LEAST, self.size // 2), rate=0.0)

    def coding(self, agreed: Coding) -> Coding:
        """Choose how hard to compress on this line, within what is agreed."""
        if agreed.name == FLOOR.name:
            return agreed
        level = QUICK.level if self.rate > _QUICK_LINE else BEST.level
        return replace(agreed, level=level)


def wait_after(
    failures: int, chance: float, asked: float | None = None, *, away: bool = False
) -> float:
    """Give the seconds to wait after so many failures in a row, of which none came any further.

    ``chance`` in [0, 1) spreads the sites of a nation (full jitter between half and the whole);
    ``asked`` is what the registry asked for, and is never undercut. ``away``: it was the line that
    failed, so that nobody is spared by waiting long.
    """
    ceiling = min(_LATEST_AWAY if away else _LATEST, _SOONEST * 2 ** min(failures, 16))
    wait = ceiling * (0.5 + chance / 2)
    return wait if asked is None else asked + chance * min(asked, 60.0)
