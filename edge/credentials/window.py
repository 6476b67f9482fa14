"""From when to when something counts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from edge.credentials.verdict import EXPIRED, NOT_YET, CheckError
from sync.protocol.instants import in_utc

_LEEWAY = timedelta(seconds=60)
"""Two honest clocks at two counters differ by this much."""
_LAST = 253_402_300_000
"""Seconds since 1970: the end of the year 9999."""


@dataclass(frozen=True, slots=True)
class Window:
    """Instants in UTC; None: no limit."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Say whether a moment lies within."""
        early = self.start is not None and at + _LEEWAY < self.start
        return not early and (self.end is None or at <= self.end)

    def check(self, at: datetime) -> None:
        """Refuse a moment outside a certificate's own time."""
        if self.start is not None and at + _LEEWAY < self.start:
            raise CheckError(
                "time",
                "This certificate counts only from {start}.",
                verdict=NOT_YET,
                start=self.start.date(),
            )
        if self.end is not None and at > self.end:
            raise CheckError(
                "time",
                "This certificate expired on {end}.",
                verdict=EXPIRED,
                end=self.end.date(),
            )

    def check_key(self, at: datetime) -> None:
        """Refuse a moment outside the time of the key that signed."""
        if self.start is not None and at + _LEEWAY < self.start:
            raise CheckError(
                "key",
                "The key it was signed with counts only from {start}.",
                verdict=NOT_YET,
                start=self.start.date(),
            )
        if self.end is not None and at > self.end:
            raise CheckError(
                "key",
                "The key it was signed with expired on {end}.",
                verdict=EXPIRED,
                end=self.end.date(),
            )


@dataclass(frozen=True, slots=True)
class ValidPeriod:
    """The first and the last day on which a certificate counts, as it says itself; None: no limit.

    Whole days where it is looked at: it counts from the first hour of one to the last of the other.
    """

    first: date | None = None
    last: date | None = None

    def check(self, today: date) -> None:
        """Refuse a day before the first or after the last."""
        if self.first is not None and today < self.first:
            raise CheckError(
                "time",
                "This certificate counts only from {start}.",
                verdict=NOT_YET,
                start=self.first,
            )
        if self.last is not None and today > self.last:
            raise CheckError(
                "time",
                "This certificate counted until {end}.",
                verdict=EXPIRED,
                end=self.last,
            )

    def within(self, window: Window, zone: tzinfo | None) -> ValidPeriod:
        """Narrow them by the time of the signature, in the days of a place."""
        starts = [self.first, window.start and window.start.astimezone(zone).date()]
        ends = [self.last, window.end and window.end.astimezone(zone).date()]
        return ValidPeriod(
            max(filter(None, starts), default=None), min(filter(None, ends), default=None)
        )


def moment(value: Any, name: str) -> datetime | None:
    """Read an instant: seconds since 1970 or ISO 8601; raises :class:`CheckError`."""
    if value is None:
        return None
    if isinstance(value, str) and len(value) < 50:
        try:
            return in_utc(datetime.fromisoformat(value))
        except ValueError:
            raise _wrong(name) from None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not 0 <= value < _LAST:
        raise _wrong(name)
    return datetime.fromtimestamp(value, UTC)


def _wrong(name: str) -> CheckError:
    return CheckError("form", "The field {field} is of the wrong kind.", field=name)
