"""A printer on a serial port, with flow control that works on Linux."""

from __future__ import annotations

from urllib.parse import SplitResult, parse_qs

import serial

from printers.errors import ConnectionFailed, PrinterError

_BAUDS = (4800, 9600, 19200, 38400, 57600, 115200)
_STALLED = 2.0


class SerialConnection:
    """An exclusive serial port.

    ``flow`` is ``xonxoff`` (safe for pictures too: the printer's answers never look like XON or
    XOFF), ``rtscts`` (with the printer's DTR wired to CTS) or ``none``. pyserial's DSR flow
    control does nothing on Linux.
    """

    answers = True

    def __init__(self, device: str, baud: int, flow: str) -> None:
        try:
            self._port = serial.Serial(
                device,
                baud,
                timeout=0,
                write_timeout=_STALLED,
                xonxoff=flow == "xonxoff",
                rtscts=flow == "rtscts",
                exclusive=True,
            )
        except (serial.SerialException, OSError, ValueError):
            raise ConnectionFailed(
                "printer.unreachable",
                "The serial port {device} cannot be opened, or another program uses it.",
                device=device,
            ) from None

    def write(self, data: bytes) -> None:
        """Send all of it in small pieces, and wait until the port has let them go."""
        for start in range(0, len(data), 256):
            try:
                self._port.write(data[start : start + 256])
                self._port.flush()
            except serial.SerialTimeoutException:
                raise ConnectionFailed(
                    "printer.stalled", "The printer has stopped taking data.", start
                ) from None
            except (serial.SerialException, OSError):
                raise ConnectionFailed(
                    "printer.cut-off", "The connection to the printer was lost.", start
                ) from None

    def read(self, seconds: float) -> bytes:
        """Give what has come back; the first byte is waited for, the rest taken as it is."""
        try:
            self._port.timeout = seconds
            first: bytes = self._port.read(1)
            return first + self._port.read(self._port.in_waiting) if first else b""
        except (serial.SerialException, OSError):
            raise ConnectionFailed(
                "printer.cut-off", "The connection to the printer was lost."
            ) from None

    def close(self) -> None:
        """Close the port."""
        self._port.close()


def connect(parts: SplitResult) -> SerialConnection:
    """Open ``serial:///dev/ttyUSB0?baud=115200&flow=xonxoff``."""
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    baud, flow = query.get("baud", "9600"), query.get("flow", "xonxoff")
    if not baud.isdigit() or int(baud) not in _BAUDS:
        raise PrinterError(
            "connection.baud",
            "The speed {baud} is not one of: {known}.",
            baud=baud,
            known=", ".join(map(str, _BAUDS)),
        )
    if flow not in ("xonxoff", "rtscts", "none"):
        raise PrinterError(
            "connection.flow",
            "The flow control {flow} is not one of: xonxoff, rtscts, none.",
            flow=flow,
        )
    return SerialConnection(parts.path, int(baud), flow)
