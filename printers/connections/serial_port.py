"""A printer on a serial port, with flow control that works on Linux."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol
from urllib.parse import SplitResult, parse_qs

import serial

from printers.connections.opening import cannot_open
from printers.errors import ConnectionFailed, PrinterError
from printers.patience import Patience

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

BAUDS = (4800, 9600, 19200, 38400, 57600, 115200)
TRIED = (115200, 38400, 19200, 9600)
"""Speeds that ``baud=auto`` tries, the commonest of fast ones first."""
FLOWS = ("xonxoff", "rtscts", "dsrdtr", "none")
STALLED = 2.0
_PIECE = 256
_PACED = 64
"""Bytes between two looks at DSR: a printer says busy while it still has room for 128."""
_TICK = 0.002
_ANSWER_TIME = 0.3


class Port(Protocol):
    """What is used of :class:`serial.Serial`; ``write`` gives how many bytes it took at once."""

    timeout: float | None

    @property
    def in_waiting(self) -> int: ...  # noqa: D102
    @property
    def out_waiting(self) -> int: ...  # noqa: D102
    @property
    def dsr(self) -> bool: ...  # noqa: D102
    def write(self, data: bytes, /) -> int: ...  # noqa: D102
    def read(self, size: int = 1, /) -> bytes: ...  # noqa: D102
    def reset_output_buffer(self) -> None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


class SerialConnection:
    """An open port.

    ``flow`` is ``xonxoff`` (safe for pictures too: the printer's answers never look like XON or
    XOFF), ``rtscts`` (with the printer's DTR wired to CTS), ``dsrdtr`` or ``none``. Linux has no
    DSR flow control, and pyserial's does nothing there: so DSR is looked at before each 64 bytes,
    with none of the last ones left in the port.
    """

    answers = True

    def __init__(self, port: Port, flow: str, stalled: float = STALLED) -> None:
        self._port = port
        self._paced = flow == "dsrdtr"
        self._stalled = stalled

    def write(self, data: bytes) -> None:
        """Send all of it in small pieces, and wait until the port has let them go.

        ``accepted`` of a failure counts the bytes that the port took: after ``printer.stalled`` it
        still holds the last of them, and the next write goes on behind. Until then a held line is
        given nothing more, not even a question.
        """
        size, given = (_PACED if self._paced else _PIECE), 0
        try:
            self._wait_for_room(0, given)
            while given < len(data):
                if self._paced:
                    self._wait(lambda: self._port.dsr, given)
                piece = data[given : given + size]
                given += self._put(piece, given)
                most = 0 if self._paced or given >= len(data) else _PIECE
                self._wait_for_room(most, given)
        except (serial.SerialException, OSError):
            raise ConnectionFailed(
                "printer.cut-off", "The connection to the printer was lost.", given
            ) from None

    def _put(self, piece: bytes, given: int) -> int:
        """Give the port a piece and count what it took of it; one that is full takes none yet."""
        taken = 0

        def takes() -> bool:
            nonlocal taken
            taken = self._port.write(piece)
            return taken > 0

        self._wait(takes, given)
        return taken

    def _wait_for_room(self, most: int, given: int) -> None:
        """Wait until the port holds so few bytes: tcdrain would wait for ever on a held line."""
        least, patience = self._port.out_waiting, Patience(self._stalled)
        for left in patience.looks():
            held = self._port.out_waiting
            if held <= most:
                return
            if held < least:
                least = held
                patience.restart()
            time.sleep(min(_TICK, left))
        raise _stalled(given)

    def _wait(self, ready: Callable[[], bool], given: int) -> None:
        for left in Patience(self._stalled).looks():
            if ready():
                return
            time.sleep(min(_TICK, left))
        raise _stalled(given)

    def read(self, seconds: float) -> bytes:
        """Give what has come back; the first byte is waited for, the rest taken as it is."""
        try:
            self._port.timeout = seconds
            first = self._port.read(1)
            return first + self._port.read(self._port.in_waiting) if first else b""
        except (serial.SerialException, OSError):
            raise ConnectionFailed(
                "printer.cut-off", "The connection to the printer was lost."
            ) from None

    def close(self) -> None:
        """Close the port; what a held line has kept in it must not come out by itself later."""
        with contextlib.suppress(serial.SerialException, OSError):
            if self._port.out_waiting:
                self._port.reset_output_buffer()
        self._port.close()


def connect(parts: SplitResult) -> SerialConnection:
    """Open ``serial:///dev/ttyUSB0?baud=115200&flow=xonxoff``; ``baud=auto`` finds the speed."""
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    baud, flow = query.get("baud", "9600"), query.get("flow", "xonxoff")
    if baud != "auto" and baud not in map(str, BAUDS):
        raise PrinterError(
            "connection.baud",
            "The speed {baud} is not one of: auto, {known}.",
            baud=baud,
            known=", ".join(map(str, BAUDS)),
        )
    if flow not in FLOWS:
        raise PrinterError(
            "connection.flow",
            "The flow control {flow} is not one of: {known}.",
            flow=flow,
            known=", ".join(FLOWS),
        )

    def opened(speed: int) -> Port:
        return open_port(parts.path, speed, flow)

    speed = find_speed(opened, parts.path) if baud == "auto" else int(baud)
    return SerialConnection(opened(speed), flow)


class UnhurriedPort(serial.Serial):
    """A port that takes what it can at once, and says how much that was.

    pyserial's own ``write`` waits after each piece until the port would take more, and calls it an
    error when that takes longer than its timeout: also where the printer only holds the line, or
    a busy machine did not let the process run. Of the bytes it took meanwhile it says nothing.
    """

    def write(self, data: ReadableBuffer, /) -> int:
        """Give it what it takes now; 0: the line is held, and the port is full."""
        try:
            return os.write(self.fileno(), data)
        except BlockingIOError:
            return 0


def open_port(device: str, baud: int, flow: str) -> UnhurriedPort:
    """Open a port for this process alone; raises :class:`ConnectionFailed` in words."""
    try:
        return UnhurriedPort(
            device,
            baud,
            timeout=0,
            xonxoff=flow == "xonxoff",
            rtscts=flow == "rtscts",
            exclusive=True,
        )
    except (serial.SerialException, OSError, ValueError) as error:
        raise cannot_open(device, _number(error), "dialout") from None


def find_speed(
    opened: Callable[[int], Port], device: str = "", answer_time: float = _ANSWER_TIME
) -> int:
    """Find the speed at which ``DLE EOT 1`` is answered; raises ``printer.no-speed`` if at none.

    At a wrong speed bytes come back as noise, so only an answer with its fixed bits counts. Give
    the found speed in the address: asking at wrong ones may print a letter of noise.
    """
    for baud in TRIED:
        connection = SerialConnection(opened(baud), "none", answer_time)
        try:
            connection.write(b"\x10\x04\x01")
            for left in Patience(answer_time).looks():
                if any(byte & 0x93 == 0x12 for byte in connection.read(left)):
                    return baud
        except ConnectionFailed:
            continue
        finally:
            connection.close()
    raise ConnectionFailed(
        "printer.no-speed",
        "The printer on {device} answers at none of these speeds: {tried}. See its self-test slip"
        " for the speed, and write it into the address as baud=.",
        device=device,
        tried=", ".join(map(str, TRIED)),
    )


def _stalled(given: int) -> ConnectionFailed:
    return ConnectionFailed("printer.stalled", "The printer has stopped taking data.", given)


def _number(error: Exception) -> int | None:
    """pyserial tells a lock that is held, or a wrapped errno, in its own way."""
    number = getattr(error, "errno", None)
    if number is None and "exclusively lock" in str(error):
        return errno.EBUSY
    return number
