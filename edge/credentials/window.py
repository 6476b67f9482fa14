"""From when to when something counts."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from edge.credentials.verdict import EXPIRED, NOT_YET, CheckError
from sync.protocol.instants import in_utc

_LEEWAY = timedelta(seconds=60)
"""Two honest clocks at two counters differ by this much."""
_LAST = 253_402_300_000
"""Seconds since 1970: the end of the year 9999."""
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ](?:[01]\d|2[0-3]):\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)
"""``datetime.fromisoformat`` takes weeks as well, and makes wrong years of digits not of ASCII."""


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
        starts = [self.first, _day_in(window.start, zone)]
        ends = [self.last, _day_in(window.end, zone)]
        return ValidPeriod(
            max(filter(None, starts), default=None), min(filter(None, ends), default=None)
        )


def _day_in(moment: datetime | None, zone: tzinfo | None) -> date | None:
    """Give the day of an instant in a zone; in UTC where the zone's would be behind year 9999."""
    try:
        return moment and moment.astimezone(zone).date()
    except OverflowError:
        return moment and moment.date()


def moment(value: Any, name: str) -> datetime | None:
    """Read an instant: seconds since 1970 or ISO 8601; raises :class:`CheckError`.

    Of ISO 8601 only what people and machines write: a day, with a time and a zone or without.
    """
    if value is None:
        return None
    if isinstance(value, str) and len(value) < 50 and _MOMENT.fullmatch(value):
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
