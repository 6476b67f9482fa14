"""Operators who sign in at an identity provider: there, back, and whom its claims name.

The operator must exist, and the provider must say the role that they have here: its claims can only
fall short of what the registry knows. The second factor is asked for all the same.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync.protocol.errors import ProtocolError
from sync.registry.store.records import Operator
from sync.sign_in.openid import OpenIdClient, challenge_text

LASTS = 600
"""Seconds from the page to the provider and back."""
_NONCE = 12


@dataclass(frozen=True, slots=True)
class ProviderRoles:
    """What a role here is called at the provider, in which claim, and which claim has the name."""

    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    name: str = "preferred_username"
    place: tuple[str, ...] = ("realm_access", "roles")

    def operator(self, claims: Mapping[str, Any], known: Iterable[Operator]) -> Operator:
        """Give the operator whom claims name; raises ``provider.nobody`` or ``.role``."""
        said = claims.get(self.name)
        found = next((member for member in known if member.name == said), None)
        if found is None:
            raise ProtocolError(
                "provider.nobody", "The national account is of no operator of this registry."
            )
        listed: Any = claims
        for step in self.place:
            listed = listed.get(step) if isinstance(listed, Mapping) else None
        has = (
            {role for role in listed if isinstance(role, str)}
            if isinstance(listed, list)
            else set()
        )
        if not has & set(self.roles.get(found.role, ())):
            raise ProtocolError(
                "provider.role",
                "The national account does not have what your role needs here.",
            )
        return found


class ProviderSignIn:
    """Sends a browser to the provider and reads with what it comes back; keeps nothing itself."""

    def __init__(
        self,
        client: OpenIdClient,
        roles: ProviderRoles,
        key: Ed25519PrivateKey,
        now: Callable[[], datetime],
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._client = client
        self._roles = roles
        self._now = now
        self._random = random
        derived = HKDF(SHA256(), 32, None, b"divoc-registry identity provider")
        self._seal = AESGCM(derived.derive(key.private_bytes_raw()))

    def begin(self, back: str) -> tuple[str, str]:
        """Give where the browser goes, and the cookie with which it comes ``back``."""
        state, nonce, verifier = (challenge_text(self._random(32)) for _ in range(3))
        kept = {
            "state": state,
            "nonce": nonce,
            "verifier": verifier,
            "back": back,
            "at": int(self._now().timestamp()),
        }
        salt = self._random(_NONCE)
        cookie = salt + self._seal.encrypt(salt, json.dumps(kept).encode(), None)
        return self._client.code_address(back, state, nonce, verifier), cookie.hex()

    def finish(self, cookie: str, state: str, code: str, known: Iterable[Operator]) -> Operator:
        """Give who came back; raises :class:`ProtocolError` for what was not begun here."""
        kept = self._opened(cookie)
        at = self._now()
        fresh = abs(int(at.timestamp()) - int(kept.get("at", 0))) <= LASTS
        same = hmac.compare_digest(
            str(kept.get("state", "")).encode(), state.encode("utf-8", "replace")
        )
        if not kept or not fresh or not same or not code:
            raise ProtocolError(
                "provider.begun", "This sign-in was not begun in this browser, or too long ago."
            )
        claims = self._client.redeem(code, kept["back"], kept["verifier"], kept["nonce"], at)
        return self._roles.operator(claims, known)

    def _opened(self, cookie: str) -> dict[str, Any]:
        try:
            sealed = bytes.fromhex(cookie[:8192])
            found = json.loads(self._seal.decrypt(sealed[:_NONCE], sealed[_NONCE:], None))
        except (ValueError, InvalidTag):
            return {}
        return dict(found)
