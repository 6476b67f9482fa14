"""The machine's clock, and when not to believe it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from edge.domain.believable import A_DAY, Belief, ClockEvidence, ClockStep, believable

BUILT = datetime(2026, 11, 1, tzinfo=UTC)
"""No honest clock shows an earlier moment: this program did not exist."""
STEP = timedelta(minutes=1)
"""A clock that went on otherwise than elapsed time by more was set."""
_HEARD_FOR = 12 * 3600.0
_MOST_TABLETS = 200


def elapsed() -> float:
    """Give seconds since the machine started, also those in which it slept."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What time it was by somebody's clock, at so many elapsed seconds."""

    at: datetime
    elapsed: float


class SystemClock:
    """Tells the machine's time in a site's zone; safe to share.

    ``floor`` is the latest moment that was written here under a believed clock. What others say
    the time is comes while the node runs (:meth:`registry_says`, :meth:`tablet_says`). A date that
    a supervisor confirms moves what the clock tells by whole days, until somebody sets the
    machine's clock or the node starts anew.
    """

    def __init__(
        self,
        zone: str,
        floor: datetime | None = None,
        seconds: Callable[[], float] = elapsed,
    ) -> None:
        self.zone = ZoneInfo(zone)
        self._floor = floor
        self._seconds = seconds
        self._lock = threading.Lock()
        self._seen: ClockReading | None = None
        self._expected: ClockReading | None = None
        self._registry: ClockReading | None = None
        self._confirmed: ClockReading | None = None
        self._tablets: dict[str, ClockReading] = {}
        self._vouched = False
        self._moved = timedelta()
        self._step: ClockStep | None = None

    def now(self) -> datetime:
        """Give the instant, in UTC."""
        return self._machine() + self._moved

    def today(self) -> date:
        """Give the calendar date at the site."""
        return self.now().astimezone(self.zone).date()

    def believed(self) -> bool:
        """Say whether the clock can be right."""
        return self.belief().believed

    def belief(self) -> Belief:
        """Say whether the clock can be right, and what speaks against it."""
        with self._lock:
            return believable(self.now(), self._evidence(), self.zone)

    @property
    def step(self) -> ClockStep | None:
        """Give the last time that the machine's clock was set while the node ran."""
        return self._step

    def observe(self) -> None:
        """Look whether somebody set the machine's clock since the last look."""
        with self._lock:
            machine, seconds = self._machine(), self._seconds()
            if self._seen is not None:
                by = machine - _carried(self._seen, seconds)
                if abs(by) > STEP:
                    self._step = ClockStep(machine, round(by.total_seconds()))
                    self._moved, self._vouched = timedelta(), False
            self._seen = ClockReading(machine, seconds)
            self._settle(machine + self._moved, seconds)

    def registry_says(self, at: datetime) -> None:
        """Take what time it is by the registry's clock, from an answer that is its own."""
        with self._lock:
            seconds = self._seconds()
            self._registry = ClockReading(at, seconds)
            self._settle(self.now(), seconds)

    def tablet_says(self, whose: str, at: datetime) -> None:
        """Take what time it is by the clock of somebody's tablet, who is signed in there."""
        with self._lock:
            self._tablets.pop(whose, None)
            self._tablets[whose] = ClockReading(at, self._seconds())
            while len(self._tablets) > _MOST_TABLETS:
                del self._tablets[next(iter(self._tablets))]

    def confirm(self, day: date) -> datetime:
        """Go by a calendar date that somebody vouches for; give the instant that it is then."""
        with self._lock:
            machine, seconds = self._machine(), self._seconds()
            shown = machine.astimezone(self.zone)
            if day != shown.date():
                hour = shown.time().replace(fold=0)
                self._moved = datetime.combine(day, hour, self.zone) - machine
            else:
                self._moved = timedelta()
            now = machine + self._moved
            self._seen, self._floor = ClockReading(machine, seconds), now
            self._confirmed = self._expected = ClockReading(now, seconds)
            return now

    def forget_confirmed(self) -> None:
        """Go by the machine's clock again, as if no date had been confirmed."""
        with self._lock:
            self._moved, self._confirmed, self._expected = timedelta(), None, None

    def _settle(self, now: datetime, seconds: float) -> None:
        """Remember where the clock is, if it is believed, and whether the registry agrees."""
        if self._registry and abs(now - _carried(self._registry, seconds)) < A_DAY:
            self._vouched = True
        if believable(now, self._evidence(), self.zone).believed:
            self._expected = ClockReading(now, seconds)
            self._floor = max(now, self._floor) if self._floor else now

    def _machine(self) -> datetime:
        return datetime.now(UTC)

    def _evidence(self) -> ClockEvidence:
        seconds = self._seconds()
        fresh = [told for told in self._tablets.values() if seconds - told.elapsed < _HEARD_FOR]
        return ClockEvidence(
            built=BUILT,
            recorded=self._floor,
            expected=_carried(self._expected, seconds) if self._expected else None,
            vouched=self._vouched,
            registry=_carried(self._registry, seconds) if self._registry else None,
            tablets=tuple(_carried(told, seconds) for told in fresh),
            confirmed=_carried(self._confirmed, seconds) if self._confirmed else None,
        )


def _carried(told: ClockReading, seconds: float) -> datetime:
    """Give where a clock is now that showed something so long ago."""
    try:
        return told.at + timedelta(seconds=seconds - told.elapsed)
    except OverflowError:
        return told.at
