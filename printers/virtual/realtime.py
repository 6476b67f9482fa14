"""Commands a printer acts on while it receives them, wherever they stand (``DLE``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""``DLE DC4`` function 8: clear the buffers."""
_COMMANDS = re.compile(rb"\x10\x04[\x01-\x04]|\x10\x05[\x01\x02]|" + re.escape(_CLEAR))


@dataclass(frozen=True, slots=True)
class ReceivedChunk:
    """Bytes as they came, and the whole of the real-time command that ends with them, if any."""

    data: bytes
    command: bytes = b""

    @property
    def clears(self) -> bool:
        """Whether it asks to forget everything received."""
        return self.command == _CLEAR


class Scanner:
    """Finds real-time commands in a stream that comes in any pieces."""

    def __init__(self) -> None:
        self._tail = b""

    def reset(self) -> None:
        """Forget a command that has begun."""
        self._tail = b""

    def scan(self, data: bytes) -> Iterator[ReceivedChunk]:
        """Give the bytes in order, broken after each command."""
        old = len(self._tail)
        joined, position = self._tail + data, old
        self._tail = b""
        last = 0
        for found in _COMMANDS.finditer(joined):
            yield ReceivedChunk(joined[position : found.end()], found.group())
            position = last = found.end()
        if position < len(joined):
            yield ReceivedChunk(joined[position:])
        self._tail = joined[max(last, len(joined) - len(_CLEAR) + 1) :]
