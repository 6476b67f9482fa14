"""Somebody signs in with the national account on their telephone, and with a PIN without a line."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from next_edition import put_in_force
from site_factory import demonstration, filled_site

from edge.adapters.clock import SystemClock
from edge.adapters.settings import Settings
from edge.node import Node
from edge.peers.identity_provider import IdentityProvider, ProviderMood
from edge.services.campaigns import CheckedCampaign
from edge.web.app import create_app

RULES: dict[str, Any] = {
    "roles": [
        {"role": "vaccinator", "methods": ["oidc"], "offline_days": 7},
        {"role": "supervisor", "methods": ["oidc"], "offline_days": 3},
    ],
    "claims": {
        "facility": "facility_code",
        "roles_in": ["realm_access.roles", "resource_access.facility-admin-portal.roles"],
        "roles": {
            "supervisor": ["facility-admin"],
            "vaccinator": ["facility-staff", "facility-admin"],
        },
    },
}
NURSE = {
    "preferred_username": "V1",
    "facility_code": "DEMO01",
    "resource_access": {"facility-admin-portal": {"roles": ["facility-staff"]}},
}


class MovedClock(SystemClock):
    """A clock that shows some time later."""

    later = timedelta()

    def now(self) -> datetime:
        return super().now() + self.later


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    made = IdentityProvider(secret="kept in a file")
    made.start()
    yield made
    made.close()


@pytest.fixture
def site(tmp_path: Path, provider: IdentityProvider) -> Iterator[Node]:
    secret = tmp_path / "secret"
    secret.write_text("kept in a file\n")
    options = {
        "issuer": provider.issuer,
        "client_id": "divoc-edge",
        "secret_file": str(secret),
    }
    settings = Settings(facility="DEMO01", sign_in={"oidc": options})
    node = filled_site(tmp_path / "site", settings)
    put_in_force(node, CheckedCampaign({**demonstration().body, "sign_in": RULES}))
    yield node
    node.close()


def tablet(node: Node) -> FlaskClient:
    return create_app(node.backend()).test_client()


def begun(browser: FlaskClient) -> tuple[str, dict[str, str]]:
    """Begin at the tablet; give the code that the telephone is told, and what is sent then."""
    page = browser.post("/sign-in", data={"begin": "oidc"}).text
    (step,) = set(re.findall(r'name="step" value="(\w+)"', page))
    (code,) = re.findall(r'<bdi dir="ltr">([0-9A-F]{8})</bdi>', page)
    assert 'class="qr"' in page
    return code, {"method": "oidc", "step": step}


def shown(browser: FlaskClient, form: dict[str, str]) -> str:
    """Send a form of the sign-in; give what the page says, or empty: somebody is in."""
    answer = browser.post("/sign-in", data=form)
    return "" if answer.status_code == 303 else html.unescape(answer.text)


def through(node: Node, provider: IdentityProvider, claims: dict[str, Any]) -> str:
    browser = tablet(node)
    code, form = begun(browser)
    provider.sign_in(code, claims)
    return shown(browser, form)


def test_the_address_at_the_provider_breaks_where_a_telephone_is_too_narrow_for_it(
    site: Node, provider: IdentityProvider
) -> None:
    page = tablet(site).post("/sign-in", data={"begin": "oidc"}).text
    address = f"{provider.issuer}/device"
    assert re.findall(r'<p class="(\w+)"><bdi dir="ltr">([^<]+)</bdi></p>', page) == [
        ("address", address)
    ]


def test_a_nurse_signs_in_on_the_telephone_and_the_tablet_waits_till_then(
    site: Node, provider: IdentityProvider
) -> None:
    browser = tablet(site)
    code, form = begun(browser)
    assert code in shown(browser, form)
    provider.sign_in(code, NURSE)
    assert shown(browser, form) == ""
    assert browser.get("/").status_code == 200
    assert "took too long" in shown(tablet(site), form)


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({**NURSE, "preferred_username": "9999"}, "of nobody who works here"),
        ({**NURSE, "preferred_username": "V3"}, "of nobody who works here"),
        ({**NURSE, "preferred_username": "v1"}, ""),
        ({**NURSE, "preferred_username": "v3"}, "of nobody who works here"),
        ({**NURSE, "preferred_username": " V1"}, "of nobody who works here"),
        ({**NURSE, "preferred_username": None}, "of nobody who works here"),
        ({**NURSE, "facility_code": "DEMO02"}, "does not have what your role needs"),
        ({**NURSE, "preferred_username": "S1"}, "does not have what your role needs"),
        (
            {"preferred_username": "S1", "facility_code": "DEMO01",
             "realm_access": {"roles": ["facility-admin"]}},
            "",
        ),
    ],
)  # fmt: skip
def test_claims_let_in_whom_the_campaign_names_with_no_more_than_it_says(
    site: Node, provider: IdentityProvider, claims: dict[str, Any], says: str
) -> None:
    found = through(site, provider, claims)
    assert (found == "") if not says else (says in found)


@pytest.mark.parametrize(
    ("mood", "says"),
    [
        ("wrong audience", "not for here, or not for now (aud)"),
        ("wrong issuer", "not for here, or not for now (iss)"),
        ("expired", "not for here, or not for now"),
        ("future", "not for here, or not for now"),
        ("foreign key", "not for here, or not for now (signature)"),
        ("no signature", "not for here, or not for now (signature)"),
        ("denied", "Nobody signed in on the telephone"),
        ("page", "an answer that cannot be used (JSON)"),
    ],
)
def test_a_token_that_is_not_for_here_and_now_lets_nobody_in(
    site: Node, provider: IdentityProvider, mood: ProviderMood, says: str
) -> None:
    browser = tablet(site)
    code, form = begun(browser)
    provider.sign_in(code, NURSE)
    provider.mood = mood
    assert says in shown(browser, form)
    assert browser.get("/").status_code == 303


def test_a_provider_that_rotates_its_keys_is_believed_by_the_new_ones(
    site: Node, provider: IdentityProvider
) -> None:
    assert through(site, provider, NURSE) == ""
    provider.rotate()
    assert through(site, provider, NURSE) == ""


def test_a_line_that_breaks_on_the_way_ends_nothing(site: Node, provider: IdentityProvider) -> None:
    browser = tablet(site)
    code, form = begun(browser)
    provider.sign_in(code, NURSE)
    provider.mood = "down"
    assert "cannot be reached" in shown(browser, form)
    provider.mood = "right"
    assert shown(browser, form) == ""


def test_a_pin_does_without_a_line_for_some_days_after_the_last_time_and_never_with_one(
    site: Node, provider: IdentityProvider
) -> None:
    by_pin = {"code": "V1", "pin": "2468"}
    assert through(site, provider, NURSE) == ""
    assert "signs in with the national account" in shown(tablet(site), by_pin)
    provider.mood = "down"
    clock = MovedClock("UTC")
    authenticator = site.authenticator
    authenticator._clock = authenticator._provider._clock = authenticator.sessions._clock = clock
    clock.later = timedelta(days=6, hours=23)
    assert "cannot be reached" in html.unescape(
        tablet(site).post("/sign-in", data={"begin": "oidc"}).text
    )
    assert shown(tablet(site), by_pin) == ""
    assert "The code or the PIN is wrong" in shown(tablet(site), {"code": "V1", "pin": "1111"})
    assert "signs in with the national account" in shown(
        tablet(site), {"code": "V2", "pin": "2468"}
    )
    clock.later = timedelta(days=7, hours=1)
    assert "signs in with the national account" in shown(tablet(site), by_pin)
    clock.later = timedelta(days=-30)  # a clock that went back
    assert shown(tablet(site), by_pin) == ""


@pytest.mark.slow
def test_a_provider_that_answers_late_keeps_nobody_waiting_for_more_than_seconds(
    site: Node, provider: IdentityProvider
) -> None:
    assert through(site, provider, NURSE) == ""
    provider.mood = "slow"
    assert shown(tablet(site), {"code": "V1", "pin": "2468"}) == ""
    provider.mood = "right"
    assert site.plugins["sign_in", "oidc"].health.state == "ready"


def test_a_site_that_knows_no_provider_says_so_and_starts(tmp_path: Path) -> None:
    wrong = {"oidc": {"issuer": "http://id.example", "client_id": "x"}}
    node = filled_site(tmp_path / "site", Settings(facility="DEMO01", sign_in=wrong))
    put_in_force(node, CheckedCampaign({**demonstration().body, "sign_in": RULES}))
    assert "cannot sign anybody in by oidc" in html.unescape(
        tablet(node).post("/sign-in", data={"begin": "oidc"}).text
    )
    node.close()
