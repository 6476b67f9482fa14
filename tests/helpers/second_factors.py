"""Operators of a registry who have their second factor at hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from flask.testing import FlaskClient

from sync.registry.second_factors import SecondFactors, recovery_digest
from sync.registry.store.interface import Store
from sync.registry.web.access import COOKIE

NOW = "2026-11-24T12:00:00.000Z"
MANY = 100


def recovery_codes(store: Store, key: Ed25519PrivateKey, name: str) -> Iterator[str]:
    """Set up an operator's second factor with as many recovery codes as a test may need."""
    made = [f"CODE-{number:04}" for number in range(MANY)]
    SecondFactors(store, key, lambda: datetime.now(UTC)).begin(name)
    digests = [recovery_digest(name, code) for code in made]
    assert store.confirm_second_factor(name, 0, digests, NOW)
    return iter(made)


def confirm(client: FlaskClient, store: Store, key: Ed25519PrivateKey, name: str) -> None:
    """Have a sign-in confirmed as if the code had been typed."""
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    found = store.second_factor(name)
    if found is None:
        recovery_codes(store, key, name)
    store.confirm_session(hashlib.sha256(cookie.value.encode()).hexdigest(), NOW)


def app_code(secret: bytes, now: datetime, steps: int = 0) -> str:
    """Give what an app shows, so many steps of 30 seconds later."""
    return TOTP(secret, 6, SHA1(), 30).generate(int(now.timestamp()) + 30 * steps).decode()
