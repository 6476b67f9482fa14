"""Sending over a line that takes its time: what is slow goes on, what stands still is given up."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from pathlib import Path

import pytest
from imposters import stranger
from peers import peer

from sync.protocol.errors import LineError
from sync.site.transports import LineOptions, http, transport

BODY = bytes(4 * 1024 * 1024)
"""More than both ends' kernels hold between them, whatever they choose."""
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def take(connection: socket.socket, size: int, at_once: int = 1 << 20, pause: float = 0) -> None:
    """Take a request with a body of so many bytes, and answer it."""
    head = b""
    while not head.endswith(b"\r\n\r\n") and (byte := connection.recv(1)):
        head += byte
    while size and (data := connection.recv(min(size, at_once))):
        size -= len(data)
        time.sleep(pause)
    connection.sendall(ANSWER)


@pytest.mark.parametrize("secure", [False, True])
def test_a_block_may_take_longer_than_being_connected(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, secure: bool
) -> None:
    monkeypatch.setattr(http, "_CONNECT", 0.2)
    tls, root = stranger(tmp_path, "127.0.0.1") if secure else (None, "")

    def slow(connection: socket.socket) -> None:
        time.sleep(1)
        take(connection, len(BODY))

    with peer(slow, tls=tls) as address:
        line = LineOptions(str(root), idle=30)
        assert transport(address, line).ask("batches", BODY) == {}


def test_a_line_that_takes_no_more_bytes_is_given_up_as_silent() -> None:
    given_up = threading.Event()

    def full(connection: socket.socket) -> None:
        given_up.wait(30)

    with peer(full) as address:
        began = time.monotonic()
        with pytest.raises(LineError) as failed:
            transport(address, LineOptions(idle=0.5)).ask("batches", BODY)
        given_up.set()
    assert failed.value.code == "registry.silent"
    assert time.monotonic() - began < 20


def test_a_line_that_breaks_in_an_upload_is_not_called_unreachable() -> None:
    def broken(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with peer(broken) as address, pytest.raises(LineError) as failed:
        transport(address).ask("batches", BODY)
    assert failed.value.code == "registry.cut"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_patient_line_still_gives_up_connecting_soon(
    monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setattr(http, "_CONNECT", 0.3)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        address = deaf.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:  # they fill its queue: the next one is not heard
            one.setblocking(False)
            one.connect_ex(address)
        began = time.monotonic()
        with pytest.raises(LineError) as failed:
            transport(f"{scheme}://127.0.0.1:{address[1]}", LineOptions(idle=60)).ask("", None)
        for one in waiting:
            one.close()
    assert failed.value.code == "registry.unreachable"
    assert time.monotonic() - began < 20


@pytest.mark.slow
def test_a_line_that_moves_is_not_given_up_however_long_it_takes() -> None:
    body = bytes(300_000)

    def slow(connection: socket.socket) -> None:
        take(connection, len(body), at_once=10_000, pause=0.1)  # three seconds

    with peer(slow, window=4096) as address:
        assert transport(address, LineOptions(idle=1)).ask("batches", body) == {}


def test_an_upload_that_breaks_under_tls_is_not_taken_for_somebody_else(tmp_path: Path) -> None:
    tls, root = stranger(tmp_path, "127.0.0.1")

    def broken(connection: socket.socket) -> None:
        connection.recv(10_000)

    with peer(broken, tls=tls) as address, pytest.raises(LineError) as failed:
        transport(address, LineOptions(str(root))).ask("batches", BODY)
    assert failed.value.code == "registry.cut"


def test_a_stranger_says_nothing_of_how_much_the_line_carries(tmp_path: Path) -> None:
    tls, _ = stranger(tmp_path, "127.0.0.1")

    def nobody(connection: socket.socket) -> None:
        with pytest.raises(ssl.SSLError):  # the site leaves before a byte of its own is sent
            tls.wrap_socket(connection, server_side=True)

    with peer(nobody) as address, pytest.raises(LineError) as failed:
        transport(address.replace("http:", "https:")).ask("batches", BODY)
    assert (failed.value.code, failed.value.too_much) == ("registry.foreign-tls", False)


def test_a_line_that_breaks_in_the_handshake_is_not_taken_for_somebody_else() -> None:
    def broken(connection: socket.socket) -> None:
        connection.recv(100)

    with peer(broken) as address, pytest.raises(LineError) as failed:
        transport(address.replace("http:", "https:")).ask("batches", BODY)
    assert failed.value.code == "registry.cut"
