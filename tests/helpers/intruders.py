"""What a peer does to a web server who wants it to stand still."""

from __future__ import annotations

import contextlib
import http.client
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence

ONE = ("127.0.0.1",)
ANOTHER = ("127.0.0.2",)
MANY = tuple(f"127.0.1.{number}" for number in range(1, 251))
PATIENCE = 10.0
"""Seconds in which a tablet is answered, on a machine that has much else to do."""

HALF = {
    "connects only": b"",
    "half a request line": b"GE",
    "half a header": b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ",
    "half a body": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf",
    "half a chunk": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nab",
    "waits to go on": (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n"
    ),
    "speaks TLS by half": b"\x16\x03\x01\x02\x00\x01\x00",
}
"""Requests that stay by half: their sender waits, and not for the server."""

WHOLE = {
    "asks and stays": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "never reads": b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n",
    "asks at length and never reads": b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n" * 100,
}


@contextlib.contextmanager
def many_files(wanted: int = 4096) -> Iterator[None]:
    """Let this process open as many files as a crowd needs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Crowd:
    """Connections that are held; ``drip`` is sent on each, once a second."""

    def __init__(
        self,
        port: int,
        count: int,
        first: bytes,
        addresses: Sequence[str] = ONE,
        drip: bytes = b"",
    ) -> None:
        self.held: list[socket.socket] = []
        for number in range(count):
            one = socket.socket()
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.settimeout(5)
            one.bind((addresses[number % len(addresses)], 0))
            one.connect(("127.0.0.1", port))
            one.setblocking(False)
            with contextlib.suppress(OSError):
                one.send(first)
            self.held.append(one)
        self._ended = threading.Event()
        self._dripping = threading.Thread(target=self._drip, args=(drip,), daemon=True)
        if drip:
            self._dripping.start()

    def _drip(self, drip: bytes) -> None:
        while not self._ended.wait(1):
            for one in self.held:
                with contextlib.suppress(OSError):
                    one.send(drip)

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._dripping.is_alive():
            self._dripping.join(10)
        for one in self.held:
            one.close()


def asked(port: int, method: str = "GET", path: str = "/", body: bytes | None = None) -> bytes:
    """Ask as a tablet does, on a connection of one's own; raises if there is no answer in time."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        assert answer.status == 200, answer.status
        return answer.read()
    finally:
        connection.close()


def said(port: int, request: bytes, *, most: int = 10**6) -> bytes:
    """Send bytes as they are; give everything that comes back until the server ends it."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as one:
        one.sendall(request)
        found = b""
        while len(found) < most and (part := one.recv(65536)):
            found += part
        return found


def until(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until something is so; it fails if that takes too long."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.02)
