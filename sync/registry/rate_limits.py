"""How much one sender may ask, and what is asked of all when there is too much: in memory only.

Each worker counts for itself, so that no question waits for a counter; with several workers a
sender may have the limit once at each.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

_FREE = 3
"""Failures without a wait: people mistype."""
_LONGEST = 300.0
_REMEMBERED = 10_000
"""Senders remembered at the most; the ones seen longest ago are forgotten first."""
_LATEST = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one node may do: entries and questions for histories a day (UTC), passes a minute.

    ``wrong_proofs_a_day`` are codes and certificates of nobody; ``without_paper_a_day`` how many
    people it asks for by their word alone, ``without_paper_of_one`` how often all sites together
    for one of them. ``morning_window`` is over how many seconds sites are asked to spread, at any
    load; 0: only while the registry is busy. From ``refuse_at`` requests a thread on, questions are
    refused.
    """

    entries_a_day: int = 200_000
    passes_a_minute: int = 120
    histories_a_day: int = 1000
    wrong_proofs_a_day: int = 30
    without_paper_a_day: int = 10
    without_paper_of_one: int = 3
    morning_window: int = 0
    refuse_at: float = 8.0


class Attempts:
    """Counts failures by sender, and makes each one wait longer for the next attempt."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def begin(self, sender: str, now: float) -> float:
        """Count a try as a failure before it is looked at; ``now`` in seconds.

        Gives 0; or the seconds that the sender has to wait still, and then nothing is counted. A
        clock that went back makes nobody wait for the time that it went back by.
        """
        with self._lock:
            count, last = self._failed.get(sender, (0, now))
            last = min(last, now)
            wait = last + wait_after(count) - now
            if wait > 0:
                return wait
            self._failed[sender] = (count + 1 if now - last <= 2 * _LONGEST else 1, now)
            self._failed.move_to_end(sender)
            while len(self._failed) > _REMEMBERED:
                self._failed.popitem(last=False)
            return 0.0

    def take_back(self, sender: str) -> None:
        """Take one try back: it was right."""
        with self._lock:
            count, last = self._failed.get(sender, (0, 0.0))
            if count:
                self._failed[sender] = (count - 1, last)

    def succeeded(self, sender: str) -> None:
        """Forget the failures of a sender."""
        with self._lock:
            self._failed.pop(sender, None)


def wait_after(failures: int, longest: float = _LONGEST) -> float:
    """Give the seconds to wait after so many failures: none, then doubling to the longest."""
    return min(longest, 2.0 ** min(failures - _FREE, 16)) if failures >= _FREE else 0.0


def sender_of(address: str) -> str:
    """Give what is counted of an address: of IPv6 the network of 64 bits that one line has."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4 or parsed.ipv4_mapped:
        return address
    return str(ip_network((int(parsed), 64), strict=False))


class Rates:
    """Counts passes by node and minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._counts: dict[str, int] = {}

    def wait(self, node: str, limit: int, now: float) -> float:
        """Count one; give 0, or the seconds until the next minute if it was one too many."""
        minute = int(now // 60)
        with self._lock:
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            count = self._counts[node] = self._counts.get(node, 0) + 1
        return max(1.0, (minute + 1) * 60 - now) if count > limit else 0.0


class Load:
    """How busy the registry is: requests being answered and waiting, for each thread."""

    def __init__(self, threads: int = 8) -> None:
        self._lock = threading.Lock()
        self._threads = threads
        self._active = 0
        self._queued: Callable[[], int] = lambda: 0

    def watch(self, queued: Callable[[], int]) -> None:
        """Count what waits in front of the application as well."""
        self._queued = queued

    @contextmanager
    def working(self) -> Iterator[None]:
        """Count one request for as long as it is answered."""
        with self._lock:
            self._active += 1
        try:
            yield
        finally:
            with self._lock:
                self._active -= 1

    def pressure(self) -> float:
        """Give the requests for each thread; 1 and more: everybody is busy."""
        return (self._active + self._queued()) / self._threads


def come_back(node: str, window: int, pressure: float) -> int:
    """Give in how many seconds a node is asked to come again; 0: when it likes.

    Nodes are spread by their ids over half to one and a half of the window, each always at its
    own place in it; under load the window is a minute for each request a thread has.
    """
    asked = max(window, min(_LATEST, int(60 * pressure)) if pressure >= 1 else 0)
    if asked <= 0:
        return 0
    place = int.from_bytes(hashlib.sha256(node.encode()).digest()[:4]) / 2**32
    return max(1, int(asked * (0.5 + place)))
