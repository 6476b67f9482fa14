"""No request of a few bytes is heavy: deep, long and endless values are refused in words."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from shares import share

from edge.node import Node
from edge.plugins.sign_in import verifiers
from edge.services.pins import PinSeal

SignedIn = Callable[[str], FlaskClient]
ENTRY = "/api/v1/entries/01890000-0000-7000-8000-000000000001"
DEEP, LONG = b"[" * 200_000, b"9" * 200_000
BODIES: dict[str, bytes] = {
    "lists without end": DEEP,
    "objects without end": b'{"a":' * 80_000,
    "a number without end": LONG,
    "a field of lists": b'{"code":' + DEEP,
    "a number as code": b'{"code":' + LONG + b"}",
    "text of lists": b'{"text":' + DEEP,
    "a long text": b'{"text":"' + b"x" * 200_000 + b'"}',
    "a year without end": b'{"type":"RegisterPerson","name":"A","gender":"Other","birthYear":' + LONG + b"}",
    "a year of 30 digits": b'{"type":"RegisterPerson","name":"Ay Be","gender":"Other","birthYear":' + LONG[:30] + b"}",
    "a year of 18 digits": b'{"type":"RegisterPerson","name":"Ay Be","gender":"Other","birthYear":' + LONG[:18] + b"}",
    "a year below nothing": b'{"type":"RegisterPerson","name":"Ay Be","gender":"Other","birthYear":-9223372036854775809}',
    "a job of 30 digits": b'{"type":"SettlePrint","cameOut":true,"printJob":' + LONG[:30] + b"}",
    "a job of 19 digits": b'{"type":"MovePrint","printer":"desk","printJob":' + LONG[:19] + b"}",
    "a quantity of 30 digits": b'{"type":"ReceiveStock","vaccine":"coviprotect","lot":"A","expiry":"2030-01-01","quantity":' + LONG[:30] + b"}",
    "an exponent": b'{"type":"SettlePrint","cameOut":true,"printJob":1e999999999}',
    "an address of lists": b'{"type":"RegisterPerson","address":' + DEEP,
    "half a character": b'{"text":"\\ud800"}',
}  # fmt: skip
DOORS = [("POST", "/api/v1/session"), ("PUT", ENTRY), ("POST", "/api/v1/people/search"),
         ("POST", "/api/v1/prints"), ("POST", "/api/v1/verify")]  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize(("method", "path"), DOORS, ids=[path for _, path in DOORS])
def test_json_that_is_deep_or_long_is_answered_in_words(
    signed_in: SignedIn, method: str, path: str, name: str
) -> None:
    answer = signed_in("S1").open(path, method=method, data=BODIES[name])
    assert answer.status_code < 500, answer.text
    assert answer.json is not None


NUMBERS = ["²", "٣", "9" * 5000, "9" * 19, "-1", "1e9", "", " ", "0x1", "½", "1_0"]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_that_nobody_can_type_is_answered_in_words(
    signed_in: SignedIn, find: Callable[[str], str], number: str
) -> None:
    browser, person = signed_in("S1"), find("Eleni")
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", f"/api/v1/recall?limit={number}", {}),
        ("GET", f"/api/v1/print-jobs/{number or 'x'}", {}),
        ("POST", f"/print-jobs/{number or 'x'}/settle", {"cameOut": "yes"}),
        ("POST", f"/print-jobs/{number or 'x'}/move", {"printer": "desk"}),
        ("POST", "/stock", {"vaccine": "coviprotect", "lot": "A", "expiry": "2030-01-01", "quantity": number}),
        ("POST", "/register", {"name": "Ay Be", "gender": "Other", "birthYear": number}),
        ("POST", f"/people/{person}/correct", {"reason": "wrong", "name": "Eleni", "birthYear": number}),
        ("POST", "/printers/desk/calibration", {"do": "keep", "size": number, "read": number}),
    ]  # fmt: skip
    for method, path, form in calls:
        answer = browser.open(path, method=method, data=form)
        assert answer.status_code < 500, (path, answer.text)


@pytest.fixture(scope="module")
def supervisor(signed_in: SignedIn) -> FlaskClient:
    return signed_in("S1")


@settings(max_examples=share(60))
@given(text=st.text(alphabet="aA é़\u0301ſ（）-+.*%_'\"\\\0\U0010ffff9²", max_size=200))
def test_any_text_can_be_searched_for(supervisor: FlaskClient, text: str) -> None:
    answer = supervisor.post("/api/v1/people/search", json={"text": text})
    assert answer.status_code in (200, 400), answer.text


def test_pins_are_checked_one_at_a_time_whoever_asks(
    node: Node, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    together: list[int] = []
    lock, now = threading.Lock(), [0]

    def slow(verifier: str, told: str) -> bool:
        with lock:
            now[0] += 1
            together.append(now[0])
        time.sleep(0.05)
        with lock:
            now[0] -= 1
        return True

    monkeypatch.setattr(verifiers, "_fits", slow)
    guests = [
        threading.Thread(target=lambda: node.authenticator.check_pin("V1", "2468"))
        for _ in range(6)
    ]
    for guest in guests:
        guest.start()
    for guest in guests:
        guest.join(60)
    assert len(together) == 6
    assert max(together) == 1


@pytest.mark.parametrize("cost", ["m=4194304,t=2,p=1", "m=19456,t=100000,p=1"])
def test_a_verifier_that_asks_for_gigabytes_or_hours_fits_no_pin(
    monkeypatch: pytest.MonkeyPatch, cost: str
) -> None:
    asked: list[str] = []

    def verify(self: PasswordHasher, verifier: str, pin: str) -> bool:
        asked.append(verifier)
        return True

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    verifier = verifiers.make_verifier("2468")
    seal = PinSeal(Ed25519PrivateKey.generate())
    assert verifiers.check(seal.bound, "V1", verifier, "2468").right
    costly = verifier.replace("m=19456,t=2,p=1", cost)
    assert not verifiers.check(seal.bound, "V1", costly, "2468").right
    assert costly not in asked
