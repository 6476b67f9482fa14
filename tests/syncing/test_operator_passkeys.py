"""Operators of the registry have a passkey as their second factor."""

from __future__ import annotations

import base64
import html
import json
import re
from datetime import timedelta

import pytest
from authenticators import SoftAuthenticator
from flask.testing import FlaskClient
from second_factors import app_code
from signed_messages import NOON, Centre

from sync.registry.second_factors import SecondFactors
from sync.registry.store.interface import Store
from sync.registry.store.records import Operator
from sync.registry.web.access import token_digest


class Office:
    """An office with a clock, an admin, a steward and a viewer."""

    def __init__(self, store: Store) -> None:
        self.moment = NOON
        self.centre = Centre(store, clock=lambda: self.moment)
        for role in ("viewer", "steward", "admin"):
            store.add_operator(Operator(role, role, token_digest(f"{role}-token"), ""))

    def browser(self, role: str) -> FlaskClient:
        client: FlaskClient = self.centre.client.application.test_client()
        assert client.post("/", data={"token": f"{role}-token"}).status_code == 303
        return client


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def asked(page: str) -> tuple[dict[str, object], str]:
    """Read what a page asks a browser, and what its forms carry."""
    (ask,) = re.findall(r'data-ask="(.*?)"', page)
    form = re.search('name="form" value="(.*?)"', page)
    assert form
    return json.loads(html.unescape(ask)), form[1]


def with_passkey(client: FlaskClient, **other: object) -> SoftAuthenticator:
    show, form = asked(client.get("/second-factor").text)
    made = SoftAuthenticator("localhost", "http://localhost", **other)  # type: ignore[arg-type]
    data = {"form": form, "passkey": made.register(show)}
    assert client.post("/second-factor/passkeys", data=data).status_code == 303
    return made


def test_a_passkey_lets_a_steward_decide_and_each_sign_in_asks_for_it(office: Office) -> None:
    client = office.browser("steward")
    made = with_passkey(client)
    assert "each sign-in asks for your passkey" in client.get("/second-factor").text
    again = office.browser("steward")
    assert again.get("/codes").status_code == 401
    show, form = asked(again.get("/codes").text)
    data = {"form": form, "passkey": made.sign(show)}
    assert again.post("/second-factor/passkey", data=data).status_code == 303
    assert again.get("/codes").status_code == 200
    third = office.browser("steward")
    _, form = asked(third.get("/").text)
    refused = third.post("/second-factor/passkey", data={**data, "form": form})
    assert refused.status_code == 400
    assert third.get("/codes").status_code == 401


def test_the_page_asks_for_what_an_operator_has_and_for_nothing_else(office: Office) -> None:
    client = office.browser("steward")
    with_passkey(client)
    asks = {"code": 'name="code"', "passkey": "data-ask="}

    def asked_for() -> set[str]:
        page = office.browser("steward").get("/codes").text
        return {name for name, field in asks.items() if field in page}

    assert asked_for() == {"passkey"}
    refused = office.browser("steward")
    _, form = asked(refused.get("/").text)
    wrong = refused.post("/second-factor/passkey", data={"form": form, "passkey": "{}"})
    assert (wrong.status_code, 'name="code"' in wrong.text) == (400, False)
    assert "does not fit here" in wrong.text
    factors = SecondFactors(
        office.centre.registry.store, office.centre.registry.key, lambda: office.moment
    )
    secret = base64.b32decode(factors.begin("steward").secret.replace(" ", ""))
    assert asked_for() == {"passkey"}
    factors.confirm("steward", app_code(secret, office.moment))
    assert asked_for() == {"code", "passkey"}


@pytest.mark.parametrize("wrong", ["other", "origin", "verifies", "copy", "late"])
def test_what_does_not_fit_confirms_no_sign_in(office: Office, wrong: str) -> None:
    made = with_passkey(office.browser("steward"), counts=3)
    other = with_passkey(office.browser("admin"), number=b"of-the-admin")
    client = office.browser("steward")
    show, form = asked(client.get("/").text)
    if wrong == "other":
        made = other
    if wrong == "origin":
        made.origin = "http://registry.example"
    if wrong == "verifies":
        made.verifies = False
    if wrong == "copy":
        made.counts = 1
    answer = made.sign(show)
    if wrong == "late":
        office.moment += timedelta(minutes=11)
    refused = client.post("/second-factor/passkey", data={"form": form, "passkey": answer})
    assert "does not fit here" in refused.text
    assert client.get("/codes").status_code == 401


def test_who_has_the_token_alone_registers_no_passkey_beside_the_one_that_is_there(
    office: Office,
) -> None:
    with_passkey(office.browser("steward"))
    thief = office.browser("steward")
    show, form = asked(thief.get("/").text)
    made = SoftAuthenticator("localhost", "http://localhost", number=b"of-a-thief")
    data = {"form": form, "passkey": made.register(show)}
    assert thief.post("/second-factor/passkeys", data=data).status_code == 401
    assert len(office.centre.registry.store.passkeys("steward")) == 1


def test_a_reset_forgets_passkeys_and_what_was_confirmed_with_them(office: Office) -> None:
    client = office.browser("steward")
    with_passkey(client)
    assert client.get("/codes").status_code == 200
    assert office.centre.registry.store.remove_second_factor("steward")
    assert office.centre.registry.store.passkeys("steward") == []
    form = re.search('name="form" value="(.*?)"', client.get("/codes").text)
    assert form
    assert client.post("/codes", data={"form": form[1], "facility": "DEMO01"}).status_code == 403
