"""TLS in the same process: who begins it and stays is one connection of many."""

from __future__ import annotations

import contextlib
import datetime
import gc
import re
import socket
import ssl
from asyncio import sslproto
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from echoing import Serve, Site
from intruders import ANOTHER, MANY, ONE, PATIENCE, Crowd, until

from sync.web.serving import Limits

PLAIN = b"GET / HTTP/1.1\r\n\r\n"
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"


@pytest.fixture
def contexts(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate of its own, and that of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "site.local")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("site.local")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "site.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=str(file))


def asked(port: int, client: ssl.SSLContext, path: str = "/", size: int = 0) -> bytes:
    with (
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain,
        client.wrap_socket(plain, server_hostname="site.local") as one,
    ):
        head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"
        one.sendall((head if size else head.replace("POST", "GET")).encode() + b"x" * size)
        found = b""
        while part := one.recv(65536):
            found += part
    return found.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("attack", [b"", HELLO, PLAIN])
@pytest.mark.parametrize(("count", "addresses"), [(300, ONE), (300, ANOTHER), (1000, MANY)])
def test_a_tablet_is_answered_in_tls_beside_handshakes_that_are_held(
    serve: Serve,
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
    attack: bytes,
    count: int,
    addresses: tuple[str, ...],
) -> None:
    serving = serve(tls=lambda: contexts[0])
    port = serving.port
    with Crowd(port, count, attack, addresses):
        if attack != PLAIN:  # that is no handshake, and ended already
            until(lambda: serving.server.connections() > 100)
        for _ in range(3):
            assert asked(port, contexts[1]) == b"hello"
        assert asked(port, contexts[1], size=1_000_000) == b"x" * 1_000_000


@pytest.mark.parametrize("attack", [b"", HELLO])
def test_a_handshake_that_does_not_come_is_not_waited_for(
    serve: Serve, contexts: tuple[ssl.SSLContext, ssl.SSLContext], attack: bytes
) -> None:
    serving = serve(Limits(header_seconds=1), tls=lambda: contexts[0])
    with Crowd(serving.port, 3, attack):
        until(lambda: serving.server.connections() > 0)
        until(lambda: serving.server.connections() == 0)


def in_one_segment(port: int, client: ssl.SSLContext, records: list[bytes]) -> bytes:
    """Send each as a record of TLS of its own, and all of them at once; give the answer's body."""
    coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = client.wrap_bio(coming, going, server_hostname="site.local")
    found = b""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain:
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                plain.sendall(going.read())
                coming.write(plain.recv(65536))
        for record in records:
            tls.write(record)
        plain.sendall(going.read())
        while not _ends(found):
            coming.write(plain.recv(65536))
            with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLZeroReturnError):
                while text := tls.read(65536):
                    found += text
    return found.partition(b"\r\n\r\n")[2]


def _ends(answer: bytes) -> bool:
    head, mark, body = answer.partition(b"\r\n\r\n")
    return bool(mark) and len(body) == int(re.findall(rb"(?i)content-length: (\d+)", head)[0])


def test_nobody_gets_what_another_sent_for_what_they_sent_themselves(
    serve: Serve, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    """Head and body come in two records at once, as browsers send them."""
    port = serve(tls=lambda: contexts[0]).port
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 400\r\nConnection: close\r\n\r\n"
    secret, own = b"code=V1&pin=2468" * 25, b"guest and nobody else" * 20
    for _ in range(3):
        assert in_one_segment(port, contexts[1], [head + secret]) == secret
        assert in_one_segment(port, contexts[1], [head, own[:400]]) == own[:400]
        parts = [head, *(own[place : place + 40] for place in range(0, 400, 40))]
        assert in_one_segment(port, contexts[1], parts) == own[:400]


def test_the_application_knows_that_it_is_asked_in_tls(
    serve: Serve, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    answer = asked(serve(tls=lambda: contexts[0]).port, contexts[1], "/environment")
    assert b'"wsgi.url_scheme":"https"' in answer


def test_a_guest_whose_requests_take_every_place_does_not_keep_a_tablet_out(
    serve: Serve, site: Site, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    serving = serve(Limits(connections_in_tls=20), threads=2, tls=lambda: contexts[0])
    waits = b"GET /wait/guest HTTP/1.1\r\nHost: a\r\n\r\n"
    with Crowd(serving.port, 25, b"", ANOTHER) as crowd:
        held = []
        for one in crowd.held[-20:]:
            one.settimeout(PATIENCE)
            held.append(contexts[1].wrap_socket(one, server_hostname="site.local"))
            held[-1].sendall(waits)
        until(lambda: serving.server.waiting() == 18)
        with (
            socket.create_connection(("127.0.0.1", serving.port), timeout=PATIENCE) as plain,
            contexts[1].wrap_socket(plain, server_hostname="site.local") as tablet,
        ):
            tablet.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            site.go.set()
            assert tablet.recv(65536).startswith(b"HTTP/1.1 200 OK")
        for tls in held:
            tls.close()


def test_a_connection_in_tls_holds_no_more_than_a_record_to_decrypt_into(
    serve: Serve, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    port = serve(tls=lambda: contexts[0]).port
    with (
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain,
        contexts[1].wrap_socket(plain, server_hostname="site.local"),
    ):
        held = [one for one in gc.get_objects() if isinstance(one, sslproto.SSLProtocol)]
        assert held
        # 256 kB by itself: 128 connections would hold 32 MB
        assert {len(vars(one)["_ssl_buffer"]) for one in held} == {16 * 1024}
