"""How bytes reach a printer: a connection for each kind of address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, runtime_checkable
from urllib.parse import SplitResult, urlsplit

from printers.connections import bluetooth, device, ipp, serial_port, tcp
from printers.errors import PrinterError


class Connection(Protocol):
    """An open way to one printer.

    ``answers``: whether the printer can say anything back over it.
    """

    answers: bool

    def write(self, data: bytes) -> None:
        """Send all of it; raises :class:`ConnectionFailed` with the number of bytes accepted."""
        ...

    def read(self, seconds: float) -> bytes:
        """Give what has come back; wait for the first of it so long; nothing: empty."""
        ...

    def close(self) -> None:
        """Let go, after everything has been taken."""
        ...


@runtime_checkable
class Buffered(Protocol):
    """A connection behind which the system keeps bytes that the printer has not taken.

    ``relayed``: something between may take them for the printer, and give them on slowly.
    """

    relayed: bool

    def unacknowledged(self) -> int:
        """Count them; what the printer's side has taken is no more among them."""
        ...


Connect = Callable[[SplitResult], Connection]

CONNECTIONS: Mapping[str, Connect] = {
    "tcp": tcp.connect,
    "serial": serial_port.connect,
    "usb": device.connect_usb,
    "bluetooth": bluetooth.connect,
    "file": device.connect_file,
    "ipp": ipp.connect_ipp,
    "cups": ipp.connect_cups,
}
"""Every kind by its URI scheme; a new one is a module and a line here."""


def connect(uri: str, connections: Mapping[str, Connect] = CONNECTIONS) -> Connection:
    """Open a connection of one of some kinds; raises :class:`PrinterError` in words."""
    parts = urlsplit(uri)
    if parts.scheme not in connections:
        raise PrinterError(
            "connection.unknown",
            "{uri} is not the address of a printer. Addresses begin with: {known}.",
            uri=uri,
            known=", ".join(f"{scheme}:" for scheme in connections),
        )
    return connections[parts.scheme](parts)
