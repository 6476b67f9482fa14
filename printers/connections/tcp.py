"""A printer on the network: raw bytes on port 9100."""

from __future__ import annotations

import socket
from urllib.parse import SplitResult

from printers.connections.stream import StreamConnection
from printers.errors import ConnectionFailed, PrinterError

_PATIENCE = 5.0
_KEEPALIVE = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}
"""Seconds without a word until the kernel asks, between questions, and how many go unanswered.

So a printer whose cable was pulled is found within 20 s also while nothing is sent; and printers
that hang up on an idle line (Epson after 90 s) are kept.
"""


def connect(parts: SplitResult) -> StreamConnection:
    """Open ``tcp://host:port`` (9100 by default)."""
    try:
        port = parts.port or 9100
    except ValueError:
        raise PrinterError(
            "connection.port", "The address {uri} has no valid port.", uri=parts.geturl()
        ) from None
    try:
        connected = socket.create_connection((parts.hostname or "localhost", port), _PATIENCE)
    except (ConnectionRefusedError, ConnectionResetError):  # not taken, or taken and let go
        raise ConnectionFailed(
            "printer.unreachable",
            "The printer refuses the connection: another computer may hold this printer, its port"
            " {port} is closed, or another machine has its address.",
            port=port,
        ) from None
    except OSError:
        raise ConnectionFailed(
            "printer.unreachable",
            "The printer does not answer on the network: check that it is on, its cable, and its"
            " address.",
        ) from None
    watch_over(connected)
    return StreamConnection(connected)


def watch_over(connected: socket.socket) -> None:
    """Let the kernel find out that the other side is gone (tcp(7)), and send without delay.

    No ``TCP_USER_TIMEOUT``: it would also break the line to a printer whose window stays closed
    because its paper is used up.
    """
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        if hasattr(socket, name):
            connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
