"""A printer on the network: raw bytes on port 9100."""

from __future__ import annotations

import contextlib
import select
import socket
from urllib.parse import SplitResult

from printers.errors import ConnectionFailed

_PATIENCE = 5.0
"""Seconds for a connection, and for a printer that takes no byte: buffers fill while it prints."""
_STALLED = 2.0


class TcpConnection:
    """One TCP connection; half-open ones are found by keepalive and a time-out of the kernel."""

    answers = True

    def __init__(self, host: str, port: int) -> None:
        try:
            self._socket = socket.create_connection((host, port), timeout=_PATIENCE)
        except OSError:
            raise ConnectionFailed(
                "printer.unreachable", "The printer does not answer on the network."
            ) from None
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._socket.setblocking(False)

    def write(self, data: bytes) -> None:
        """Send all of it; a printer that takes nothing for a while has stopped."""
        view, sent = memoryview(data), 0
        while sent < len(view):
            _, ready, _ = select.select([], [self._socket], [], _STALLED)
            if not ready:
                raise ConnectionFailed(
                    "printer.stalled", "The printer has stopped taking data.", sent
                )
            try:
                sent += self._socket.send(view[sent : sent + 4096])
            except BlockingIOError:
                continue
            except OSError:
                raise ConnectionFailed(
                    "printer.cut-off", "The connection to the printer was lost.", sent
                ) from None

    def read(self, seconds: float) -> bytes:
        """Give what has come back; raises :class:`ConnectionFailed` when the printer hung up."""
        ready, _, _ = select.select([self._socket], [], [], seconds)
        if not ready:
            return b""
        try:
            data = self._socket.recv(4096)
        except OSError:
            data = b""
        if not data:
            raise ConnectionFailed("printer.cut-off", "The connection to the printer was lost.")
        return data

    def close(self) -> None:
        """Take what the printer still says, then close: unread bytes would reset the connection,
        and a reset throws away what the printer has not read yet.
        """
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
            self._socket.settimeout(0.5)
            while self._socket.recv(4096):
                pass
        self._socket.close()


def connect(parts: SplitResult) -> TcpConnection:
    """Open ``tcp://host:port`` (9100 by default)."""
    return TcpConnection(parts.hostname or "localhost", parts.port or 9100)
