"""How much a stranger may ask of a server that has one process and little memory."""

from __future__ import annotations

import resource
from dataclasses import dataclass

_LEAST_CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Limits:
    """Numbers of connections and requests, bytes, and seconds.

    Each connection in TLS takes 450 kB, asyncio's buffer most of it.

    ``moving`` bytes must move in every ``moving_seconds`` while a body comes or an answer goes: a
    site on a bad line gives each 16 kB a minute (decision 16), so a byte a second is somebody else.
    ``held`` are the bytes of all bodies and answers in memory; of a body, ``small`` bytes are
    spared when that is full, so that what is typed at a tablet always gets through.
    """

    connections: int = 512
    connections_in_tls: int = 128
    connections_by_address: int = 256
    waiting: int = 256
    waiting_by_address: int = 128
    header: int = 16 * 1024
    body: int = 8 * 1024 * 1024
    small: int = 64 * 1024
    held: int = 32 * 1024 * 1024
    header_seconds: float = 20.0
    idle_seconds: float = 120.0
    moving: int = 4 * 1024
    moving_seconds: float = 60.0
    whole_seconds: float = 3600.0
    linger_seconds: float = 20.0
    ending_seconds: float = 10.0


def connections_within(wanted: int) -> int:
    """Give how many connections leave half of the files that this process may open to the rest.

    The limit is not raised: a file numbered above 1023 is one that select() cannot wait for, and
    drivers of serial ports use it.
    """
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return wanted
    return max(_LEAST_CONNECTIONS, min(wanted, files // 2))
