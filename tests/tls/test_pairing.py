"""Pairing over the network: the page, the API, and what a tablet that is not paired may do."""

from __future__ import annotations

import json
import logging
import re
import ssl
from collections.abc import Mapping
from urllib.parse import urlencode

import pytest
from tls_sites import TlsSite, asked

from edge.web.pages import STAFF_PAGES
from edge.web.route import Route
from edge.web.routes import ROUTES

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DEVICE, SESSION = "__Host-divoc_edge_device", "__Host-divoc_edge_session"


class Tablet:
    """A browser without a screen: it keeps its cookies and shows them."""

    def __init__(self, site: TlsSite) -> None:
        self.site, self.tls = site, site.trusting()
        self.cookies: dict[str, str] = {}
        self.set: list[str] = []

    def ask(self, path: str, form: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = urlencode(form).encode() if form is not None else b""
        if form is not None:
            headers |= FORM | {"Origin": self.site.url}
        method = "GET" if form is None else "POST"
        status, found, content = asked(
            self.site.port, path, method=method, headers=headers, body=body, tls=self.tls
        )
        self._keep(found)
        return status, content

    def _keep(self, headers: Mapping[str, str]) -> None:
        for cookie in headers.get("set-cookie", "").splitlines():
            self.set.append(cookie)
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value

    def pair(self, secret: str) -> int:
        return self.ask("/pair", {"secret": secret})[0]


def secret_of(site: TlsSite, name: str = "Tablet 1") -> str:
    return site.pairing(name).partition("#")[2]


def sign_in(site: TlsSite, key: str, tls: ssl.SSLContext) -> tuple[int, dict[str, str]]:
    body = json.dumps({"code": "S1", "pin": "2468"}).encode()
    headers = {"Content-Type": "application/json", **({"Divoc-Device": key} if key else {})}
    status, _, answer = asked(
        site.port, "/api/v1/session", method="POST", headers=headers, body=body, tls=tls
    )
    return status, json.loads(answer)


def test_a_tablet_is_paired_by_the_page_and_then_asked_who_is_there(site: TlsSite) -> None:
    tablet = Tablet(site)
    assert tablet.ask("/sign-in")[0] == 403
    assert tablet.pair(secret_of(site)) == 303
    assert tablet.ask("/sign-in")[0] == 200
    (cookie,) = tablet.set
    for part in (
        f"{DEVICE}=",
        "Secure",
        "HttpOnly",
        "SameSite=Strict",
        "Path=/",
        "Max-Age=34560000",
    ):
        assert part in cookie
    assert "Domain" not in cookie


def test_a_secret_that_was_used_is_refused_to_whoever_replays_it(site: TlsSite) -> None:
    secret = secret_of(site)
    assert Tablet(site).pair(secret) == 303
    other = Tablet(site)
    assert other.pair(secret) == 409
    assert DEVICE not in other.cookies
    assert other.ask("/sign-in")[0] == 403


def test_a_tablet_that_is_paired_anew_leaves_no_second_one_behind(site: TlsSite) -> None:
    tablet = Tablet(site)
    tablet.pair(secret_of(site, "Before"))
    tablet.pair(secret_of(site, "After"))
    states = {one.name: one.revoked_at is None for one in site.node.devices.all()}
    assert (states["Before"], states["After"]) == (False, True)
    assert tablet.ask("/sign-in")[0] == 200


def test_two_who_use_a_secret_at_once_are_one_tablet(site: TlsSite) -> None:
    from concurrent.futures import ThreadPoolExecutor

    secret = secret_of(site, "Twice")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: Tablet(site).pair(secret), range(8)))
    assert sorted(found) == [303] + [409] * 7
    assert [one.name for one in site.node.devices.all()].count("Twice") == 1


def test_nobody_signs_in_on_a_tablet_that_is_not_paired(site: TlsSite) -> None:
    status, answer = sign_in(site, "", site.trusting())
    assert (status, answer["code"]) == (403, "device.unpaired")
    form = {"code": "S1", "pin": "2468"}
    tablet = Tablet(site)
    status, body = tablet.ask("/sign-in", form)
    assert status == 403
    assert b"not paired" in body
    assert SESSION not in tablet.cookies


@pytest.mark.parametrize(
    "path", sorted({re.sub(r"<[^>]+>", "x", page.path) for page in STAFF_PAGES})
)
def test_a_session_shown_by_another_than_its_tablet_opens_no_page(site: TlsSite, path: str) -> None:
    token = _session(site)[1]
    thief = Tablet(site)
    thief.cookies[SESSION] = token
    assert thief.ask(path)[0] in (303, 404, 405)
    thief.pair(secret_of(site, "Thief"))
    assert thief.ask(path)[0] in (303, 404, 405)


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.roles], ids=lambda route: route.path
)
def test_a_session_shown_by_another_than_its_tablet_makes_no_call(
    site: TlsSite, route: Route
) -> None:
    token = _session(site)[1]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    path = "/api/v1" + re.sub(r"{\w+}", "x", route.path)
    method = route.method
    for key in ("", site.node.devices.pair(secret_of(site, "Other"))):
        status, _, _ = asked(
            site.port,
            path,
            method=method,
            headers={**headers, **({"Divoc-Device": key} if key else {})},
            body=b"" if method == "GET" else b"{}",
            tls=site.trusting(),
        )
        assert status == 401


def _session(site: TlsSite) -> tuple[str, str]:
    """Pair a device and sign in on it; give its key and the session's token."""
    key = site.node.devices.pair(secret_of(site, "Own"))
    device = site.node.devices.of(key)
    assert device is not None
    return key, site.node.authenticator.sign_in("S1", "2468", device.id)


def test_a_session_from_before_pairing_was_demanded_is_over(site: TlsSite) -> None:
    token = site.node.authenticator.sign_in("S1", "2468")
    shown = {"Authorization": f"Bearer {token}"}
    assert asked(site.port, "/api/v1/session", headers=shown, tls=site.trusting())[0] == 401


def test_a_program_is_paired_lists_the_tablets_and_puts_itself_out(site: TlsSite) -> None:
    tls = site.trusting()
    status, _, body = asked(
        site.port,
        "/api/v1/devices",
        method="POST",
        headers={"Content-Type": "application/json"},
        body=json.dumps({"secret": secret_of(site, "Program")}).encode(),
        tls=tls,
    )
    assert status == 200
    key = json.loads(body)["key"]
    status, session = sign_in(site, key, tls)
    assert status == 200
    shown = {"Authorization": f"Bearer {session['token']}", "Divoc-Device": key}
    _, _, body = asked(site.port, "/api/v1/devices", headers=shown, tls=tls)
    (own,) = [one for one in json.loads(body) if one["name"] == "Program"]
    assert key not in body.decode()
    path = f"/api/v1/devices/{own['id']}"
    assert asked(site.port, path, method="DELETE", headers=shown, tls=tls)[0] == 200
    assert asked(site.port, "/api/v1/devices", headers=shown, tls=tls)[0] == 401
    assert sign_in(site, key, tls)[0] == 403


def test_a_supervisor_makes_a_sheet_and_puts_a_tablet_out_at_once(site: TlsSite) -> None:
    supervisor, tablet = Tablet(site), Tablet(site)
    supervisor.pair(secret_of(site, "Office"))
    assert supervisor.ask("/sign-in", {"code": "S1", "pin": "2468"})[0] == 303
    status, page = supervisor.ask("/tablets", {"name": "Tablet 9"})
    assert status == 200
    text = page.decode()
    assert site.node.tls is not None
    assert site.node.tls.state().fingerprint in text
    secret = re.search(r"<bdi dir=\"ltr\">((?:[A-Z2-7]{4}-){5}[A-Z2-7]{4})</bdi>", text)
    assert secret
    assert tablet.pair(secret[1]) == 303
    (device,) = [one for one in site.node.devices.all() if one.name == "Tablet 9"]
    assert device.paired_by == "S1"
    assert supervisor.ask("/tablets", {"do": "revoke", "device": device.id})[0] == 303
    assert tablet.ask("/sign-in")[0] == 403


def test_a_vaccinator_neither_sees_nor_pairs_tablets(site: TlsSite) -> None:
    tablet = Tablet(site)
    tablet.pair(secret_of(site))
    tablet.ask("/sign-in", {"code": "V1", "pin": "2468"})
    assert tablet.ask("/tablets")[0] == 403
    assert tablet.ask("/tablets", {"name": "Mine"})[0] == 403


def test_no_secret_stands_in_a_log(site: TlsSite, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = secret_of(site)
    tablet = Tablet(site)
    tablet.pair(secret)
    tablet.pair(secret)
    tablet.ask(f"/pair/{secret}")
    asked(site.plain_port, "/pair", method="POST", body=secret.encode())
    asked(site.plain_port, f"/pair/{secret}")
    for hidden in (secret, secret.replace("-", ""), tablet.cookies[DEVICE]):
        assert hidden not in caplog.text
