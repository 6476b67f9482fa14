"""A registry, or who stands in its place, that answers without end or lies about how much it sends."""

from __future__ import annotations

import socket

import pytest
from peers import peer

from sync.protocol.errors import TransportError
from sync.site.transports import LineOptions, transport

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BLOCK = b" " * (64 * 1024)
TWO_GB = 2 * 1024**3
MOST = 64 * 1024 * 1024
"""What may be on its way when the site has had enough: its own 8 MB, and what kernels hold."""


def heard(connection: socket.socket) -> None:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(4096)


@pytest.mark.parametrize(
    ("head", "block"),
    [
        (b"Content-Length: %d\r\n\r\n" % TWO_GB, BLOCK),
        (b"Connection: close\r\n\r\n", BLOCK),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + BLOCK + b"\r\n"),
        (b"", b"X-Header: " + BLOCK[:1000] + b"\r\n"),
        (b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % TWO_GB, BLOCK),
    ],
    ids=["two gigabytes", "no end", "chunks without end", "headers without end", "a coding"],
)
def test_an_answer_of_two_gigabytes_or_without_end_is_given_up_after_what_a_site_takes(
    head: bytes, block: bytes
) -> None:
    sent = [0]

    def serve(connection: socket.socket) -> None:
        heard(connection)
        try:
            connection.sendall(HEAD + head)
            while sent[0] < TWO_GB:
                connection.sendall(block)
                sent[0] += len(block)
        except OSError:  # the site has hung up
            return

    with peer(serve) as address, pytest.raises(TransportError) as given_up:
        transport(address, LineOptions(idle=20)).ask("letters", b"{}")
    assert given_up.value.temporary
    assert sent[0] < MOST


@pytest.mark.parametrize(
    ("length", "body", "answer"),
    [(2, b"{}" + b"x" * 100, {}), (10, b'{"a"', None), (2**63, b'{"a"', None), (-1, b"{}", {})],
    ids=["less than it sends", "more than it sends", "more than there is", "less than nothing"],
)
def test_an_answer_whose_length_is_a_lie_is_cut_there_or_is_none(
    length: int, body: bytes, answer: object
) -> None:
    def serve(connection: socket.socket) -> None:
        heard(connection)
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % length + body)

    with peer(serve) as address:
        line = transport(address, LineOptions(idle=5))
        if answer is None:
            with pytest.raises(TransportError):
                line.ask("letters", b"{}")
        else:
            assert line.ask("letters", b"{}") == answer
