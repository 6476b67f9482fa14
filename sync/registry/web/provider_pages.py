"""The way of an operator to an identity provider, and back."""

from __future__ import annotations

from flask import Response, make_response, redirect, request

from sync.protocol.errors import ProtocolError
from sync.registry.provider import LASTS, ProviderSignIn
from sync.registry.web.screen import Screen

_COOKIE = "divoc_registry_provider"
_BACK = "/provider/back"


def to_provider(screen: Screen) -> Response:
    """Send the browser to the identity provider."""
    try:
        address, kept = _provider(screen).begin(request.host_url.rstrip("/") + _BACK)
    except ProtocolError as error:
        return screen.refused(error)
    response = make_response(redirect(address, 303))
    response.set_cookie(
        _COOKIE, kept, httponly=True, samesite="Lax", secure=request.is_secure, max_age=LASTS
    )
    return response


def from_provider(screen: Screen) -> Response:
    """Open a sign-in for whoever came back; the page goes on by itself.

    Browsers send no strict cookie on a way that another site began, so the next page is asked for
    by this one.
    """
    response = make_response(screen.shown("signed_in.html"))
    try:
        found = _provider(screen).finish(
            request.cookies.get(_COOKIE, ""),
            request.args.get("state", ""),
            request.args.get("code", ""),
            screen.store.operators(),
        )
    except ProtocolError as error:
        response = screen.refused(error)
    else:
        screen.access.open(found, response)
    response.delete_cookie(_COOKIE)
    return response


def _provider(screen: Screen) -> ProviderSignIn:
    if screen.access.provider is None:
        raise ProtocolError("page.unknown", "There is no such page.")
    return screen.access.provider
