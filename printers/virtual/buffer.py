"""The receive buffer: bounded, and told to stop and go on by it (``XON``, ``XOFF``)."""

from __future__ import annotations

from collections import deque

from printers.virtual.realtime import ReceivedChunk

_STOP_AT, _GO_AT = 128, 256
"""Bytes left at which a serial host is told to stop, and to go on."""
_RIDER = 3


class Buffer:
    """Bytes that wait for their turn; a real-time command takes no room, but keeps its place."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._data = bytearray()
        self._read = self._stored = 0
        self._riders: deque[int] = deque()
        self._overrun = False
        self.stopped = False

    def __len__(self) -> int:
        return len(self._data)

    @property
    def room(self) -> int:
        """Bytes that find a place."""
        return max(0, self._capacity - len(self._data) + _RIDER * len(self._riders))

    def take(self, part: ReceivedChunk) -> None:
        """Store what finds a place; the rest is lost."""
        riding = min(_RIDER, len(part.data)) if len(part.command) == _RIDER else 0
        plain = part.data[: len(part.data) - riding]
        kept = plain[: self.room]
        self._data += kept
        self._stored += len(kept)
        if plain:
            self._overrun = len(kept) < len(plain)
        if riding and not self._overrun:
            self._data += part.data[-riding:]
            self._stored += riding
            self._riders.append(self._stored)

    def pull(self, size: int) -> bytes:
        """Give the oldest bytes."""
        piece = bytes(self._data[:size])
        del self._data[:size]
        self._read += len(piece)
        while self._riders and self._riders[0] <= self._read:
            self._riders.popleft()
        return piece

    def clear(self) -> None:
        """Forget everything."""
        self._data.clear()
        self._riders.clear()
        self._read = self._stored
        self._overrun = False

    def flow(self) -> bool | None:
        """Say whether the host must be told to stop (true) or to go on (false), or nothing."""
        if not self.stopped and self.room <= _STOP_AT:
            self.stopped = True
            return True
        if self.stopped and self.room >= _GO_AT:
            self.stopped = False
            return False
        return None
