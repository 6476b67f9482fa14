"""Printers that are files: the kernel's USB printer class device, and a plain file."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import struct
from urllib.parse import SplitResult

from printers.connections.opening import cannot_open
from printers.errors import ConnectionFailed, PrinterError
from printers.patience import Patience

_STALLED = 2.0
_LPGETSTATUS = 0x060B
_PAPER_EMPTY, _SELECTED, _NO_ERROR = 0x20, 0x10, 0x08


class DeviceConnection:
    """A device or file that takes bytes, and may give some back."""

    relayed = False

    def __init__(
        self, path: str, flags: int, *, answers: bool, group: str = "lp", stalled: float = _STALLED
    ) -> None:
        self.answers = answers
        self._stalled = stalled
        self._last = 0
        try:
            self._handle = os.open(path, flags | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise cannot_open(path, error.errno if group else None, group) from None

    def write(self, data: bytes) -> None:
        """Send all of it; a device that takes nothing for a while has stopped."""
        sent, patience = 0, Patience(self._stalled)
        looks = patience.looks()
        while sent < len(data):
            left = next(looks, None)
            if left is None:
                raise ConnectionFailed(
                    "printer.stalled", "The printer has stopped taking data.", sent
                )
            _, ready, _ = select.select([], [self._handle], [], min(0.5, left))
            try:
                count = os.write(self._handle, data[sent : sent + 4096]) if ready else 0
            except BlockingIOError:
                count = 0
            except OSError:
                raise ConnectionFailed(
                    "printer.cut-off", "The connection to the printer was lost.", sent
                ) from None
            if count:
                sent, self._last = sent + count, count
                patience.restart()

    def unacknowledged(self) -> int:
        """Count the bytes of the last piece, until the printer has taken it.

        Linux' usblp hands over one piece at a time, and is ready for the next one after that.
        """
        _, ready, _ = select.select([], [self._handle], [], 0)
        return 0 if ready else self._last

    def read(self, seconds: float) -> bytes:
        """Give what has come back."""
        if not self.answers:
            return b""
        ready, _, _ = select.select([self._handle], [], [], seconds)
        if not ready:
            return b""
        try:
            return os.read(self._handle, 4096)
        except BlockingIOError:
            return b""
        except OSError:
            raise ConnectionFailed(
                "printer.cut-off", "The connection to the printer was lost."
            ) from None

    def port_trouble(self) -> PrinterError | None:
        """Ask the USB port how the printer is, where the printer itself answers nothing."""
        try:
            answer = fcntl.ioctl(self._handle, _LPGETSTATUS, struct.pack("i", 0))
        except OSError:
            return None
        return port_trouble(struct.unpack("i", answer)[0])

    def close(self) -> None:
        """Close it; a plain file is brought to the disk."""
        if not self.answers:
            with contextlib.suppress(OSError):
                os.fsync(self._handle)
        os.close(self._handle)


def port_trouble(status: int) -> PrinterError | None:
    """Read the port status of a USB printer; none: it is well.

    Source: USB device class definition for printing devices 1.1, section 4.2.2 (GET_PORT_STATUS):
    bit 5 paper empty, bit 4 selected, bit 3 not error.
    """
    if status & _PAPER_EMPTY:
        return PrinterError(
            "printer.paper-out", "The paper is used up. Put in a new roll.", temporary=True
        )
    if not status & _SELECTED:
        return PrinterError(
            "printer.offline",
            "The printer is offline. Press its feed or online button.",
            temporary=True,
        )
    if not status & _NO_ERROR:
        return PrinterError(
            "printer.broken",
            "The printer reports a fault. Switch it off and on.",
            temporary=True,
        )
    return None


def connect_usb(parts: SplitResult) -> DeviceConnection:
    """Open ``usb:///dev/usb/lp0``: Linux' usblp, which any printer of the class has."""
    return DeviceConnection(parts.path, os.O_RDWR | os.O_NONBLOCK, answers=True)


def connect_file(parts: SplitResult) -> DeviceConnection:
    """Open ``file:///path``: bytes are appended, and nothing is ever answered."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    return DeviceConnection(parts.path, flags, answers=False, group="")
