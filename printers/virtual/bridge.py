"""A box between the network and a printer's serial line, which takes faster than it gives on."""

from __future__ import annotations

from dataclasses import dataclass

_PIECE = 16
"""Bytes that go on together."""


@dataclass(frozen=True, slots=True)
class BridgeModel:
    """How many bytes it holds, and how many a second go on to the printer."""

    holds: int = 16_384
    bytes_per_second: float = 1024.0


class Bridge:
    """The bytes on their way through."""

    def __init__(self, model: BridgeModel) -> None:
        self._model = model
        self._data = bytearray()
        self._free_at = 0.0

    @property
    def room(self) -> int:
        """Bytes it would take now."""
        return self._model.holds - len(self._data)

    @property
    def next_time(self) -> float | None:
        """When its next bytes have gone on; none: it is empty."""
        return self._free_at + self._seconds(_PIECE) if self._data else None

    def take(self, data: bytes, now: float) -> None:
        """Take bytes off the network."""
        if not self._data:
            self._free_at = max(self._free_at, now)
        self._data += data[: self.room]

    def pull(self, size: int) -> bytes:
        """Give the next bytes, of which the printer has room for so many."""
        piece = bytes(self._data[: min(size, _PIECE)])
        del self._data[: len(piece)]
        self._free_at += self._seconds(len(piece))
        return piece

    def _seconds(self, size: int) -> float:
        return min(size, len(self._data) or size) / self._model.bytes_per_second
