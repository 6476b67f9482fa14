"""Whose turn it is where only one thing can be done at a time, and how many may wait."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from edge.domain.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for something heavy: from which address, and whether they are signed in."""

    address: str = ""
    staff: bool = False


NOBODY = Asker()


class Places:
    """So many places for guests, so many of them for one address, and as many again for staff.

    ``staff`` is another number of places for those.

    Guests can take each other's places, and never one of those who are signed in.
    """

    def __init__(
        self, guests: int, an_address: int, refusal: Callable[[], Unavailable], staff: int = 0
    ) -> None:
        self._guests = guests
        self._staff = staff or guests
        self._an_address = an_address
        self._refusal = refusal
        self._lock = threading.Lock()
        self._taken: Counter[Asker] = Counter()

    @contextmanager
    def place(self, asker: Asker) -> Iterator[None]:
        """Hold a place; raises what was given for refusals when there is none."""
        self.take(asker)
        try:
            yield
        finally:
            self.give_back(asker)

    def take(self, asker: Asker) -> None:
        """Take a place until it is given back; raises what was given for refusals."""
        with self._lock:
            alike = sum(count for one, count in self._taken.items() if one.staff == asker.staff)
            if alike >= (self._staff if asker.staff else self._guests) or (
                not asker.staff and self._taken[asker] >= self._an_address
            ):
                self._taken += Counter()  # drops those that are at nothing
                raise self._refusal()
            self._taken[asker] += 1

    def give_back(self, asker: Asker) -> None:
        """Give a place back."""
        with self._lock:
            self._taken[asker] -= 1
            self._taken += Counter()


class Turns:
    """Lets one at a time through: staff first, then the address that did not have its turn last."""

    def __init__(self, places: Places, patience: float, refusal: Callable[[], Unavailable]) -> None:
        self._places = places
        self._patience = patience
        self._refusal = refusal
        self._changed = threading.Condition()
        self._waiting: list[tuple[object, Asker]] = []
        self._busy = False
        self._last = ""

    @contextmanager
    def turn(self, asker: Asker) -> Iterator[None]:
        """Wait for the turn and hold it; raises the refusal when too many wait, or too long."""
        with self._places.place(asker):
            self._wait(asker)
            try:
                yield
            finally:
                with self._changed:
                    self._busy = False
                    self._changed.notify_all()

    def _wait(self, asker: Asker) -> None:
        mine = (object(), asker)
        with self._changed:
            self._waiting.append(mine)
            try:
                if not self._changed.wait_for(lambda: self._next() is mine, self._patience):
                    raise self._refusal()
                self._busy, self._last = True, asker.address
            finally:
                self._waiting.remove(mine)
                self._changed.notify_all()

    def _next(self) -> tuple[object, Asker] | None:
        """Give whose turn it is; the first of a list is the one that waits longest."""
        if self._busy:
            return None
        return min(self._waiting, key=lambda one: (not one[1].staff, one[1].address == self._last))
