"""What the node asks of the world: time, numbers, eyes. Adapters answer; tests bring their own."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Protocol

from edge.domain.believable import Belief, ClockStep


class Clock(Protocol):
    """Tells the time, and whether to believe it."""

    @property
    def zone(self) -> tzinfo:
        """Give the site's time zone."""
        ...

    def now(self) -> datetime:
        """Give the instant, in UTC."""
        ...

    def today(self) -> date:
        """Give the calendar date at the site."""
        ...

    def believed(self) -> bool:
        """Say whether the clock can be right: not before the last entry, not before the build."""
        ...

    def belief(self) -> Belief:
        """Say whether the clock can be right, and what speaks against it."""
        ...


class SiteClock(Clock, Protocol):
    """The clock of a site, with what others say the time is."""

    @property
    def step(self) -> ClockStep | None:
        """Give the last time that the machine's clock was set while the node ran."""
        ...

    def tablet_says(self, whose: str, at: datetime) -> None:
        """Take what time it is by the clock of the tablet of somebody who is signed in there."""
        ...

    def confirm(self, day: date) -> datetime:
        """Go by a calendar date that somebody vouches for; give the instant that it is then."""
        ...

    def forget_confirmed(self) -> None:
        """Go by the machine's clock again, as if no date had been confirmed."""
        ...


class Entropy(Protocol):
    """Gives numbers nobody can guess."""

    def bytes(self, count: int) -> bytes:
        """Give so many random bytes."""
        ...


class PictureDecoder(Protocol):
    """Reads QR codes in pictures that strangers send."""

    def codes(self, picture: bytes, seconds: float) -> list[bytes]:
        """Give what the QR codes hold, in so many seconds of a processor at the most.

        Raises ``UnreadableError`` in words when there is none to be read.
        """
        ...

    def close(self) -> None:
        """End what decodes."""
        ...
