"""A socket that bytes flow through: what TCP and Bluetooth have in common."""

from __future__ import annotations

import contextlib
import fcntl
import select
import socket
import struct
import termios

from printers.errors import ConnectionFailed
from printers.patience import Patience

STALLED = 2.0
"""Seconds in which a printer that takes no byte has stopped: buffers fill while it prints."""
_PIECE = 4096
_QUIET, _CLOSING = 0.5, 5.0


class StreamConnection:
    """A connected socket to a printer that answers."""

    answers = True
    relayed = True

    def __init__(
        self, connected: socket.socket, stalled: float = STALLED, closing: float = _CLOSING
    ) -> None:
        self._socket = connected
        self._stalled = stalled
        self._closing = closing
        self._heard = False
        self._socket.setblocking(False)
        self._free = self._outq()

    def write(self, data: bytes) -> None:
        """Send all of it; a printer that takes nothing for a while has stopped.

        ``accepted`` of a failure counts every byte the kernel took, acknowledged or not: the
        printer may have one whose acknowledgement was lost.
        """
        view, sent = memoryview(data), 0
        while sent < len(view):
            _, ready, _ = select.select([], [self._socket], [], self._stalled)
            if not ready:
                raise ConnectionFailed(
                    "printer.stalled", "The printer has stopped taking data.", sent
                )
            try:
                sent += self._socket.send(view[sent : sent + _PIECE])
            except BlockingIOError:
                continue
            except OSError:
                raise self._lost(sent) from None

    def unacknowledged(self) -> int:
        """Count the bytes that the printer's side has not taken yet.

        Before the first byte TCP counts none; Bluetooth counts the room that is free instead
        (Linux, ``bt_sock_ioctl``).
        """
        told = self._outq()
        return max(0, self._free - told) if self._free else told

    def _outq(self) -> int:
        """Ask ``SIOCOUTQ``."""
        try:
            answer = fcntl.ioctl(self._socket, termios.TIOCOUTQ, struct.pack("i", 0))
        except OSError:
            return 0
        return int(struct.unpack("i", answer)[0])

    def read(self, seconds: float) -> bytes:
        """Give what has come back; raises :class:`ConnectionFailed` when the printer hung up."""
        ready, _, _ = select.select([self._socket], [], [], seconds)
        if not ready:
            return b""
        try:
            data = self._socket.recv(_PIECE)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            raise self._lost(0)
        self._heard = True
        return data

    def _lost(self, sent: int) -> ConnectionFailed:
        if self._heard:
            sentence = "The connection to the printer was lost."
        else:
            sentence = (
                "The printer hung up without a word: another computer may hold this printer, or it"
                " was switched off."
            )
        return ConnectionFailed("printer.cut-off", sentence, sent)

    def close(self) -> None:
        """Close after the printer has taken everything, and not while it still speaks.

        A byte that is unread, or comes after the end, makes the kernel reset the connection, and
        a reset throws away what the printer has not read yet.
        """
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
            self._drain()
        self._socket.close()

    def _drain(self) -> None:
        """Read until the other side hangs up, or is silent with nothing left to take."""
        patience, left = Patience(self._closing), self.unacknowledged()
        for _ in patience.looks():
            ready, _, _ = select.select([self._socket], [], [], _QUIET)
            if ready and not self._socket.recv(_PIECE):
                return
            before, left = left, self.unacknowledged()
            if not ready and not left:
                return
            if left < before:
                patience.restart()
