"""Printers that are files: the kernel's USB printer class device, and a plain file."""

from __future__ import annotations

import contextlib
import os
import select
import time
from urllib.parse import SplitResult

from printers.errors import ConnectionFailed

_STALLED = 2.0


class DeviceConnection:
    """A device or file that takes bytes, and may give some back."""

    def __init__(self, path: str, flags: int, *, answers: bool) -> None:
        self.answers = answers
        try:
            self._handle = os.open(path, flags | os.O_CLOEXEC, 0o600)
        except OSError:
            raise ConnectionFailed(
                "printer.unreachable", "The printer at {path} cannot be opened.", path=path
            ) from None

    def write(self, data: bytes) -> None:
        """Send all of it; a device that takes nothing for a while has stopped."""
        sent, until = 0, time.monotonic() + _STALLED
        while sent < len(data):
            _, ready, _ = select.select([], [self._handle], [], 0.5)
            try:
                count = os.write(self._handle, data[sent : sent + 4096]) if ready else 0
            except BlockingIOError:
                count = 0
            except OSError:
                raise ConnectionFailed(
                    "printer.cut-off", "The connection to the printer was lost.", sent
                ) from None
            if count:
                sent, until = sent + count, time.monotonic() + _STALLED
            elif time.monotonic() > until:
                raise ConnectionFailed(
                    "printer.stalled", "The printer has stopped taking data.", sent
                )

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

    def close(self) -> None:
        """Close it; a plain file is brought to the disk."""
        if not self.answers:
            with contextlib.suppress(OSError):
                os.fsync(self._handle)
        os.close(self._handle)


def connect_usb(parts: SplitResult) -> DeviceConnection:
    """Open ``usb:///dev/usb/lp0``: Linux' usblp, which any printer of the class has."""
    return DeviceConnection(parts.path, os.O_RDWR | os.O_NONBLOCK, answers=True)


def connect_file(parts: SplitResult) -> DeviceConnection:
    """Open ``file:///path``: bytes are appended, and nothing is ever answered."""
    return DeviceConnection(parts.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, answers=False)
