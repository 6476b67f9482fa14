"""From which paired tablet a request comes, and who is signed in there."""

from __future__ import annotations

from flask import Response, g, request

from edge.domain.catalogue import Staff
from edge.domain.device import Device
from edge.web.backend import Backend
from edge.web.session import cookie_name, keep_secret, session_token

HEADER = "Divoc-Device"
"""Where a program shows its key; a browser has a cookie."""
_COOKIE = "divoc_edge_device"
_KEPT = 400 * 86_400
"""Seconds: the longest that browsers keep a cookie (RFC 6265bis 5.5)."""


def paired_device(backend: Backend) -> Device | None:
    """Give the paired tablet that sent the request at hand; None if it is none, or was revoked."""
    found: tuple[Device | None] | None = g.get("device")
    if found is None:
        g.device = found = (backend.devices.of(_key()),)
    return found[0]


def device_id(backend: Backend) -> str:
    """Give the id of the tablet that sent the request at hand, empty if it is not paired."""
    device = paired_device(backend)
    return device.id if device else ""


def check_paired(backend: Backend) -> None:
    """Refuse who is not at a paired tablet, where the site demands one; raises NotAllowed."""
    backend.devices.check_paired(paired_device(backend))


def staff_at_device(backend: Backend) -> Staff | None:
    """Give who is signed in with the request at hand, on the tablet that sent it."""
    token = session_token()
    if not token or (backend.devices.demanded and paired_device(backend) is None):
        return None
    return backend.authenticator.who(token, device_id(backend))


def keep_device_key(response: Response, key: str) -> None:
    """Have the browser show its key from now on."""
    keep_secret(response, _COOKIE, key, _KEPT)


def renew_device_key(response: Response) -> None:
    """Have the browser keep the key it showed for as long again."""
    if key := request.cookies.get(cookie_name(_COOKIE), ""):
        keep_device_key(response, key)


def _key() -> str:
    return request.headers.get(HEADER, "") or request.cookies.get(cookie_name(_COOKIE), "")
