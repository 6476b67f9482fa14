"""Where a session's token is, and whether a request comes from our own pages."""

from __future__ import annotations

from flask import Response, request

from edge.domain.errors import NotAllowed
from sync.web.origin import from_another_page

_SESSION = "divoc_edge_session"
_OF_THIS_HOST = "__Host-"
"""What browsers let nobody set but this very host, over TLS, for all of it (RFC 6265bis 4.1.3)."""


def session_token() -> str:
    """Find the session's token: from the API's header, or a browser's cookie."""
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        return header.removeprefix("Bearer ").strip()
    return request.cookies.get(cookie_name(_SESSION), "")


def keep_token(response: Response, token: str) -> None:
    """Have the browser show a session's token from now on."""
    keep_secret(response, _SESSION, token)


def forget_token(response: Response) -> None:
    """Have the browser show none any more."""
    name = cookie_name(_SESSION)
    response.delete_cookie(name, secure=request.is_secure, httponly=True, samesite="Strict")


def keep_secret(response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """Give the browser a secret for us alone; without ``seconds`` until it is closed."""
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=seconds,
        httponly=True,
        samesite="Strict",
        secure=request.is_secure,
    )


def cookie_name(name: str) -> str:
    """Give the name under which a secret is kept: over TLS one that nobody else can set."""
    return f"{_OF_THIS_HOST}{name}" if request.is_secure else name


def check_origin() -> None:
    """Refuse a change that another site's page asks for with our cookie."""
    if from_another_page(request):
        raise NotAllowed(
            "request.other-origin", "This request came from another page and was not carried out."
        )
