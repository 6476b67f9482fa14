"""Randomness of the operating system, and the ids made of it."""

from __future__ import annotations

import os
from datetime import datetime
from uuid import UUID

from edge.ports import Clock, Entropy


class SystemEntropy:
    """Random bytes of the kernel."""

    def bytes(self, count: int) -> bytes:
        """Give so many random bytes."""
        return os.urandom(count)


class Ids:
    """Makes UUIDv7 (RFC 9562 section 5.7): in order of time, unguessable in the rest."""

    def __init__(self, clock: Clock, entropy: Entropy) -> None:
        self._clock = clock
        self._entropy = entropy

    def new(self) -> str:
        """Give a fresh id in its text form."""
        return uuid7(self._clock.now(), self._entropy.bytes(10))

    def epoch(self) -> str:
        """Give a random 64-bit number in hex."""
        return self._entropy.bytes(8).hex()


def uuid7(moment: datetime, random: bytes) -> str:
    """Put an instant and ten random bytes into the layout of a UUIDv7."""
    milliseconds = int(moment.timestamp() * 1000)
    tail = int.from_bytes(random, "big")
    value = (milliseconds & (2**48 - 1)) << 80
    value |= 0x7 << 76
    value |= ((tail >> 62) & 0xFFF) << 64
    value |= 0b10 << 62
    value |= tail & (2**62 - 1)
    return str(UUID(int=value))
