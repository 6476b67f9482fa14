"""On which days a facility vaccinates: days of the week, single days; and when it is shut."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import overload

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""As a campaign writes them; a day's place is ``date.weekday``."""
WEEKDAY_WORDS = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
"""As people read them, in the same order."""
_DAY = timedelta(days=1)
_FARTHEST = 366
"""Days within which the next session must lie: a facility that is shut for longer has none."""


@dataclass(frozen=True, slots=True)
class SessionDays:
    """The days of sessions.

    ``weekdays`` (Monday is 0) and ``dates`` are such days, all are where neither is said;
    ``closed`` are none, whatever else is said.
    """

    weekdays: frozenset[int] = frozenset()
    dates: frozenset[date] = frozenset()
    closed: frozenset[date] = frozenset()

    def holds(self, day: date) -> bool:
        """Say whether there is a session on a day."""
        if day in self.closed:
            return False
        told = self.weekdays or self.dates
        return not told or day.weekday() in self.weekdays or day in self.dates

    def on_or_after(self, day: date) -> date | None:
        """Give the first session from a day on; None: none is known within a year."""
        if not self.weekdays and self.dates:  # only single days, which may lie far apart
            return min(
                (session for session in self.dates if session >= day and self.holds(session)),
                default=None,
            )
        return next((near for near in _days(day, 1) if self.holds(near)), None)

    @overload
    def comes_back(self, due: date) -> date: ...

    @overload
    def comes_back(self, due: None) -> None: ...

    def comes_back(self, due: date | None) -> date | None:
        """Give the day to come back on: the first session when it is due; the day where none is."""
        return due and (self.on_or_after(due) or due)

    def on_or_before(self, day: date) -> date | None:
        """Give the last session until a day; None: none is known within a year."""
        if not self.weekdays and self.dates:
            return max(
                (session for session in self.dates if session <= day and self.holds(session)),
                default=None,
            )
        return next((near for near in _days(day, -1) if self.holds(near)), None)


EVERY_DAY = SessionDays()


def session_days(told: Iterable[str], closed: Iterable[str] = ()) -> SessionDays:
    """Read what a campaign says: ``Mon`` to ``Sun``, and days as year-month-day."""
    words = tuple(told)
    return SessionDays(
        frozenset(WEEKDAYS.index(word) for word in words if word in WEEKDAYS),
        frozenset(date.fromisoformat(word) for word in words if word not in WEEKDAYS),
        frozenset(map(date.fromisoformat, closed)),
    )


def _days(day: date, step: int) -> Iterable[date]:
    """Give the days from one on, forwards or backwards, as far as the calendar and a year go."""
    for count in range(_FARTHEST):
        try:
            yield day + step * count * _DAY
        except OverflowError:
            return
