"""Signing in at an identity provider (OpenID Connect Core 1.0): by a code, or by a telephone.

Tokens are believed by the provider's own keys alone, for this client and for now. Keys are fetched
again when a token names one that is not known yet, so that a provider may rotate them.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sync.protocol.errors import ProtocolError

LEEWAY = 120
"""Seconds that the provider's clock and ours may be apart."""
_KEPT = 3600.0
"""Seconds for which a provider's description and keys are believed without asking again."""
_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
_LONGEST_TEXT = 2000

Fetch = Callable[[str, Mapping[str, str] | None], tuple[int, bytes]]
"""Gets an address, or posts a form to it; gives status and body, or raises ``openid.line``."""


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """Which provider, as whom, with which secret (empty: a public client), for which scopes."""

    issuer: str
    client_id: str
    secret: str = ""
    scopes: str = "openid"


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What somebody types or scans on a telephone (RFC 8628); ``secret`` stays here."""

    code: str
    address: str
    whole: str
    secret: str


class OpenIdClient:
    """Speaks to one provider; keeps nothing of anybody."""

    def __init__(
        self,
        settings: ProviderSettings,
        fetch: Fetch,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._fetch = fetch
        self._now = now
        self._described: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, Mapping[str, Any]] | None = None

    def begin_device(self) -> DeviceCode:
        """Ask for a code that somebody signs in with on a telephone."""
        form = {"client_id": self._settings.client_id, "scope": self._settings.scopes}
        status, told = self._post("device_authorization_endpoint", form)
        if status != 200:
            raise _unusable(str(told.get("error", status)))
        address = _text(told, "verification_uri")
        return DeviceCode(
            code=_text(told, "user_code"),
            address=address,
            whole=_text({"whole": told.get("verification_uri_complete", address)}, "whole"),
            secret=_text(told, "device_code"),
        )

    def poll_device(self, secret: str, at: datetime) -> Mapping[str, Any] | None:
        """Give what is claimed once somebody has signed in; None: not yet.

        Raises ``openid.denied`` where they refused, or took too long.
        """
        form = {
            "grant_type": _DEVICE,
            "device_code": secret,
            "client_id": self._settings.client_id,
        }
        status, told = self._post("token_endpoint", form)
        if status == 200:
            return self._claims(told, at, "")
        if told.get("error") in ("authorization_pending", "slow_down"):
            return None
        if told.get("error") in ("access_denied", "expired_token"):
            raise ProtocolError(
                "openid.denied", "Nobody signed in on the telephone, or it took too long."
            )
        raise _unusable(str(told.get("error", status)))

    def code_address(self, back: str, state: str, nonce: str, verifier: str) -> str:
        """Give where a browser goes to sign in; it comes ``back`` with a code (PKCE, S256)."""
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        return str(
            prepare_grant_uri(
                self._endpoint("authorization_endpoint"),
                client_id=self._settings.client_id,
                response_type="code",
                redirect_uri=back,
                scope=self._settings.scopes,
                state=state,
                nonce=nonce,
                code_challenge=create_s256_code_challenge(verifier),
                code_challenge_method="S256",
            )
        )

    def redeem(
        self, code: str, back: str, verifier: str, nonce: str, at: datetime
    ) -> Mapping[str, Any]:
        """Give what is claimed of whoever came back with a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
            "client_id": self._settings.client_id,
        }
        status, told = self._post("token_endpoint", form)
        if status != 200:
            raise ProtocolError("openid.denied", "The identity provider did not confirm it.")
        return self._claims(told, at, nonce)

    def _claims(self, told: Mapping[str, Any], at: datetime, nonce: str) -> Mapping[str, Any]:
        """Check an ID token (Core 1.0, 3.1.3.7) and give its claims.

        Roles that stand in the access token alone, as Keycloak has them, are taken from it where it
        is signed by the same keys, of the same person.
        """
        claims = self._checked(_text(told, "id_token", 20_000), at, nonce)
        # it need not be a token that anybody can read
        read = self._with_keys(_text(told, "access_token", 20_000), self._key_set(renew=False))
        more = read[1] if read else {}
        same = more.get("iss") == claims["iss"] and more.get("sub") == claims["sub"]
        return {**more, **claims} if same else claims

    def _checked(self, token: str, at: datetime, nonce: str) -> dict[str, Any]:
        from authlib.oidc.core import CodeIDToken
        from joserfc.errors import JoseError

        header, found = self._decoded(token)
        options = {
            "iss": {"essential": True, "value": self._settings.issuer},
            "aud": {"essential": True, "value": self._settings.client_id},
        }
        params = {"client_id": self._settings.client_id, **({"nonce": nonce} if nonce else {})}
        checked = CodeIDToken(found, header, options, params)
        try:
            checked.validate(int(at.timestamp()), LEEWAY)
        except (JoseError, TypeError, ValueError) as error:
            raise _unfit(getattr(error, "claim", "") or type(error).__name__) from None
        return dict(checked)

    def _decoded(self, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Read a token whose signature fits; with keys fetched anew if it names another one."""
        for renew in (False, True):
            found = self._with_keys(token, self._key_set(renew=renew))
            if found is not None:
                return found
        raise _unfit("signature")

    def _with_keys(
        self, token: str, keys: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]] | None:
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        public = [key for key in _listed(keys.get("keys")) if key.get("kty") != "oct"]
        try:
            read = jwt.decode(token, KeySet.import_key_set({"keys": public}), list(_ALGORITHMS))  # type: ignore[typeddict-item]
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            return None
        return dict(read.header), dict(read.claims)

    def _key_set(self, *, renew: bool) -> Mapping[str, Any]:
        if self._keys is None or renew or self._now() - self._keys[0] > _KEPT:
            status, body = self._fetch(self._endpoint("jwks_uri"), None)
            self._keys = self._now(), _object(body) if status == 200 else {}
        return self._keys[1]

    def _endpoint(self, name: str) -> str:
        if self._described is None or self._now() - self._described[0] > _KEPT:
            address = self._settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
            status, body = self._fetch(address, None)
            told = _object(body)
            if status != 200 or told.get("issuer") != self._settings.issuer:
                raise _unusable("issuer")
            self._described = self._now(), told
        found = _text(self._described[1], name)
        if not is_safe(found):
            raise _unusable(name)
        return found

    def _post(self, name: str, form: Mapping[str, str]) -> tuple[int, Mapping[str, Any]]:
        secret = {"client_secret": self._settings.secret} if self._settings.secret else {}
        status, body = self._fetch(self._endpoint(name), {**form, **secret})
        return status, _object(body)


def is_safe(address: str) -> bool:
    """Say whether an address is by HTTPS, or of this machine alone."""
    try:
        parts = urlsplit(address)
        local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and local)


def challenge_text(data: bytes) -> str:
    """Write random bytes as a state, a nonce, or a verifier of PKCE."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise _unusable("JSON") from None
    return found if isinstance(found, dict) else {}


def _text(told: Mapping[str, Any], name: str, longest: int = _LONGEST_TEXT) -> str:
    found = told.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= longest:
        raise _unusable(name)
    return found


def _listed(value: Any) -> list[Mapping[str, Any]]:
    items = value if isinstance(value, list) else []
    return [item for item in items[:50] if isinstance(item, Mapping)]


def _unusable(what: str) -> ProtocolError:
    return ProtocolError(
        "openid.answer",
        "The identity provider gave an answer that cannot be used ({what}).",
        what=what[:60],
    )


def _unfit(what: str) -> ProtocolError:
    return ProtocolError(
        "openid.token",
        "What the identity provider says is not for here, or not for now ({what}).",
        what=what[:60],
    )
