"""From where the request at hand comes, as tries of a PIN are counted and reading is noted."""

from __future__ import annotations

from flask import request

from edge.services.guesses import PinAsker
from edge.web.backend import Backend
from edge.web.device_key import device_id


def pin_asker(backend: Backend) -> PinAsker:
    """Name the tablet of the request at hand."""
    return PinAsker(request.remote_addr or "unknown", device_id(backend))


def signed_in(backend: Backend, code: str, pin: str) -> str:
    """Sign in from the tablet of the request at hand; give the token."""
    asker = pin_asker(backend)
    return backend.authenticator.sign_in(code, pin, asker.device, asker.address)
