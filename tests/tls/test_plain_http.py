"""What plain HTTP gives beside a site with TLS: how to trust it, and nothing else."""

from __future__ import annotations

import json
import plistlib
import re
import socket
import ssl
from functools import partial

import pytest
from cryptography import x509
from tls_sites import HOST, TlsSite, asked

from edge.web.pages import PAGES as EVERY_PAGE
from edge.web.routes import ROUTES
from edge.web.translations import load_languages
from sync.resources import resource

PAGES = sorted({re.sub(r"<[^>]+>", "x", page.path) for page in EVERY_PAGE})
STATIC = [
    "/static/edge.css",
    "/static/edge.js",
    "/sign-in",
    "/nothing-here",
    "/trust.db",
    "/trustx",
]
LOOKS = [path for path in (*PAGES, *STATIC) if path != "/trust"]
CALLS = [(route.method, "/api/v1" + re.sub(r"{\w+}", "x", route.path)) for route in ROUTES]
LANGUAGES = sorted(load_languages(resource("config/locale")))


def is_nothing_but_trust(answer: tuple[int, dict[str, str], bytes]) -> bool:
    """Say whether an answer is a refusal that sets nothing."""
    status, headers, _ = answer
    return status in (403, 413) and "set-cookie" not in headers


@pytest.mark.parametrize("path", LOOKS)
def test_a_look_at_a_page_is_sent_on_to_https(site: TlsSite, path: str) -> None:
    for method in ("GET", "HEAD"):
        status, headers, body = asked(site.plain_port, path, method=method)
        assert (status, headers["location"]) == (302, f"{site.url}{path}")
        assert "set-cookie" not in headers
        assert b"<form" not in body


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_no_call_of_the_api_is_answered(site: TlsSite, method: str, path: str) -> None:
    answer = asked(site.plain_port, path, method=method, body=b"" if method == "GET" else b"{}")
    assert is_nothing_but_trust(answer)
    assert json.loads(answer[2])["code"] == "plain.refused"


@pytest.mark.parametrize("path", [*PAGES, "/sign-in"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_what_is_sent_in_plain_is_refused_in_words(site: TlsSite, method: str, path: str) -> None:
    pin = b"code=V1&pin=2468"
    answer = asked(site.plain_port, path, method=method, body=pin)
    assert is_nothing_but_trust(answer)
    assert b"This address is not secure." in answer[2]
    assert b"2468" not in answer[2]
    large = asked(site.plain_port, path, method=method, body=b"x" * 5000)
    assert is_nothing_but_trust(large)


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "divoc_edge_session=abc"},
        {"Cookie": "__Host-divoc_edge_device=abc"},
        {"Authorization": "Bearer abc"},
        {"Divoc-Device": "abc"},
    ],
)
def test_who_shows_a_secret_in_plain_is_told_so(site: TlsSite, headers: dict[str, str]) -> None:
    answer = asked(site.plain_port, "/records", headers=headers)
    assert is_nothing_but_trust(answer)
    assert b"abc" not in answer[2]


@pytest.mark.slow
def test_a_valid_session_is_worth_nothing_in_plain(site: TlsSite) -> None:
    key = site.node.devices.pair(site.pairing().partition("#")[2])
    device = site.node.devices.of(key)
    assert device is not None
    token = site.node.authenticator.sign_in("S1", "2468", device.id)
    shown = {"Authorization": f"Bearer {token}", "Divoc-Device": key}
    tls = site.trusting()
    assert asked(site.port, "/api/v1/status", headers=shown, tls=tls)[0] == 200
    assert is_nothing_but_trust(asked(site.plain_port, "/api/v1/status", headers=shown))


@pytest.mark.parametrize(
    "path",
    ["//evil.example/", "/\\evil.example", "/%0d%0aSet-Cookie:%20a=b", "/x?next=//evil.example"],
)
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", HOST])
def test_it_sends_nobody_anywhere_else(site: TlsSite, path: str, host: str) -> None:
    status, headers, _ = asked(site.plain_port, path, host=host)
    assert status == 302
    assert headers["location"].startswith(f"{site.url}/")
    assert "set-cookie" not in headers


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_in_every_language_what_to_compare_and_what_to_open(
    site: TlsSite, language: str
) -> None:
    assert site.node.tls is not None
    status, _, body = asked(site.plain_port, f"/trust?language={language}")
    text = body.decode()
    assert status == 200
    assert f'<html lang="{language}"' in text
    assert site.node.tls.state().fingerprint in text
    assert f'href="{site.url}/"' in text
    for known in LANGUAGES:
        assert f'href="/trust?language={known}"' in text
    assert ("Trust this site" in text) == (language == "en")


@pytest.mark.parametrize(
    ("agent", "opened"),
    [
        ("Mozilla/5.0 (Linux; Android 14; SM-X200) Chrome/150", "Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15", "iPad"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/150", "Windows"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/150", "Chromebook"),
        ("curl/8", ""),
    ],
)
def test_the_steps_of_the_tablets_own_system_are_open(
    site: TlsSite, agent: str, opened: str
) -> None:
    body = asked(site.plain_port, "/trust", headers={"User-Agent": agent})[2].decode()
    found = re.findall(r"<details open><summary>(\w+)</summary>", body)
    assert found == ([opened] if opened else [])


def _got(port: int, tls: ssl.SSLContext | None, path: str) -> tuple[int, dict[str, str], bytes]:
    return asked(port, path, tls=tls)


def test_every_form_of_the_certificate_is_the_authority_itself(site: TlsSite) -> None:
    assert site.node.tls is not None
    authority = site.node.tls.authority()
    for port, tls in ((site.plain_port, None), (site.port, site.trusting())):
        ask = partial(_got, port, tls)
        status, headers, der = ask("/trust/site.crt")
        assert (status, headers["content-type"]) == (200, "application/x-x509-ca-cert")
        assert x509.load_der_x509_certificate(der) == authority
        assert 'filename="clinic-12.crt"' in headers["content-disposition"]
        assert x509.load_pem_x509_certificate(ask("/trust/site.pem")[2]) == authority
        status, headers, profile = ask("/trust/site.mobileconfig")
        assert headers["content-type"].startswith("application/x-apple-aspen-config")
        (root,) = plistlib.loads(profile)["PayloadContent"]
        assert root["PayloadType"] == "com.apple.security.root"
        assert x509.load_der_x509_certificate(root["PayloadContent"]) == authority
        assert b"PRIVATE" not in profile + der


def test_a_body_in_chunks_is_refused_as_well(site: TlsSite) -> None:
    sent = b"4\r\n2468\r\n0\r\n\r\n"
    with socket.create_connection(("127.0.0.1", site.plain_port), timeout=20) as line:
        head = b"POST /sign-in HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
        line.sendall(head + b"Connection: close\r\n\r\n" + sent)
        answer = b""
        while part := line.recv(65536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"2468" not in answer


@pytest.mark.parametrize("name", ["x", "site.key", "..%2fsite.toml", "authority.tls.pem"])
def test_no_other_file_is_beside_them(site: TlsSite, name: str) -> None:
    status, _, body = asked(site.plain_port, f"/trust/{name}")
    assert status in (302, 404)
    assert b"PRIVATE" not in body


def test_over_tls_the_name_and_no_other_is_https_for_a_year(site: TlsSite) -> None:
    tls = site.trusting()
    _, headers, _ = asked(site.port, "/verify", tls=tls)
    assert headers["strict-transport-security"] == "max-age=31536000"
    tls.check_hostname = False
    _, headers, _ = asked(site.port, "/verify", tls=tls, host="10.1.2.3")
    assert "strict-transport-security" not in headers
    assert "strict-transport-security" not in asked(site.plain_port, "/trust")[1]


def test_a_tablet_that_trusts_the_authority_sees_that_a_name_is_another(site: TlsSite) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        asked(site.port, "/", tls=site.trusting(), host="other.local")
