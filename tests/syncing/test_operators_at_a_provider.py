"""Operators sign in at the identity provider, as who they are at the registry and no more."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from signed_messages import Centre
from werkzeug.test import TestResponse

from edge.peers.identity_provider import IdentityProvider, ProviderMood
from sync.registry.provider import ProviderRoles, ProviderSignIn
from sync.registry.store.interface import Store
from sync.registry.store.records import Operator
from sync.registry.web.access import token_digest
from sync.registry.web.app import create_app
from sync.registry.web.office import office
from sync.sign_in.fetching import BoundedFetch
from sync.sign_in.openid import OpenIdClient, ProviderSettings

ROLES = {"steward": ("divoc-steward",), "viewer": ("divoc-viewer", "everybody")}
STEWARD = {"preferred_username": "amina", "realm_access": {"roles": ["divoc-steward"]}}


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    made = IdentityProvider(client_id="divoc-registry", secret="s", signs_in=STEWARD)
    made.start()
    yield made
    made.close()


@pytest.fixture
def browser(store: Store, provider: IdentityProvider) -> FlaskClient:
    from datetime import UTC, datetime

    centre = Centre(store, clock=lambda: datetime.now(UTC))
    for name, role in (("amina", "steward"), ("osei", "admin"), ("efua", "viewer")):
        store.add_operator(Operator(name, role, token_digest(f"{name}-token"), ""))
    settings = ProviderSettings(provider.issuer, "divoc-registry", "s")
    client = OpenIdClient(settings, BoundedFetch(2.0))
    registry = centre.registry
    signs_in = ProviderSignIn(client, ProviderRoles(ROLES), registry.key, registry.now)
    app = create_app(registry, office(registry, "admin-of-the-file", provider=signs_in))
    return app.test_client()


def sent_back(browser: FlaskClient) -> str:
    """Go to the provider and sign in there; give the address with which it sends back."""
    there = browser.get("/provider")
    assert there.status_code == 303, there.text
    answer = requests.get(there.headers["Location"], allow_redirects=False, timeout=5)
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def signed_in(browser: FlaskClient) -> TestResponse:
    return browser.get(sent_back(browser))


def test_a_steward_signs_in_and_gives_the_second_factor_all_the_same(browser: FlaskClient) -> None:
    assert "Sign in with the national account" in browser.get("/").text
    assert "You are signed in" in signed_in(browser).text
    assert browser.get("/").status_code == 200
    assert "set up your second factor first" in browser.get("/second-factor").text
    assert browser.get("/audit").status_code == 403


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({**STEWARD, "preferred_username": "nobody"}, "of no operator of this registry"),
        ({**STEWARD, "preferred_username": "operator"}, "of no operator of this registry"),
        ({**STEWARD, "preferred_username": "osei"}, "does not have what your role needs"),
        ({**STEWARD, "preferred_username": "efua"}, "does not have what your role needs"),
        ({"preferred_username": "amina", "realm_access": "divoc-steward"}, "your role needs"),
        ({"preferred_username": "amina"}, "your role needs"),
    ],
)
def test_claims_make_nobody_an_operator_and_give_nobody_more_than_the_registry_says(
    browser: FlaskClient, provider: IdentityProvider, claims: dict[str, object], says: str
) -> None:
    provider.signs_in = claims
    assert says in signed_in(browser).text
    assert browser.get("/").status_code == 401


@pytest.mark.parametrize(
    "mood", ["wrong audience", "wrong issuer", "wrong nonce", "expired", "foreign key", "denied"]
)
def test_a_token_that_is_not_for_this_sign_in_opens_nothing(
    browser: FlaskClient, provider: IdentityProvider, mood: ProviderMood
) -> None:
    provider.mood = mood
    assert "You are signed in" not in signed_in(browser).text
    assert browser.get("/").status_code == 401


def test_a_code_opens_nothing_in_another_browser_nor_twice_nor_with_another_state(
    browser: FlaskClient,
) -> None:
    back = sent_back(browser)
    other = browser.application.test_client()
    assert "not begun in this browser" in other.get(back).text
    assert "not begun in this browser" in browser.get(f"{back}x").text
    assert "not begun in this browser" in browser.get(back).text  # its cookie went with the try
    assert "not begun in this browser" in browser.get(f"{sent_back(browser)}é").text
    assert "You are signed in" in signed_in(browser).text


def test_a_provider_that_is_away_leaves_the_token_as_ever(
    browser: FlaskClient, provider: IdentityProvider
) -> None:
    provider.mood = "down"
    assert "cannot be reached" in browser.get("/provider").text
    assert browser.post("/", data={"token": "amina-token"}).status_code == 303
