"""Where a session's token is, and whether a request comes from our own pages."""

from __future__ import annotations

from flask import request

from edge.domain.errors import NotAllowed
from sync.web.origin import from_another_page

COOKIE = "divoc_edge_session"


def session_token() -> str:
    """Find the session's token: from the API's header, or a browser's cookie."""
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        return header.removeprefix("Bearer ").strip()
    return request.cookies.get(COOKIE, "")


def check_origin() -> None:
    """Refuse a change that another site's page asks for with our cookie."""
    if from_another_page(request):
        raise NotAllowed(
            "request.other-origin", "This request came from another page and was not carried out."
        )
