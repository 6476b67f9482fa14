"""Whether a change comes from our own pages: every header a browser writes, and many it never would."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from signed_messages import Centre
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from edge.node import Node
from edge.web.app import create_app
from sync.registry.store.sqlite import SqliteStore
from sync.web.origin import from_another_page

OWN = "http://station.example:8800"


def asked(
    headers: Mapping[str, str], own: str = OWN, method: str = "POST", host: str = ""
) -> Request:
    scheme, _, name = own.partition("://")
    environ = EnvironBuilder(
        method=method, headers=dict(headers).items(), base_url=own
    ).get_environ()
    environ["wsgi.url_scheme"] = scheme
    environ["HTTP_HOST"] = host or name
    return Request(environ)


ORIGINS = [
    "null",
    "NULL",
    "",
    "http://evil.example",
    "http://station.example",  # another port is another origin
    "http://station.example:8801",
    "http://station.example:88",
    "http://station.example:88000",
    "http://station.example:8800.evil.example",
    "http://station.example:8800@evil.example",
    "http://evil.example@station.example:8800",
    "http://evil.example#@station.example:8800",
    "http://station.example:8800/",
    "http://station.example:8800?x",
    "http://station.example.:8800",
    "http://xstation.example:8800",
    "http://www.station.example:8800",
    "http://example:8800",
    "https://station.example:8800",
    "ws://station.example:8800",
    "file://",
    "station.example:8800",
    "//station.example:8800",
    "://station.example:8800",
    "http://station.example:8800, http://evil.example",
    "http://evil.example http://station.example:8800",
    "http://station.example:8800 http://station.example:8800",
    "chrome-extension://abcdefgh",
    "http://",
]


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("more", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Referer": f"{OWN}/"}])
def test_a_change_with_an_origin_that_is_not_letter_for_letter_ours_is_refused(
    origin: str, more: Mapping[str, str]
) -> None:
    assert from_another_page(asked({"Origin": origin, **more}))


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)).filter(lambda text: text != OWN))
def test_no_text_but_our_own_origin_passes_for_one(text: str) -> None:
    assert from_another_page(asked({"Origin": text}))


@pytest.mark.parametrize(
    ("own", "host"),
    [
        (OWN, ""),
        ("http://station.example", "station.example"),
        ("http://station.example", "station.example:80"),
        ("https://station.example", "station.example:443"),
        ("https://station.example:80", "station.example:80"),
        ("http://192.168.4.1:8800", ""),
        ("http://[fe80::1]:8800", ""),
        ("http://localhost:8800", "LocalHost:8800"),
        ("http://xn--bcher-kva.example", ""),
        ("http://clinic.local:8800", "CLINIC.local:8800"),
        ("http://clinic_pc:8800", "CLINIC_PC:8800"),
        ("http://clinic_pc", "clinic_pc:80"),
        ("http://clinic.local.:8800", ""),
    ],
)
def test_our_own_origin_passes_as_a_browser_writes_it(own: str, host: str) -> None:
    for headers in (
        {"Origin": own},
        {"Referer": f"{own}/people/1?q=2"},
        {"Referer": own},
        {"Origin": own, "Referer": f"{own}/", "Sec-Fetch-Site": "same-origin"},
    ):
        assert not from_another_page(asked(headers, own, host=host)), headers


@pytest.mark.parametrize(
    ("own", "origin"),
    [
        ("https://station.example", "http://station.example"),
        ("http://station.example", "https://station.example"),
        ("https://station.example", "https://station.example:80"),
        ("http://station.example:443", "http://station.example"),
        ("http://[::1]:8800", "http://[::2]:8800"),
        ("http://127.0.0.1:8800", "http://localhost:8800"),
    ],
)
def test_another_scheme_port_or_name_of_this_machine_is_another_origin(
    own: str, origin: str
) -> None:
    assert from_another_page(asked({"Origin": origin}, own))
    assert from_another_page(asked({"Referer": f"{origin}/"}, own))


@pytest.mark.parametrize(
    "site", ["cross-site", "same-site", "", "SAME-ORIGIN", "same-origin, none", "x"]
)
def test_a_change_that_a_browser_says_another_page_asks_for_is_refused(site: str) -> None:
    assert from_another_page(asked({"Sec-Fetch-Site": site}))
    assert from_another_page(asked({"Sec-Fetch-Site": site, "Origin": OWN}))


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_change_that_a_person_or_our_own_page_asks_for_is_carried_out(site: str) -> None:
    assert not from_another_page(asked({"Sec-Fetch-Site": site}))


@pytest.mark.parametrize(
    "page",
    [
        "",
        "null",
        "http://evil.example/",
        "http://station.example:8800.evil.example/",
        "http://station.example:8800@evil.example/",
        "http://evil.example/http://station.example:8800/",
        "https://station.example:8800/",
        "http://station.example:88001/",
        "http://station.example/",
    ],
)
def test_a_change_from_a_page_whose_address_is_not_ours_is_refused(page: str) -> None:
    assert from_another_page(asked({"Referer": page}))
    assert from_another_page(asked({"Referer": page, "Sec-Fetch-Site": "same-origin"}))


@pytest.mark.parametrize("host", ["evil example", "station.example:8800/", "a@b", ","])
def test_a_host_that_is_none_makes_no_origin_ours(host: str) -> None:
    assert from_another_page(asked({"Origin": OWN}, host=host))
    assert from_another_page(asked({"Origin": f"http://{host}"}, host=host))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "post", "X"])
def test_every_method_but_reading_is_a_change(method: str) -> None:
    assert from_another_page(asked({"Origin": "http://evil.example"}, method=method))
    assert not from_another_page(asked({}, method=method))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_link_from_another_page_may_be_followed(method: str) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "null", "Referer": "http://evil.example/"}
    assert not from_another_page(asked(headers, method=method))


@pytest.mark.parametrize(
    ("authorization", "refused"),
    [("Bearer a", False), ("Basic YTpi", True), ("bearer a", True), ("Bearer", True), ("", True)],
)
def test_only_a_token_that_no_browser_adds_itself_makes_up_for_another_page(
    authorization: str, refused: bool
) -> None:
    headers = {"Authorization": authorization, "Origin": "http://evil.example"}
    assert from_another_page(asked(headers)) is refused


def changes(app: Flask) -> list[tuple[str, str]]:
    """Give the method and an address of every route that changes something."""
    found = []
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            path = re.sub(r"<[^>]+>", "1", rule.rule)
            found.append((method, path))
    return found


def test_no_route_of_a_site_does_what_another_page_asks_for(node: Node) -> None:
    app = create_app(node.backend())
    asked = changes(app)
    assert len(asked) > 30
    for method, path in asked:
        answer = app.test_client().open(path, method=method, headers={"Origin": "null"})
        assert answer.status_code == 403, (method, path)
        assert "another page" in answer.text, (method, path)


def test_no_route_of_the_registry_does_what_another_page_asks_for(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "registry.db")
    app = Centre(store).client.application
    asked = changes(app)
    assert len(asked) > 10
    for method, path in asked:
        answer = app.test_client().open(path, method=method, headers={"Origin": "null"})
        assert answer.status_code == 403, (method, path)
        assert "too old" in answer.text, (method, path)
    store.close()


@pytest.mark.slow
def test_every_page_is_sent_so_that_a_browser_tells_its_origin(node: Node, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "registry.db")
    for client in (create_app(node.backend()).test_client(), Centre(store).client):
        assert client.get("/").headers["Referrer-Policy"] == "same-origin"
    store.close()
