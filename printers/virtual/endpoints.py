"""Ways into a printer in software: a TCP port of this machine, and a pseudo-terminal."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import termios
import time
import tty
from collections.abc import Callable
from typing import Protocol

from printers.virtual.machine import Machine

_WINDOW = 4096
_PIECE = 64


class Endpoint(Protocol):
    """Carries bytes between hosts and the machine."""

    address: str

    def wait(self, machine: Machine, seconds: float) -> None:
        """Wait so long at most for bytes."""
        ...

    def turn(self, machine: Machine, now: float) -> None:
        """Carry in what there is."""
        ...

    def say(self, machine: Machine, data: bytes) -> None:
        """Carry answers out; what the line does not take is lost."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


class TcpEndpoint:
    """One connection at a time on a port; a second one waits or is refused."""

    def __init__(self, host: str, port: int, *, refuse: bool) -> None:
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # a small window, so that a sender feels how slowly paper moves
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _WINDOW)
        self._listener.bind((host, port))
        self._listener.listen()
        self._refuse = refuse
        self._connection: socket.socket | None = None
        self.port: int = self._listener.getsockname()[1]
        self.address = f"tcp://{host}:{self.port}"

    def wait(self, machine: Machine, seconds: float) -> None:
        """Wait for a connection or bytes."""
        if sources := self._sources(machine):
            select.select(sources, [], [], seconds)
        else:
            time.sleep(seconds)

    def turn(self, machine: Machine, now: float) -> None:
        """Take a connection or bytes."""
        if self._connection is not None and machine.line != "up" and machine.on:
            self._hang_up(reset=machine.line == "reset")
        ready, _, _ = select.select(self._sources(machine), [], [], 0)
        if self._listener in ready:
            self._accept(machine)
        if self._connection is not None and self._connection in ready:
            try:
                data = self._connection.recv(min(machine.room, _WINDOW))
            except OSError:
                data = b""
            if data:
                self.say(machine, machine.receive(data, now))
            else:
                self._hang_up(reset=False)

    def _sources(self, machine: Machine) -> list[socket.socket]:
        sources: list[socket.socket] = []
        if machine.on and (self._connection is None or self._refuse):
            sources.append(self._listener)
        if self._connection is not None and machine.room and machine.line == "up":
            sources.append(self._connection)
        return sources

    def say(self, machine: Machine, data: bytes) -> None:
        """Send answers."""
        if self._connection is not None and data and machine.line == "up":
            with contextlib.suppress(OSError):
                self._connection.send(data)

    def close(self) -> None:
        """Stop listening and hang up."""
        self._hang_up(reset=False)
        self._listener.close()

    def _accept(self, machine: Machine) -> None:
        new, _ = self._listener.accept()
        if self._connection is not None:
            _reset(new)
            return
        new.setblocking(False)
        self._connection = new
        machine.connected()

    def _hang_up(self, *, reset: bool) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and reset:
            _reset(connection)
        elif connection is not None:
            connection.close()


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class PtyEndpoint:
    """A pseudo-terminal: bytes come at the speed that the host has set.

    The kernel's buffer plays the host's: a host that heeds ``XOFF`` sends no more, and of one that
    does not what finds no place is lost.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        self._free_at = 0.0
        self.address = os.ttyname(self._theirs)

    def wait(self, machine: Machine, seconds: float) -> None:
        """Wait for bytes, or until the line has carried the last ones."""
        if self._held(machine):
            time.sleep(seconds)
            return
        busy = self._free_at - self._clock()
        if busy > 0:
            time.sleep(min(seconds, busy))
        else:
            select.select([self._ours], [], [], seconds)

    def turn(self, machine: Machine, now: float) -> None:
        """Take a few bytes, as a line gives them."""
        while not self._held(machine) and self._free_at <= now:
            try:
                data = os.read(self._ours, _PIECE)
            except BlockingIOError:
                self._free_at = now
                return
            # a line goes on while a busy machine does not let this thread run
            self._free_at += len(data) * 10 / self._baud()
            self.say(machine, machine.receive(data, now))

    def _held(self, machine: Machine) -> bool:
        heeds = bool(termios.tcgetattr(self._theirs)[0] & termios.IXON)
        return machine.stopped_reading or (machine.told_to_stop and heeds)

    def say(self, machine: Machine, data: bytes) -> None:  # noqa: ARG002  (a line is never down)
        """Send answers."""
        if data:
            with contextlib.suppress(BlockingIOError):
                os.write(self._ours, data)

    def close(self) -> None:
        """Take the line away."""
        os.close(self._theirs)
        os.close(self._ours)

    def _baud(self) -> int:
        speed = termios.tcgetattr(self._theirs)[5]
        rates = {getattr(termios, f"B{rate}"): rate for rate in (4800, 9600, 19200, 38400, 57600)}
        return rates.get(speed, 115200)
