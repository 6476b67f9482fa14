"""The second factor of operators: codes of an app that change with the time (TOTP, RFC 6238).

A code counts once, and a step before and after its time. Each try is counted as a wrong one before
it is looked at. The secret is sealed under the registry's own key, as a site seals PINs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from sync.protocol.counted import Counted
from sync.protocol.errors import ProtocolError
from sync.protocol.instants import instant, read_instant
from sync.registry.rate_limits import wait_after
from sync.registry.store.interface import Store
from sync.registry.store.records import SecondFactor

_STEP, _DIGITS, _SECRET_BYTES = 30, 6, 20
"""Seconds and digits as every app has them; RFC 4226, section 4: 160 bits."""
_DRIFT = (0, -1, 1)
"""Steps that a clock may be away (RFC 6238, section 5.2)."""
_LONGEST = 3600.0
"""Seconds between two tries at the most: a thief of the token has 24 guesses a day."""
_NONCE_BYTES, _RECOVERY_CODES, _RECOVERY_BYTES = 12, 10, 10


@dataclass(frozen=True, slots=True)
class Preparation:
    """What an app is given: the secret in base32, and the address that its QR code holds."""

    secret: str
    uri: str


class SecondFactors:
    """Sets up, checks and resets the second factors in a store; ``key`` is the registry's own."""

    def __init__(
        self,
        store: Store,
        key: Ed25519PrivateKey,
        now: Callable[[], datetime],
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._store = store
        self._now = now
        self._random = random
        derived = HKDF(SHA256(), 32, None, b"divoc-registry second factor")
        self._seal = AESGCM(derived.derive(key.private_bytes_raw()))

    def counts(self, name: str) -> bool:
        """Say whether an operator has a second factor that counts."""
        found = self._store.second_factor(name)
        return found is not None and bool(found.confirmed_at)

    def begin(self, name: str) -> Preparation:
        """Make a new secret for an operator; raises ``factor.there`` if one counts already."""
        secret, nonce = self._random(_SECRET_BYTES), self._random(_NONCE_BYTES)
        sealed = (nonce + self._seal.encrypt(nonce, secret, name.encode())).hex()
        if not self._store.begin_second_factor(name, sealed):
            raise _there()
        return _prepared(name, secret)

    def begun(self, name: str) -> Preparation | None:
        """Give the secret that is not confirmed yet, to be shown again."""
        found = self._store.second_factor(name)
        if found is None or found.confirmed_at:
            return None
        return _prepared(name, self._secret(found))

    def confirm(self, name: str, code: str) -> list[str]:
        """Have a second factor count, by a first code; give its recovery codes, shown only now.

        Raises ``factor.none``, ``factor.there``, ``factor.wrong`` or ``factor.slow``.
        """
        found = self._store.second_factor(name)
        if found is None:
            raise ProtocolError("factor.none", "Begin to set up the second factor again.")
        if found.confirmed_at:
            raise _there()
        self._count(found)
        step = self._step(found, code)
        if not step:
            raise wrong_code()
        made = [_grouped(self._random(_RECOVERY_BYTES)) for _ in range(_RECOVERY_CODES)]
        digests = [recovery_digest(name, recovery) for recovery in made]
        if not self._store.confirm_second_factor(name, step, digests, self._instant()):
            raise _there()
        return made

    def check(self, name: str, code: str) -> str:
        """Say what a code was: ``code``, ``recovery``, or empty: wrong, or used before.

        Raises ``factor.slow`` without looking at it.
        """
        found = self._store.second_factor(name)
        if found is None or not found.confirmed_at:
            return ""
        self._count(found)
        step = self._step(found, code)
        if step:
            return "code" if self._store.use_step(name, step) else ""
        used = self._store.use_recovery_code(name, recovery_digest(name, code), self._instant())
        return "recovery" if used else ""

    def reset(self, name: str) -> bool:
        """Forget an operator's second factor; false if there is none."""
        return self._store.remove_second_factor(name)

    def _count(self, found: SecondFactor) -> None:
        wait = wait_after(found.tries, _LONGEST)
        if wait:
            wait -= (self._now() - read_instant(found.tried_at)).total_seconds()
        if wait <= 0 and self._store.count_try(found.name, found.tries, self._instant()):
            return
        wait = max(1.0, wait)
        raise ProtocolError(
            "factor.slow",
            Counted(
                "Codes were wrong too often. Wait {seconds} second.",
                "Codes were wrong too often. Wait {seconds} seconds.",
            ),
            temporary=True,
            retry_after=wait,
            seconds=int(wait) + 1,
        )

    def _step(self, found: SecondFactor, code: str) -> int:
        """Give the step that a code is of; 0 for none, or one that was used up."""
        typed = _digits(code)
        totp = _totp(self._secret(found))
        current = int(self._now().timestamp()) // _STEP
        fits = 0
        for drift in _DRIFT:
            step = current + drift
            same = hmac.compare_digest(totp.generate(step * _STEP), typed.encode())
            if same and step > found.last_step:
                fits = step
        return fits

    def _secret(self, found: SecondFactor) -> bytes:
        sealed = bytes.fromhex(found.secret)
        try:
            return self._seal.decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], found.name.encode()
            )
        except InvalidTag:
            raise ProtocolError(
                "factor.key",
                "The second factors of this registry are under another key. Put registry.pem back,"
                " or have them reset.",
            ) from None

    def _instant(self) -> str:
        return instant(self._now())


def wrong_code() -> ProtocolError:
    """Say that a code was wrong."""
    return ProtocolError(
        "factor.wrong",
        "The code is wrong, or was used before. Wait for the next one, and see that the telephone's"
        " clock is right.",
    )


def _there() -> ProtocolError:
    return ProtocolError("factor.there", "Your second factor is set up already.")


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, _DIGITS, SHA1(), _STEP)  # noqa: S303  (what the apps have: RFC 6238, 1.2)


def _prepared(name: str, secret: bytes) -> Preparation:
    uri = _totp(secret).get_provisioning_uri(name, "DIVOC-registry")
    return Preparation(_in_fours(base64.b32encode(secret).decode()), uri)


def _digits(text: str) -> str:
    """Read digits of any script; whatever else is not typed is left out."""
    return "".join(
        str(unicodedata.digit(letter))
        for letter in text[:100]
        if unicodedata.digit(letter, None) is not None
    )


def _grouped(data: bytes) -> str:
    return _in_fours(base64.b32encode(data).decode()).replace(" ", "-")


def _in_fours(text: str) -> str:
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def recovery_digest(name: str, code: str) -> str:
    """Give what is kept of a recovery code: its SHA-256 with whose it is, in hex."""
    letters = "".join(letter for letter in code[:100].upper() if letter.isalnum())
    return hashlib.sha256(f"{name}\n{letters}".encode()).hexdigest()
