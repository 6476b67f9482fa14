"""A web server of one process for a WSGI application, that strangers cannot hold.

An event loop takes requests and gives answers; threads only answer what has come whole. TLS, where
it is wanted, is made in the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any

from sync.web.serving.acceptor import Acceptor, listeners
from sync.web.serving.connection_table import ConnectionTable
from sync.web.serving.context import ServerContext
from sync.web.serving.limits import Limits, connections_within
from sync.web.serving.refusals import Words, plain
from sync.web.serving.worker_pool import WorkerPool
from sync.web.serving.wsgi import Application, where

_log = logging.getLogger("divoc.serving")
_READ = 16 * 1024
"""Bytes that are read of one connection before the next has its turn."""
_LIMITS = Limits()


class Server:
    """Listens from the moment it is made, answers while :meth:`run` runs.

    ``trusted`` is the address of the proxy whose ``X-Forwarded-For`` and ``-Proto`` are believed.
    ``tls`` is asked for each connection anew, so that a certificate is renewed while it runs.
    Raises :class:`OSError` if the address cannot be used.
    """

    def __init__(
        self,
        application: Application,
        host: str,
        port: int,
        *,
        threads: int,
        limits: Limits = _LIMITS,
        words: Words = plain,
        trusted: str = "",
        tls: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        self._application, self._limits = application, limits
        self._words, self._trusted, self._tls = words, trusted, tls
        self._listeners = listeners(host, port)
        self.port: int = self._listeners[0].getsockname()[1]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._workers = WorkerPool(threads, limits.waiting, limits.waiting_by_address, self._soon)
        most = limits.connections_in_tls if tls else limits.connections
        self._table = ConnectionTable(limits, connections_within(most), trusted)
        self._stop = threading.Event()
        self._stopped: asyncio.Event | None = None

    def waiting(self) -> int:
        """Give how many requests wait for a thread."""
        return self._workers.waiting

    def connections(self) -> int:
        """Give how many connections there are, whatever they do."""
        return self._table.taken

    def run(self) -> None:
        """Answer until :meth:`close`, SIGTERM or Ctrl-C; then end what has begun, and return."""
        with asyncio.Runner() as runner:
            runner.run(self._run())

    def close(self) -> None:
        """Have :meth:`run` return soon; from any thread, also before it was called."""
        self._stop.set()
        loop, stopped = self._loop, self._stopped
        if loop is not None and stopped is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                loop.call_soon_threadsafe(stopped.set)
        else:
            for listener in self._listeners:
                listener.close()

    async def _run(self) -> None:
        self._stopped = stopped = asyncio.Event()
        self._loop = loop = asyncio.get_running_loop()  # from here on close() tells the loop
        if self._stop.is_set():
            for listener in self._listeners:
                listener.close()
            return
        loop.set_exception_handler(_told)
        context = self._context()
        context.workers.open()
        acceptor = Acceptor(loop, context, self._listeners, self._tls)
        sweeping = loop.create_task(_sweep(context))
        try:
            with _signals(loop, stopped.set):
                acceptor.open()
                await stopped.wait()
            acceptor.close()
            await _ended(context)
        finally:
            sweeping.cancel()
            context.workers.close()

    def _context(self) -> ServerContext:
        return ServerContext(
            application=self._application,
            limits=self._limits,
            table=self._table,
            workers=self._workers,
            words=self._words,
            soon=self._soon,
            scheme="https" if self._tls else "http",
            port=self.port,
            trusted=self._trusted,
            buffer=memoryview(bytearray(_READ)),
        )

    def _soon(self, call: Callable[..., None], *arguments: Any) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended, and nobody waits any more
                self._loop.call_soon_threadsafe(call, *arguments)


async def _sweep(context: ServerContext) -> None:
    while True:
        await asyncio.sleep(1)
        now = context.now()
        for peer in context.table:
            peer.check(now)


async def _ended(context: ServerContext) -> None:
    """Let requests that have begun be answered; end all others."""
    until = context.now() + context.limits.ending_seconds
    while True:
        for peer in context.table:
            peer.end()
        if not context.table.taken or context.now() > until:
            break
        await asyncio.sleep(0.02)
    for peer in context.table:
        peer.drop()
    await asyncio.sleep(0)  # what was dropped is closed by the loop's next round


@contextlib.contextmanager
def _signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> Iterator[None]:
    """Stop at SIGTERM and SIGINT, in the thread that is told of them; afterwards as before."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {which: signal.getsignal(which) for which in (signal.SIGTERM, signal.SIGINT)}
    for which in before:
        loop.add_signal_handler(which, stop)
    try:
        yield
    finally:
        for which, handler in before.items():
            loop.remove_signal_handler(which)
            signal.signal(which, handler)


def _told(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what went wrong in the loop, without the message: it tells what a call was given."""
    error = context.get("exception")
    if error is not None and not isinstance(error, OSError):
        _log.error("unexpected %s", where(error))
