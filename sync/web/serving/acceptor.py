"""Takes in connections: counts each before anything is read of it, TLS included."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from asyncio import sslproto
from collections.abc import Callable
from typing import Any

from sync.web.serving.connection import Connection
from sync.web.serving.context import ServerContext
from sync.web.serving.limits import Limits

_AT_ONCE = 64
_BACKLOG = 1024
_PAUSE = 0.2
_UNSENT = 64 * 1024
"""Bytes of an answer that the kernel may hold and not have sent."""
_UNREAD = 256 * 1024
"""Bytes that the kernel may hold of what was sent and not read: pipelined requests wait there."""


_RECORD = 16 * 1024
"""Bytes of a record of TLS at the most (RFC 8446, section 5.1)."""


def listeners(host: str, port: int) -> list[socket.socket]:
    """Listen at every address of a host; raises :class:`OSError` if one cannot be used."""
    bare = host.removeprefix("[").removesuffix("]")
    found = socket.getaddrinfo(bare or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    made: list[socket.socket] = []
    try:
        for family, *_, address in dict.fromkeys(found):
            listener = socket.socket(family, socket.SOCK_STREAM)
            made.append(listener)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _UNREAD)
            listener.bind(address)
            listener.listen(_BACKLOG)
            listener.setblocking(False)
    except OSError:
        for listener in made:
            listener.close()
        raise
    return made


class Acceptor:
    """Stands at the sockets that listen, for as long as it is told to."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        context: ServerContext,
        standing: list[socket.socket],
        tls: Callable[[], ssl.SSLContext] | None,
    ) -> None:
        self._loop, self._context, self._standing, self._tls = loop, context, standing, tls
        self._opening: set[asyncio.Task[Any]] = set()

    def open(self) -> None:
        """Let connections in."""
        if self._tls:
            # asyncio lends each connection 256 kB to decrypt into, at once; a record has 16.
            sslproto.SSLProtocol.max_size = _RECORD
        for listener in self._standing:
            self._loop.add_reader(listener, self._accept, listener)

    def close(self) -> None:
        """Let nobody in any more, and give the addresses back."""
        for listener in self._standing:
            self._loop.remove_reader(listener)
            listener.close()

    def _accept(self, listener: socket.socket) -> None:
        for _ in range(_AT_ONCE):
            try:
                accepted, peer = listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:  # no file or no memory is left: others will end
                self._loop.remove_reader(listener)
                self._loop.call_later(_PAUSE, self._resume, listener)
                return
            self._welcome(accepted, peer[0])

    def _resume(self, listener: socket.socket) -> None:
        if listener.fileno() >= 0:
            self._loop.add_reader(listener, self._accept, listener)

    def _welcome(self, accepted: socket.socket, address: str) -> None:
        connection = Connection(self._context, address)
        if not self._context.table.take(connection):
            accepted.close()
            return
        accepted.setblocking(False)
        _bound(accepted, self._context.limits)
        made = self._loop.connect_accepted_socket(
            lambda: connection,
            accepted,
            ssl=self._tls() if self._tls else None,
            ssl_handshake_timeout=self._context.limits.header_seconds if self._tls else None,
        )
        connection.opening = task = self._loop.create_task(made)
        self._opening.add(task)

        def opened(task: asyncio.Task[Any]) -> None:
            self._opening.discard(task)
            connection.opening = None
            if task.cancelled():
                accepted.close()  # if that was before the socket had anybody
            if task.cancelled() or task.exception() is not None:
                connection.gone()

        task.add_done_callback(opened)


def _bound(accepted: socket.socket, limits: Limits) -> None:
    """Have the kernel send at once, keep little of an answer, and not try for ever to send it."""
    with contextlib.suppress(OSError):  # it has gone again
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            milliseconds = int(limits.moving_seconds * 1000)
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
