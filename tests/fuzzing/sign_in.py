"""Readers of what strangers show to sign in with: browsers' answers, an identity provider's."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from authenticators import SoftAuthenticator
from joserfc import jwt
from joserfc.jwk import ECKey

from sync.protocol.errors import SyncError
from sync.sign_in.openid import OpenIdClient, ProviderSettings
from sync.sign_in.passkeys import Party, counted, registered
from tests.fuzzing.target import Target

_PARTY = Party("clinic.local", "https://clinic.local")
_CHALLENGE = bytes(32)
_ISSUER = "https://id.example"
_NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
_KEY = ECKey.generate_key("P-256", {"kid": "1"})
_SHOWN = {"challenge": "A" * 43}


def sign_in_targets() -> tuple[Target, ...]:
    """Give them: what a browser answers when a passkey is made, and when it signs."""
    made = SoftAuthenticator(_PARTY.host, _PARTY.origin)
    new = made.register(_SHOWN)
    kept = registered(_PARTY, _CHALLENGE, new)
    assert kept is not None
    signed = made.sign(_SHOWN)

    def read(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        registered(_PARTY, _CHALLENGE, text)
        counted(_PARTY, _CHALLENGE, text, kept)

    modules = ("sync/sign_in/passkeys.py", "edge/plugins/sign_in/passkey.py")
    return (
        Target("passkey", modules, read, (new.encode(), signed.encode()), ()),
        Target("identity-provider", ("sync/sign_in/openid.py",), _ask, _answers(), (SyncError,)),
    )


def _ask(data: bytes) -> None:
    """Have a client read the same bytes as the word of the provider, whatever it asks for."""
    described = json.dumps(
        {"issuer": _ISSUER, "token_endpoint": f"{_ISSUER}/t", "jwks_uri": f"{_ISSUER}/k"}
    ).encode()
    keys = json.dumps({"keys": [_KEY.as_dict(private=False)]}).encode()

    def fetch(address: str, _: object) -> tuple[int, bytes]:
        told = {"n": described, "k": keys}
        return 200, told.get(address[-1], data)

    OpenIdClient(ProviderSettings(_ISSUER, "edge"), fetch).poll_device("d", _NOW)


def _answers() -> tuple[bytes, ...]:
    at = int(_NOW.timestamp())
    claims = {"iss": _ISSUER, "sub": "1", "aud": "edge", "iat": at, "exp": at + 60}
    token = jwt.encode({"alg": "ES256", "kid": _KEY.kid or ""}, claims, _KEY)
    told = {"id_token": token, "access_token": token}
    return json.dumps(told).encode(), json.dumps({"error": "slow_down"}).encode()
