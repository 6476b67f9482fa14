"""A guest holds as many connections as he likes: a tablet beside him is answered all the same."""

from __future__ import annotations

import contextlib
import time

import pytest
from echoing import LARGE, Serve, Site
from flask import Response
from intruders import ANOTHER, HALF, MANY, ONE, WHOLE, Crowd, asked, until

from sync.web.serving import Limits
from sync.web.serving.connection import Connection
from sync.web.serving.timeouts import Phase

SHORT = Limits(header_seconds=1, idle_seconds=1, moving_seconds=1, linger_seconds=1)


@pytest.mark.parametrize("attack", HALF.values(), ids=HALF.keys())
@pytest.mark.parametrize(
    ("count", "addresses"),
    [(101, ONE), (300, ONE), pytest.param(1000, MANY, marks=pytest.mark.slow)],
    ids=["101 of one", "300 of one", "1000 of many"],
)
def test_a_tablet_is_answered_beside_connections_that_are_held(
    serve: Serve, attack: bytes, count: int, addresses: tuple[str, ...]
) -> None:
    port = serve().port
    with Crowd(port, count, attack, addresses):
        for _ in range(3):
            assert asked(port) == b"hello"
            assert asked(port, "POST", "/", b"x" * 900) == b"x" * 900
        assert asked(port, "POST", "/", bytes(2_000_000)) == bytes(2_000_000)


@pytest.mark.parametrize("attack", WHOLE.values(), ids=WHOLE.keys())
@pytest.mark.parametrize(
    ("count", "addresses"),
    [(101, ANOTHER), (300, ANOTHER), pytest.param(1000, MANY, marks=pytest.mark.slow)],
    ids=["101 of another", "300 of another", "1000 of many"],
)
def test_a_tablet_is_answered_beside_guests_who_ask_for_more_than_they_take(
    serve: Serve, attack: bytes, count: int, addresses: tuple[str, ...]
) -> None:
    port = serve().port
    with Crowd(port, count, attack, addresses):
        for _ in range(3):
            assert asked(port) == b"hello"
            assert asked(port, "POST", "/", b"x" * 900) == b"x" * 900
        assert asked(port, "POST", "/", bytes(2_000_000)) == bytes(2_000_000)


@pytest.mark.parametrize("name", ["half a header", "half a body", "half a chunk"])
def test_a_tablet_is_answered_beside_connections_that_send_a_byte_a_second(
    serve: Serve, name: str
) -> None:
    port = serve().port
    with Crowd(port, 300, HALF[name], drip=b"a"):
        for _ in range(3):
            assert asked(port, "POST", "/", b"x" * 900) == b"x" * 900


@pytest.mark.parametrize("attack", [*HALF.values(), *WHOLE.values()], ids=[*HALF, *WHOLE])
def test_a_connection_that_goes_on_with_nothing_is_ended(serve: Serve, attack: bytes) -> None:
    serving = serve(SHORT)
    with Crowd(serving.port, 3, attack):
        until(lambda: serving.server.connections() > 0)
        until(lambda: serving.server.connections() == 0)


@pytest.mark.parametrize("name", ["half a header", "half a body"])
def test_a_byte_a_second_does_not_keep_a_connection(serve: Serve, name: str) -> None:
    serving = serve(SHORT)
    with Crowd(serving.port, 3, HALF[name], drip=b"a"):
        until(lambda: serving.server.connections() > 0)
        until(lambda: serving.server.connections() == 0)


def test_who_takes_an_answer_without_end_slowly_holds_no_thread(serve: Serve, site: Site) -> None:
    port = serve(threads=1).port
    with Crowd(port, 20, b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n"):
        for _ in range(3):
            assert asked(port) == b"hello"
        assert not site.put_away.is_set()
    assert site.put_away.wait(10)


def test_a_large_answer_comes_whole_beside_those_who_do_not_read_theirs(serve: Serve) -> None:
    port = serve().port
    with Crowd(port, 100, WHOLE["never reads"], ANOTHER):
        assert asked(port, path="/large") == bytes(LARGE)


def test_who_asks_on_and_on_and_reads_nothing_is_not_answered_on_and_on(
    serve: Serve, site: Site
) -> None:
    @site.app.get("/long-head")
    def long_head() -> Response:
        return Response(headers={"X-Long": "a" * 4000})

    serving = serve()
    asks = b"GET /long-head HTTP/1.1\r\nHost: a\r\n\r\n" * 10
    with Crowd(serving.port, 1, asks) as crowd:
        until(lambda: serving.server.connections() == 1)
        (peer,) = serving.server._table
        assert isinstance(peer, Connection)
        until(lambda: peer.phase is not Phase.HEADER)
        for _ in range(200):
            with contextlib.suppress(OSError):
                crowd.held[0].send(asks)
            time.sleep(0.01)
            assert peer._wire.get_write_buffer_size() < 100_000
