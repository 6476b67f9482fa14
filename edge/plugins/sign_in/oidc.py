"""The national account: somebody signs in at an identity provider, on their own telephone.

The tablet shows a code and a QR code (OAuth 2.0 Device Authorization Grant, RFC 8628), so that no
password of the provider is ever typed at a shared tablet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from edge.domain.errors import BadInput, NotAllowed, Unavailable
from edge.plugins.contract import READY, Health, Need
from edge.plugins.sign_in.contract import (
    Attempt,
    Claimed,
    MethodSetup,
    NewRegistration,
    Prompt,
    Proof,
)
from sync.protocol.errors import ProtocolError
from sync.sign_in.fetching import BoundedFetch
from sync.sign_in.openid import Fetch, OpenIdClient, ProviderSettings, is_safe

R = TypeVar("R")
SECONDS = 0.9
"""Of each of three questions: of the provider's description, its keys, its word."""
_OPTIONS = frozenset({"issuer", "client_id", "secret_file", "ca", "scopes"})


class Oidc:
    """Asks one provider; ``fetch`` is how, by the settings ``issuer``, ``client_id`` and ``ca``."""

    def __init__(self, setup: MethodSetup, fetch: Fetch | None = None) -> None:
        options = setup.options
        _check_options(options)
        self.needs: frozenset[Need] = frozenset({"line", "secret"})
        self._issuer = options.get("issuer", "")
        self._client = OpenIdClient(
            ProviderSettings(
                issuer=self._issuer,
                client_id=options.get("client_id", ""),
                secret=setup.secret(),
                scopes=options.get("scopes", "openid"),
            ),
            fetch or BoundedFetch(SECONDS, options.get("ca", "")),
        )

    def health(self) -> Health:
        """Say whether the site knows a provider."""
        if self._issuer:
            return READY
        return Health(
            "off", "oidc.none", "site.toml names no identity provider: [sign_in.oidc] issuer = …"
        )

    def claimed(self, _: Mapping[str, str], /) -> Claimed:
        """The provider says who it is."""
        return Claimed(elsewhere=True)

    def begin(self, _: Attempt, /) -> Prompt:
        """Ask the provider for a code; raises ``Unavailable`` without a line."""
        if not self._issuer:
            raise BadInput(
                "oidc.none",
                "This site knows no identity provider.",
                hint="A technician names it in site.toml: [sign_in.oidc].",
                field="method",
            )
        made = self._told(self._client.begin_device)
        show = {"code": made.code, "address": made.address, "whole": made.whole}
        return Prompt(show, {"device": made.secret})

    def check(self, attempt: Attempt, /) -> Proof:
        """Ask whether somebody has signed in with the code, and as whom."""
        device = attempt.state.get("device", "")
        if not device:
            return Proof(False)
        claims = self._told(lambda: self._client.poll_device(device, attempt.place.now))
        return Proof(False, waiting=True) if claims is None else Proof(True, claims=claims)

    def begin_registration(self, _: Attempt, /) -> Prompt:
        """Refuse: accounts are made at the provider."""
        raise _at_the_provider()

    def register(self, _: Attempt, /) -> NewRegistration:
        """Refuse: accounts are made at the provider."""
        raise _at_the_provider()

    def _told(self, ask: Callable[[], R]) -> R:
        try:
            return ask()
        except ProtocolError as error:
            if error.temporary:
                raise Unavailable(
                    error.code,
                    error.sentence,
                    hint="Sign in with your PIN, if your role has one for days without a line.",
                ) from None
            raise NotAllowed(
                error.code,
                error.sentence,
                hint="Begin again. If it stays so, tell the technician what it says.",
                what=error.values.get("what", ""),
            ) from None


def _check_options(options: Mapping[str, str]) -> None:
    """Refuse settings that cannot be meant; raises :class:`BadInput`."""
    wrong = next((name for name in options if name not in _OPTIONS), "")
    if options and not wrong:
        if not is_safe(options.get("issuer", "")):
            wrong = "issuer"
        elif not options.get("client_id"):
            wrong = "client_id"
        elif options.get("ca") and not Path(options["ca"]).is_file():
            wrong = "ca"
    if wrong:
        raise BadInput(
            "oidc.settings",
            "In site.toml the setting {name} of [sign_in.oidc] is wrong.",
            hint="Write issuer (https://…), client_id, and if needed secret_file, ca, scopes.",
            field=wrong,
            name=wrong,
        )


def _at_the_provider() -> NotAllowed:
    return NotAllowed(
        "oidc.register",
        "National accounts are made at the identity provider.",
        hint="Ask the programme office for one.",
    )
