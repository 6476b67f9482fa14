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


class Peer(Protocol):
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


class ConnectionTable:
    """Counts connections and the bytes they hold, by address; for one thread."""

    def __init__(self, limits: Limits, connections: int, trusted: str = "") -> None:
        self._limits = limits
        self._connections = connections
        self._trusted = trusted
        self._peers: dict[str, dict[Peer, None]] = {}
        self._bytes: Counter[str] = Counter()
        self.taken = 0
        self.held = 0

    def __iter__(self) -> Iterator[Peer]:
        return iter([peer for peers in self._peers.values() for peer in peers])

    def take(self, peer: Peer) -> bool:
        """Give a place, if need be another's.

        False if everybody in here waits for an answer, and nobody has more places than this one.
        """
        own = self._peers.get(peer.address, {})
        if peer.address != self._trusted and len(own) >= self._limits.connections_by_address:
            if not _dropped(own):
                return False
        elif self.taken >= self._connections:
            fullest = sorted(self._peers.values(), key=len, reverse=True)
            if not any(_dropped(peers) for peers in fullest) and not _last_dropped(
                fullest[0], len(own)
            ):
                return False
        self._peers.setdefault(peer.address, {})[peer] = None
        self.taken += 1
        return True

    def leave(self, peer: Peer) -> None:
        """Take a place back; once more does nothing."""
        peers = self._peers.get(peer.address, {})
        if peer not in peers:
            return
        del peers[peer]
        if not peers:
            del self._peers[peer.address]
        self.taken -= 1
        self.release(peer, peer.held)

    def renew(self, peer: Peer) -> None:
        """Count it as just come: it was answered."""
        peers = self._peers.get(peer.address, {})
        if peer in peers:
            del peers[peer]
            peers[peer] = None

    def hold(self, peer: Peer, size: int) -> bool:
        """Count bytes that a peer has in memory now; False if there is no room for them."""
        peer.held += size
        self.held += size
        self._bytes[peer.address] += size
        while self.held > self._limits.held:
            giving = self._giving(peer)
            if giving is None:
                return peer.held <= self._limits.small
            giving.give_way()
        return True

    def release(self, peer: Peer, size: int) -> None:
        """Count them no more."""
        peer.held -= size
        self.held -= size
        self._bytes[peer.address] -= size
        if self._bytes[peer.address] <= 0:
            del self._bytes[peer.address]

    def _giving(self, to: Peer) -> Peer | None:
        for address, _ in self._bytes.most_common():
            for peer in self._peers.get(address, ()):
                small = peer.held <= self._limits.small
                if not (small or peer is to or peer.waits_for_us):
                    return peer
        return None


def _last_dropped(peers: dict[Peer, None], own: int) -> bool:
    """Drop what came last of those who all wait, if they are more than the newcomer's will be."""
    if len(peers) <= own + 1:
        return False
    next(reversed(peers)).drop()
    return True


def _dropped(peers: dict[Peer, None]) -> bool:
    for peer in peers:
        if not peer.waits_for_us:
            peer.drop()
            return True
    return False
