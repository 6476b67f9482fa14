"""Who has a place, and who loses it when all are taken: what keeps strangers from being in the way.

Nobody is turned away at the door, because who came last is most likely the one who means it. When
places or memory are full, the address that has most of it gives: first what has stood longest
without an answer. A tablet's request is answered in milliseconds and has little; connections that
are held open are old and many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Protocol

from sync.web.serving.limits import Limits


class Guest(Protocol):
    """A connection, as far as it takes up room."""

    address: str
    held: int

    @property
    def waits_for_us(self) -> bool:
        """Say whether it has done its part: then it keeps its place."""

    def drop(self) -> None:
        """End it at once."""

    def give_way(self) -> None:
        """Give back the bytes it holds."""

    def check(self, now: float) -> None:
        """End it if it took its time."""

    def end(self) -> None:
        """End it as soon as what it has asked for is answered."""


class Places:
    """Counts connections and the bytes they hold, by address; for one thread."""

    def __init__(self, limits: Limits, connections: int, trusted: str = "") -> None:
        self._limits = limits
        self._connections = connections
        self._trusted = trusted
        self._guests: dict[str, dict[Guest, None]] = {}
        self._bytes: Counter[str] = Counter()
        self.taken = 0
        self.held = 0

    def __iter__(self) -> Iterator[Guest]:
        return iter([guest for guests in self._guests.values() for guest in guests])

    def take(self, guest: Guest) -> bool:
        """Give a place, if need be another's; False if everybody in here waits for an answer."""
        own = self._guests.get(guest.address, {})
        if guest.address != self._trusted and len(own) >= self._limits.connections_by_address:
            if not _dropped(own):
                return False
        elif self.taken >= self._connections:
            fullest = sorted(self._guests.values(), key=len, reverse=True)
            if not any(_dropped(guests) for guests in fullest):
                return False
        self._guests.setdefault(guest.address, {})[guest] = None
        self.taken += 1
        return True

    def leave(self, guest: Guest) -> None:
        """Take a place back; once more does nothing."""
        guests = self._guests.get(guest.address, {})
        if guest not in guests:
            return
        del guests[guest]
        if not guests:
            del self._guests[guest.address]
        self.taken -= 1
        self.release(guest, guest.held)

    def renew(self, guest: Guest) -> None:
        """Count it as just come: it was answered."""
        guests = self._guests.get(guest.address, {})
        if guest in guests:
            del guests[guest]
            guests[guest] = None

    def hold(self, guest: Guest, size: int) -> bool:
        """Count bytes that a guest has in memory now; False if there is no room for them."""
        guest.held += size
        self.held += size
        self._bytes[guest.address] += size
        while self.held > self._limits.held:
            giving = self._giving(guest)
            if giving is None:
                return guest.held <= self._limits.small
            giving.give_way()
        return True

    def release(self, guest: Guest, size: int) -> None:
        """Count them no more."""
        guest.held -= size
        self.held -= size
        self._bytes[guest.address] -= size
        if self._bytes[guest.address] <= 0:
            del self._bytes[guest.address]

    def _giving(self, to: Guest) -> Guest | None:
        for address, _ in self._bytes.most_common():
            for guest in self._guests.get(address, ()):
                small = guest.held <= self._limits.small
                if not (small or guest is to or guest.waits_for_us):
                    return guest
        return None


def _dropped(guests: dict[Guest, None]) -> bool:
    for guest in guests:
        if not guest.waits_for_us:
            guest.drop()
            return True
    return False
