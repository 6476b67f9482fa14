"""From where the request at hand comes, as tries of a PIN are counted and reading is noted."""

from __future__ import annotations

from flask import request

from edge.services.guesses import PinAsker
from edge.web.backend import Backend
from edge.web.device_key import device_id
from edge.web.session import session_token


def pin_asker(backend: Backend) -> PinAsker:
    """Name the tablet of the request at hand."""
    return PinAsker(request.remote_addr or "unknown", device_id(backend))


def signed_in(backend: Backend, code: str, pin: str) -> str:
    """Sign in from the tablet of the request at hand; give the token.

    The session that the request shows ends with it: the tablet forgets its token, and nobody else
    may go on with it.
    """
    asker, before = pin_asker(backend), session_token()
    token = backend.authenticator.sign_in(code, pin, asker.device, asker.address)
    if before:
        backend.authenticator.sign_out(before)
    return token
