"""Who answers byte by byte holds no line of ours longer than the bound for all of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests
from peers import peer

from edge.adapters import web_fetch
from edge.domain.errors import Unavailable
from sync.protocol.errors import ProtocolError
from sync.sign_in.fetching import BoundedFetch
from sync.timed_session import TimedSession

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
TIMES, PAUSE = 400, 0.05
"""Bytes that are sent one by one, with so many seconds between them: far more than any bound."""
SLOWLY = {
    "the status": b"",
    "headers": HEAD,
    "a body of a length": HEAD + b"Content-Length: 100000\r\n\r\n",
    "a body without": HEAD + b"Connection: close\r\n\r\n",
    "chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n186A0\r\n",
}


class Dribbling:
    """Sends this at once, and then a byte now and then; ``cut`` says that somebody hung up."""

    def __init__(self, at_once: bytes) -> None:
        self._at_once = at_once
        self.cut = threading.Event()

    def __call__(self, connection: socket.socket) -> None:
        try:
            connection.recv(4096)
            connection.sendall(self._at_once)
            for _ in range(TIMES):
                connection.sendall(b"1")
                if self.cut.wait(PAUSE):
                    return
        except OSError:
            self.cut.set()


@contextmanager
def dribbling(at_once: bytes, scheme: str = "http") -> Iterator[tuple[str, Dribbling]]:
    serve = Dribbling(at_once)
    with peer(serve) as address:
        yield address.replace("http", scheme, 1), serve
        serve.cut.wait(TIMES * PAUSE)
        assert serve.cut.is_set()  # and it was not the other end that had enough


def of_a_provider(address: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        BoundedFetch(0.4)(address, None)
    assert (refused.value.code, refused.value.temporary) == ("openid.line", True)


def of_a_file(address: str) -> None:
    with pytest.raises(Unavailable) as refused:
        web_fetch.fetch(address)
    assert refused.value.code == "fetch.slow"


@pytest.mark.parametrize("fetches", [of_a_provider, of_a_file])
@pytest.mark.parametrize("what", SLOWLY)
def test_what_comes_byte_by_byte_ends_with_the_bound_for_all_of_it(
    monkeypatch: pytest.MonkeyPatch, what: str, fetches: Callable[[str], None]
) -> None:
    monkeypatch.setattr(web_fetch, "_IN_ALL", 0.4)
    with dribbling(SLOWLY[what]) as (address, _):
        fetches(address)


def test_a_tls_handshake_that_comes_byte_by_byte_ends_so_too() -> None:
    with dribbling(b"\x16\x03\x03\x40\x00", "https") as (address, _):
        of_a_provider(address)


def test_what_comes_in_time_is_whole_and_no_handle_stays_open() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}")

    with peer(serve) as address, TimedSession(20) as session:
        assert session.get(address, timeout=10).content == b"{}"
        (line,) = session._lines
    assert not session.over
    assert line.fileno() == -1


def test_a_session_whose_time_is_over_asks_nobody_anything() -> None:
    asked: list[bytes] = []
    heard = peer(lambda connection: asked.append(connection.recv(4096)))
    with heard as address, TimedSession(20) as session:
        session._cut()
        with pytest.raises(requests.RequestException):
            session.get(address, timeout=10)
    assert asked == [b""]
