"""An identity provider in software, in Keycloak's manner: it signs people in, or misbehaves.

It has discovery, keys that rotate, the token endpoint, the device grant (RFC 8628) and the
authorization endpoint, where it asks nobody for a password.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

ProviderMood = Literal[
    "right", "wrong audience", "wrong issuer", "expired", "future", "foreign key", "no signature",
    "wrong nonce", "slow", "down", "page", "denied",
]  # fmt: skip
"""As it should be; a token of another client, another provider, yesterday, tomorrow, another key,
none, another sign-in; it answers late, not at all, with a page of HTML, that nobody signed in."""
_HOUR = 3600


@dataclass
class _Grant:
    """A sign-in on its way: ``claims`` once somebody has signed in."""

    nonce: str = ""
    challenge: str = ""
    claims: Mapping[str, Any] | None = None


@dataclass
class IdentityProvider:
    """Answers on a port of this machine; ``mood`` may be changed while it runs.

    ``client_id`` and ``secret`` are of the client that it knows; ``asked`` are the paths of what
    was asked; ``signs_in`` says whom its authorization endpoint takes a browser for.
    """

    client_id: str = "divoc-edge"
    secret: str = ""
    mood: ProviderMood = "right"
    signs_in: Mapping[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._grants: dict[str, _Grant] = {}
        self._codes: dict[str, str] = {}
        self._key = self._new_key()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def issuer(self) -> str:
        """Its address, as tokens name it."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/realms/demoland"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def rotate(self) -> None:
        """Sign with a new key from now on, and show that one alone."""
        self._key = self._new_key()

    def sign_in(self, code: str, claims: Mapping[str, Any]) -> None:
        """Sign somebody in with the code that a tablet shows, as they do on their telephone."""
        self._grants[self._codes[code]].claims = claims

    def waiting_code(self) -> str:
        """Give the code that was shown last and that nobody has signed in with; empty for none."""
        for code, device in reversed(self._codes.items()):
            grant = self._grants.get(device)
            if grant is not None and grant.claims is None:
                return code
        return ""

    def answer(self, path: str, form: Mapping[str, str]) -> tuple[int, Mapping[str, Any]]:
        """Answer one question of a client: a status, and JSON."""
        if path.endswith("/.well-known/openid-configuration"):
            return 200, self._description()
        if path.endswith("/certs"):
            return 200, {"keys": [self._key.as_dict(private=False)]}
        if path == urlsplit(f"{self.issuer}/device").path:
            return 200, {"hint": "Nobody is asked here: whoever started this signs people in."}
        if form.get("client_id") != self.client_id or form.get("client_secret", "") != self.secret:
            return 401, {"error": "invalid_client"}
        if path.endswith("/auth/device"):
            return 200, self._device()
        if path.endswith("/token"):
            return self._token(form)
        return 404, {"error": "not_found"}

    def authorize(self, asked: Mapping[str, str]) -> str:
        """Sign a browser in; give where it goes back to."""
        code = secrets.token_urlsafe(12)
        self._grants[code] = _Grant(
            asked.get("nonce", ""), asked.get("code_challenge", ""), self.signs_in
        )
        back = urlencode({"code": code, "state": asked.get("state", "")})
        return f"{asked['redirect_uri']}?{back}"

    def _description(self) -> Mapping[str, Any]:
        base = f"{self.issuer}/protocol/openid-connect"
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{base}/auth",
            "device_authorization_endpoint": f"{base}/auth/device",
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/certs",
        }

    def _device(self) -> Mapping[str, Any]:
        device, code = secrets.token_urlsafe(12), secrets.token_hex(4).upper()
        self._grants[device], self._codes[code] = _Grant(), device
        address = f"{self.issuer}/device"
        return {
            "device_code": device,
            "user_code": code,
            "verification_uri": address,
            "verification_uri_complete": f"{address}?user_code={code}",
            "expires_in": 600,
            "interval": 5,
        }

    def _token(self, form: Mapping[str, str]) -> tuple[int, Mapping[str, Any]]:
        name = form.get("device_code") or form.get("code", "")
        grant = self._grants.get(name)
        if grant is None or self.mood == "denied":
            return 400, {"error": "access_denied" if "device_code" in form else "invalid_grant"}
        if grant.challenge and not _fits(grant.challenge, form.get("code_verifier", "")):
            return 400, {"error": "invalid_grant"}
        if grant.claims is None:
            return 400, {"error": "authorization_pending"}
        del self._grants[name]
        return 200, self._tokens(grant)

    def _tokens(self, grant: _Grant) -> Mapping[str, Any]:
        claims = dict(grant.claims or {})
        subject = hashlib.sha256(json.dumps(claims, sort_keys=True).encode()).hexdigest()[:16]
        at = int(time.time()) + {"expired": -9 * _HOUR, "future": 9 * _HOUR}.get(self.mood, 0)
        nonce = "another" if self.mood == "wrong nonce" else grant.nonce
        told = {
            "iss": "https://elsewhere.example" if self.mood == "wrong issuer" else self.issuer,
            "sub": subject,
            "aud": "another-client" if self.mood == "wrong audience" else self.client_id,
            "iat": at,
            "exp": at + _HOUR,
            **({"nonce": nonce} if nonce else {}),
        }
        apart = ("realm_access", "resource_access")
        roles: dict[str, Any] = {name: claims.pop(name) for name in apart if name in claims}
        return {
            "id_token": self._signed({**claims, **told}),
            "access_token": self._signed({**roles, **told, "aud": "account"}),
            "token_type": "Bearer",
        }

    def _signed(self, claims: Mapping[str, Any]) -> str:
        if self.mood == "no signature":
            head, body = ({"alg": "none"}, dict(claims))
            return f"{_part(head)}.{_part(body)}."
        key = self._new_key(self._key.kid or "") if self.mood == "foreign key" else self._key
        return jwt.encode({"alg": "RS256", "kid": key.kid or ""}, dict(claims), key)

    def _new_key(self, kid: str = "") -> RSAKey:
        return RSAKey.generate_key(2048, {"kid": kid or secrets.token_hex(8), "use": "sig"})


def _handler(provider: IdentityProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            if asked.path.endswith("/auth") and provider.mood != "down":
                form = {name: texts[0] for name, texts in parse_qs(asked.query).items()}
                self.send_response(303)
                self.send_header("Location", provider.authorize(form))
                self.end_headers()
                return
            self._answer(asked.path, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            form = {name: texts[0] for name, texts in parse_qs(body).items()}
            self._answer(urlsplit(self.path).path, form)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def _answer(self, path: str, form: Mapping[str, str]) -> None:
            provider.asked.append(path)
            if provider.mood == "slow":
                time.sleep(2)
            status, told = (503, {}) if provider.mood == "down" else provider.answer(path, form)
            body = b"<h1>Sign in</h1>" if provider.mood == "page" else json.dumps(told).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:  # who asked has gone
                self.close_connection = True

    return Handler


def _fits(challenge: str, verifier: str) -> bool:
    """Say whether a verifier is the one of a challenge (RFC 7636, S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=") == challenge


def _part(document: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")
