"""A printer over Bluetooth's serial port profile (RFCOMM)."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from urllib.parse import SplitResult, parse_qs

from printers.connections.stream import StreamConnection
from printers.errors import ConnectionFailed, PrinterError

_ADDRESS = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2}){5}")
_PATIENCE = 15.0
"""Seconds: a printer that sleeps takes a while to answer a page."""


def connect(parts: SplitResult) -> StreamConnection:
    """Open ``bluetooth://AA:BB:CC:DD:EE:FF?channel=1``; such printers serve one host at a time."""
    address, channel = address_of(parts)
    return StreamConnection(_opened(rfcomm_socket, address, channel))


def address_of(parts: SplitResult) -> tuple[str, int]:
    """Give the device address and the RFCOMM channel (1 to 30; 1 by default)."""
    address = parts.netloc.upper()
    channel = parse_qs(parts.query).get("channel", ["1"])[-1]
    if not _ADDRESS.fullmatch(address):
        raise PrinterError(
            "connection.bluetooth-address",
            "{address} is not a Bluetooth address such as 00:11:22:AA:BB:CC.",
            address=address or parts.path,
        )
    if channel not in map(str, range(1, 31)):
        raise PrinterError(
            "connection.bluetooth-channel",
            "The Bluetooth channel {channel} is not a number from 1 to 30.",
            channel=channel,
        )
    return address, int(channel)


def rfcomm_socket() -> socket.socket:
    """Make a socket of the family; raises :class:`PrinterError` where this Python has none."""
    family = getattr(socket, "AF_BLUETOOTH", None)
    protocol = getattr(socket, "BTPROTO_RFCOMM", None)
    if family is None or protocol is None:
        raise PrinterError(
            "connection.no-bluetooth",
            "This Python was built without Bluetooth. Bind the printer with rfcomm (rfcomm bind 0"
            " ADDRESS) and use serial:///dev/rfcomm0?flow=none, or run Debian's own python3.",
        )
    try:
        return socket.socket(family, socket.SOCK_STREAM, protocol)
    except OSError:
        raise PrinterError(
            "connection.bluetooth-off",
            "This machine has no Bluetooth, or it is switched off.",
            temporary=True,
        ) from None


def _opened(make: Callable[[], socket.socket], address: str, channel: int) -> socket.socket:
    opened = make()
    try:
        opened.settimeout(_PATIENCE)
        opened.connect((address, channel))
    except OSError:
        opened.close()
        raise ConnectionFailed(
            "printer.unreachable",
            "The Bluetooth printer {address} does not answer. Switch it on; pair it once with"
            " bluetoothctl.",
            address=address,
        ) from None
    return opened
