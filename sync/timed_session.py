"""A session of requests that ends as a whole, however slowly the other end answers.

The time-outs of requests hold from one byte to the next: who sends a byte now and then, of the TLS
handshake, of the headers or of the body, holds the line for as long as they please.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

_Watch = Callable[[socket.socket], None]


class TimedSession(requests.Session):
    """Asks as requests does, and cuts its lines ``seconds`` after it was entered.

    Takes no settings of the machine. What is cut raises an error of requests or urllib3, or looks
    like the end of the answer: an answer is whole only where ``over`` is still false.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.trust_env = False
        self.over = False
        self._lines: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(self._watch))

    def __enter__(self) -> TimedSession:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self.close()
        with self._lock:
            for line in self._lines:
                line.close()
            self._lines = []

    def _watch(self, made: socket.socket) -> None:
        """Remember a line, by a handle of its own: TLS takes the socket itself away."""
        with self._lock:
            self._lines.append(made.dup())
        if self.over:
            self._cut()

    def _cut(self) -> None:
        with self._lock:
            self.over = True
            for line in self._lines:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)


class _Watched(HTTPConnection):
    """Has its line watched as soon as there is one, before TLS begins."""

    def __init__(self, watch: _Watch, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._watch = watch

    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        self._watch(made)
        return made


class _WatchedTls(_Watched, HTTPSConnection):
    """The same under TLS."""


class _Adapter(HTTPAdapter):
    def __init__(self, watch: _Watch) -> None:
        self._watch = watch
        super().__init__()

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **options)
        kind = _WatchedTls if pool.scheme == "https" else _Watched
        pool.ConnectionCls = partial(kind, self._watch)
        return pool
