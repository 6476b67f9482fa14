"""What the server makes of HTTP, byte by byte."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from functools import partial
from itertools import pairwise

import pytest
from echoing import Serve, Site
from flask import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intruders import PATIENCE, asked, said, until
from serving import Serving
from shares import share

from sync.web.serving import Limits, Server
from sync.web.serving.connection import Connection

CLOSE = b"Host: a\r\nConnection: close\r\n\r\n"
SMALL = Limits(body=1000, header=2000, linger_seconds=1)


def test_an_answer_has_no_header_that_http_does_not_ask_for(serve: Serve, site: Site) -> None:
    @site.app.get("/nothing")
    def nothing() -> Response:
        answer = site.app.response_class()
        answer.headers.remove("Content-Type")
        return answer

    port = serve().port
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as one:
        one.sendall(b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
        answer = one.recv(1000)
    lines = answer.split(b"\r\n")
    assert len(answer) == 75
    assert (lines[0], lines[1]) == (b"HTTP/1.1 200 OK", b"Content-Length: 0")
    assert lines[2].startswith(b"Date: ")


def test_requests_on_one_connection_are_answered_in_their_order(serve: Serve) -> None:
    port = serve().port
    bodies = [b"%d" % number * (number + 1) for number in range(60)]
    sent = b"".join(
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        for body in bodies
    )
    answers = said(port, sent + b"GET / HTTP/1.1\r\n" + CLOSE)
    found = [part.partition(b"\r\n\r\n")[2] for part in answers.split(b"HTTP/1.1 200 OK")[1:]]
    assert found == [*bodies, b"hello"]


def test_a_head_is_answered_without_a_body_and_the_next_request_after_it(serve: Serve) -> None:
    port = serve().port
    for path in (b"/", b"/large", b"/endless"):
        sent = b"HEAD %b HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n" % path
        head, _, rest = said(port, sent + CLOSE).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK")
        assert rest.startswith(b"HTTP/1.1 200 OK")
        assert rest.endswith(b"\r\n\r\nhello")


def test_http_1_0_is_answered_and_ended(serve: Serve) -> None:
    port = serve().port
    assert said(port, b"GET / HTTP/1.0\r\n\r\n").endswith(b"\r\n\r\nhello")
    streamed = said(port, b"GET /endless HTTP/1.0\r\n\r\n", most=300_000)
    assert b"Transfer-Encoding" not in streamed


def test_a_body_in_chunks_is_a_body(serve: Serve) -> None:
    chunked = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + CLOSE
    answer = said(serve().port, chunked + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n")
    assert answer.endswith(b"\r\n\r\nabcde")


def test_who_asks_whether_to_go_on_is_told(serve: Serve) -> None:
    with socket.create_connection(("127.0.0.1", serve().port), timeout=PATIENCE) as one:
        one.sendall(b"POST / HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n" + CLOSE)
        assert one.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        one.sendall(b"abc")
        assert one.recv(1000).endswith(b"\r\n\r\nabc")


def test_who_asks_whether_to_send_too_much_is_told_not_to(serve: Serve) -> None:
    asking = b"POST / HTTP/1.1\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n" + CLOSE
    answer = said(serve(SMALL).port, asking)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert answer.endswith(b"The request is too large.")


@pytest.mark.parametrize(
    "request_",
    [
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n" + bytes(9_000_000),
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"7d0\r\n" + bytes(2000) + b"\r\n",
    ],
    ids=["said before", "in chunks"],
)  # fmt: skip
def test_who_sends_too_much_reads_so_when_he_has_sent_it(serve: Serve, request_: bytes) -> None:
    answer = said(serve(SMALL).port, request_)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nConnection: close\r\n" in answer
    assert answer.endswith(b"The request is too large.")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + bytes(5000), 431),
        (b"GET /" + b"a" * 5000, 431),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nno\r\n", 400),
        (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 400),
        (b"GET / HTTP/0.9\r\nHost: a\r\n\r\n", 400),
        (b"GET environment HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET ?a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ],
)
def test_what_is_not_http_is_refused_and_ended(serve: Serve, request_: bytes, status: int) -> None:
    answer = said(serve(SMALL).port, request_)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nX-Content-Type-Options: nosniff\r\n" in answer
    assert b"\r\nCache-Control: no-store\r\n" in answer


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\ntransfer-encoding: CHUNKED\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding:\r\n chunked\r\n",
        b"POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n",
    ],
)
def test_nothing_is_taken_for_a_request_behind_a_body_that_ends_in_two_places(
    serve: Serve, site: Site, head: bytes
) -> None:
    site.go.set()
    behind = b"GET /wait/smuggled HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answer = said(serve().port, head + b"Host: a\r\n\r\n0\r\n\r\n" + behind)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert not site.begun


def test_a_body_of_crumbs_is_refused_before_it_costs_much(serve: Serve) -> None:
    chunked = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = said(serve().port, chunked + b"1\r\na\r\n" * 3000)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(b"The request comes in too many small pieces.")


def test_a_failure_is_answered_and_logged_without_what_it_says(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = said(serve().port, b"GET /fails HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert "RuntimeError" in caplog.text
    logged = "".join(one.getMessage() for one in caplog.records if one.name == "divoc.serving")
    assert "Quillfeather" not in answer.decode() + logged


def test_a_fault_of_the_server_itself_is_logged_without_what_was_asked_or_answered(
    serve: Serve, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise LookupError("Zuberi Quillfeather")

    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(Connection, "_send", fails)
    port = serve().port
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as one:
        one.sendall(b"POST /?Quillfeather HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n")
        one.sendall(b"Quillfeather")
        until(lambda: "LookupError" in caplog.text)
    assert "Quillfeather" not in caplog.text


def environment(port: int, *headers: bytes, path: bytes = b"/environment") -> dict[str, str]:
    lines = b"".join(header + b"\r\n" for header in headers)
    answer = said(port, b"GET %b HTTP/1.1\r\n%b" % (path, lines) + CLOSE)
    found: dict[str, str] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return found


FORWARDED = b"X-Forwarded-For: 198.51.100.9, 203.0.113.7", b"X-Forwarded-Proto: https"


def test_what_a_proxy_forwards_is_believed_of_the_one_that_is_named(serve: Serve) -> None:
    found = environment(serve(trusted="127.0.0.1").port, *FORWARDED)
    assert (found["REMOTE_ADDR"], found["wsgi.url_scheme"]) == ("203.0.113.7", "https")


@pytest.mark.parametrize("trusted", ["", "192.0.2.1"])
def test_what_anybody_else_forwards_is_not(serve: Serve, trusted: str) -> None:
    found = environment(serve(trusted=trusted).port, *FORWARDED)
    assert (found["REMOTE_ADDR"], found["wsgi.url_scheme"]) == ("127.0.0.1", "http")
    assert not [name for name in found if "FORWARDED" in name]


def test_a_proxy_that_names_no_address_is_refused(serve: Serve) -> None:
    port = serve(trusted="127.0.0.1").port
    forged = b"GET / HTTP/1.1\r\nX-Forwarded-For: unknown\r\n" + CLOSE
    assert said(port, forged).startswith(b"HTTP/1.1 400 ")


def test_a_header_that_could_pass_for_another_is_left_out(serve: Serve) -> None:
    found = environment(serve().port, b"X-Own: 1", b"X_Own: 2", b"Proxy_Authorization: 3")
    assert found["HTTP_X_OWN"] == "1"
    assert "HTTP_PROXY_AUTHORIZATION" not in found


@pytest.mark.parametrize(
    "path", [b"//environment", b"http://elsewhere/environment", b"/env%69ronment"]
)
def test_a_path_is_read_as_one_of_this_server(serve: Serve, path: bytes) -> None:
    assert environment(serve().port, path=path + b"?a=%62")["QUERY_STRING"] == "a=%62"


def test_what_waits_beyond_the_limit_is_refused_in_words_and_told_when_to_come(
    serve: Serve, site: Site
) -> None:
    serving = serve(Limits(waiting=2, waiting_by_address=2), threads=1)
    threads = [
        threading.Thread(target=asked, args=(serving.port, "GET", f"/wait/{number}"))
        for number in range(3)
    ]

    def taken(count: int) -> bool:
        return len(site.begun) + serving.server.waiting() == count

    for number, thread in enumerate(threads):
        thread.start()
        until(partial(taken, number + 1))
    answer = said(serving.port, b"GET / HTTP/1.1\r\n" + CLOSE)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nRetry-After: 5\r\n" in answer
    assert answer.endswith(b"Try again in a few seconds.")
    site.go.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(site.begun) == ["0", "1", "2"]


def test_who_has_gone_before_his_turn_is_not_worked_for(serve: Serve, site: Site) -> None:
    serving = serve(threads=1)
    first = threading.Thread(target=asked, args=(serving.port, "GET", "/wait/first"))
    first.start()
    until(lambda: site.begun == ["first"])
    with socket.create_connection(("127.0.0.1", serving.port)) as one:
        one.sendall(b"GET /wait/gone HTTP/1.1\r\nHost: a\r\n\r\n")
        until(lambda: serving.server.waiting() == 1)
    until(lambda: serving.server.waiting() == 0)
    site.go.set()
    first.join(PATIENCE)
    assert asked(serving.port) == b"hello"
    assert site.begun == ["first"]


@pytest.mark.parametrize("moment", range(8))
def test_a_server_may_be_stopped_at_any_moment(site: Site, moment: int) -> None:
    server = Server(site.app, "127.0.0.1", 0, threads=1)
    if moment == 0:
        server.close()
    running = threading.Thread(target=server.run)
    running.start()
    time.sleep(moment / 1000)
    server.close()
    running.join(PATIENCE)
    assert not running.is_alive()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)


def test_a_server_that_is_stopped_answers_what_it_has_begun(serve: Serve, site: Site) -> None:
    serving = serve()
    answers: list[bytes] = []
    asking = threading.Thread(target=lambda: answers.append(asked(serving.port, path="/wait/a")))
    asking.start()
    until(lambda: site.begun == ["a"])
    idle = socket.create_connection(("127.0.0.1", serving.port), timeout=PATIENCE)
    until(lambda: serving.server.connections() == 2)
    serving.server.close()
    assert idle.recv(1) == b""
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", serving.port), timeout=PATIENCE)
    site.go.set()
    asking.join(PATIENCE)
    assert answers == [b"a"]
    until(lambda: serving.server.connections() == 0)


@pytest.fixture
def shared(serve: Serve) -> Serving:
    return serve()


REQUEST = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + CLOSE + b"3\r\nabc\r\n0\r\n\r\n"


@given(st.lists(st.integers(1, len(REQUEST) - 1), max_size=12))
@settings(
    max_examples=share(40),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_request_is_the_same_wherever_it_was_cut(shared: Serving, cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(REQUEST)]
    with socket.create_connection(("127.0.0.1", shared.port), timeout=PATIENCE) as one:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for begin, end in pairwise(places):
            one.sendall(REQUEST[begin:end])
        found = b""
        while part := one.recv(1000):
            found += part
    assert found.endswith(b"\r\n\r\nabc")


@given(st.binary(max_size=300), st.integers(0, len(REQUEST)))
@settings(
    max_examples=share(60),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_comes_the_next_is_answered(shared: Serving, noise: bytes, place: int) -> None:
    with socket.create_connection(("127.0.0.1", shared.port), timeout=PATIENCE) as one:
        one.sendall(REQUEST[:place] + noise + REQUEST[place:])
    assert asked(shared.port) == b"hello"
