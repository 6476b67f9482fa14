"""From where the request at hand comes, as tries are counted, and what it shows to sign in with."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request

from edge.domain.catalogue import Staff
from edge.domain.sign_in_rules import BADGE, PASSKEY
from edge.plugins.sign_in.badge import is_badge
from edge.plugins.sign_in.contract import Place
from edge.services.guesses import PinAsker
from edge.services.proofs import Shown
from edge.services.sign_in_outcomes import Signature, SignInOutcome
from edge.web.backend import Backend
from edge.web.device_key import device_id
from edge.web.session import session_token

_LONGEST = 8192
_LOCAL = frozenset({"localhost"})
"""Names that browsers take for safe without TLS, and that are of this machine alone."""


def pin_asker(backend: Backend) -> PinAsker:
    """Name the tablet of the request at hand."""
    return PinAsker(request.remote_addr or "unknown", device_id(backend))


def place_of(backend: Backend) -> Place:
    """Say under which name the site was asked; none where that is no name of its own."""
    host = request.host.partition(":")[0].lower()
    tls = backend.tls
    own = host in _LOCAL or (request.is_secure and tls is not None and host == tls.host)
    return Place(
        f"{request.scheme}://{request.host}" if own else "",
        host if own else "",
        backend.site.clock.now(),
    )


def signed_in(backend: Backend, shown: list[Shown], step: str) -> SignInOutcome:
    """Sign in from the tablet of the request at hand.

    The session that the request shows ends with it: the tablet forgets its token, and nobody else
    may go on with it.
    """
    before = session_token()
    outcome = backend.authenticator.give(shown, pin_asker(backend), place_of(backend), step)
    if before and outcome.token:
        backend.authenticator.sign_out(before)
    return outcome


def shown_in(backend: Backend, form: Mapping[str, str]) -> list[Shown]:
    """Read what a form shows: a passkey's answer, a badge and what is typed, another method's."""
    if form.get("passkey"):
        return [Shown(PASSKEY, {"passkey": form["passkey"][:_LONGEST]})]
    if form.get("method"):
        told = {name: text[:_LONGEST] for name, text in form.items() if name != "kept"}
        return [Shown(form["method"], told)]
    code, secret = form.get("code", ""), form.get("pin", "")
    if BADGE in backend.authenticator.methods() and is_badge(code):
        typed = [backend.authenticator.typed("", secret)] if secret else []
        return [Shown(BADGE, {"badge": code}), *typed]
    return [backend.authenticator.typed(code, secret)]


def signature_of(form: Mapping[str, str]) -> Signature:
    """Read what a second person signs a form with."""
    return Signature(
        form.get("pin", "")[:128], form.get("passkey", "")[:_LONGEST], form.get("step", "")
    )


def signed(backend: Backend, code: str, signature: Signature) -> Staff:
    """Check a second person's signature, given at the tablet of the request at hand."""
    return backend.authenticator.sign(code, signature, pin_asker(backend), place_of(backend))
