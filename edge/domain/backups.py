"""When a backup is due or too old, and when it is to be tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

_OLD = timedelta(days=2)
_NIGHT = range(5)
_AT_NIGHT, _AT_LATEST = timedelta(hours=20), timedelta(hours=26)

Standing = Literal["none", "never", "old", "failed", "good"]


@dataclass(frozen=True, slots=True)
class BackupState:
    """The last backup of a site: when, where, how many entries, when it was tried; or none.

    ``trouble`` is what went wrong since, for a technician, and ``hint`` what helps.
    """

    at: datetime | None = None
    file: str = ""
    entries: int = 0
    tried: datetime | None = None
    trouble: str = ""
    hint: str = ""

    def standing(self, now: datetime, entries: int, *, set_up: bool) -> Standing:
        """Say how it stands: nobody set it up, none was made, too old, its trial failed, good.

        One that holds all of ``entries`` is not too old.
        """
        if self.at is None:
            return "never" if set_up else "none"
        if now - self.at > _OLD and entries > self.entries:
            return "old"
        return "failed" if self.trouble and self.tried is None else "good"

    def is_due(self, now: datetime, entries: int, minutes: int) -> bool:
        """Say whether another one is to be made: something changed, and enough time passed."""
        if self.at is None or now < self.at:
            return True
        return entries != self.entries and now - self.at >= timedelta(minutes=minutes)

    def is_trial_due(self, now: datetime, hour: int) -> bool:
        """Say whether it is to be tried: each night; ``hour`` is that of the day at the site."""
        if self.tried is None:
            return self.at is not None
        age = now - self.tried
        return age < timedelta() or age > _AT_LATEST or (age > _AT_NIGHT and hour in _NIGHT)
