"""Passkeys as the second factor of operators: registered, used, removed with the factor.

What is asked follows from the sign-in's cookie and the time under the registry's own key, so that
nothing is kept till the answer, and every process of a registry knows it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync.protocol.counted import Counted
from sync.protocol.errors import ProtocolError
from sync.protocol.instants import instant
from sync.registry.store.interface import Store
from sync.registry.store.records import OperatorPasskey
from sync.sign_in.passkeys import (
    Party,
    PublicPasskey,
    asked_to_register,
    asked_to_sign,
    counted,
    registered,
    shown_id,
)

_WINDOW = 300
"""Seconds: an answer counts in the window in which it was asked for, and in the next."""
MOST = 5


class OperatorPasskeys:
    """Registers and checks the passkeys of a store; ``key`` is the registry's own."""

    def __init__(self, store: Store, key: Ed25519PrivateKey, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        derived = HKDF(SHA256(), 32, None, b"divoc-registry passkeys")
        self._key = derived.derive(key.private_bytes_raw())

    def of(self, name: str) -> Sequence[OperatorPasskey]:
        """Give an operator's passkeys, the oldest first."""
        return self._store.passkeys(name)

    def asked_to_register(self, name: str, cookie: str, party: Party) -> dict[str, Any]:
        """Give what a browser is asked with for a new passkey."""
        user = hmac.digest(self._key, f"user\n{name}".encode(), "sha256")
        ids = [kept.id for kept in self.of(name)]
        return asked_to_register(party, name, user, self._challenges(name, cookie)[0], ids)

    def asked_to_sign(self, name: str, cookie: str, party: Party) -> dict[str, Any]:
        """Give what a browser is asked with to confirm a sign-in."""
        ids = [kept.id for kept in self.of(name)]
        return asked_to_sign(party, self._challenges(name, cookie)[0], ids)

    def register(self, name: str, cookie: str, party: Party, answer: str) -> None:
        """Keep a new passkey; raises ``passkey.unfit``, ``.most`` or ``.there``."""
        if len(self.of(name)) >= MOST:
            raise ProtocolError(
                "passkey.most",
                Counted(
                    "Nobody has more than {most} passkey.", "Nobody has more than {most} passkeys."
                ),
                most=MOST,
            )
        tries = (registered(party, asked, answer) for asked in self._challenges(name, cookie))
        found = next((passed for passed in tries if passed), None)
        if found is None:
            raise _unfit()
        now = instant(self._now())
        made = OperatorPasskey(found.id, name, found.key, found.count, now)
        if not self._store.add_passkey(made):
            raise ProtocolError("passkey.there", "This passkey is registered already.")

    def check(self, name: str, cookie: str, party: Party, answer: str) -> bool:
        """Say whether an answer is right; one that was used before, or is a copy's, is not."""
        kept = {found.id: found for found in self.of(name)}.get(shown_id(answer))
        if kept is None:
            return False
        public = PublicPasskey(kept.id, kept.key, kept.count)
        for asked in self._challenges(name, cookie):
            count = counted(party, asked, answer, public)
            if count is not None:
                return self._store.use_passkey(kept.id, kept.count, count)
        return False

    def _challenges(self, name: str, cookie: str) -> list[bytes]:
        window = int(self._now().timestamp()) // _WINDOW
        digest = hashlib.sha256(cookie.encode()).hexdigest()
        return [
            hmac.digest(self._key, f"{number}\n{digest}\n{name}".encode(), "sha256")
            for number in (window, window - 1)
        ]


def _unfit() -> ProtocolError:
    return ProtocolError(
        "passkey.unfit",
        "What the browser answered does not fit what it was asked. Open the page again; it must ask"
        " for your finger, your face or its own PIN.",
    )
