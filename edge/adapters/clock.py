"""The machine's clock, and when not to believe it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

BUILT = datetime(2026, 11, 1, tzinfo=UTC)
"""No honest clock shows an earlier moment: this program did not exist."""
_TOLERANCE = timedelta(minutes=5)


class SystemClock:
    """Tells the machine's time in a site's zone.

    ``floor`` is the moment of the last entry: a clock that shows an earlier one has lost its
    battery or was set back, and is not believed.
    """

    def __init__(self, zone: str, floor: datetime | None = None) -> None:
        self.zone = ZoneInfo(zone)
        self._floor = max(BUILT, floor - _TOLERANCE if floor else BUILT)

    def now(self) -> datetime:
        """Give the instant, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Give the calendar date at the site."""
        return datetime.now(self.zone).date()

    def believed(self) -> bool:
        """Say whether the clock can be right."""
        return self.now() >= self._floor
