"""The registry's web application: the nodes' paths, and the pages of its operators."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Flask, Response, request

from sync.protocol import frames
from sync.protocol.errors import SyncError
from sync.registry.locker.questions import LARGEST as LARGEST_OF_LOCKER
from sync.registry.registry import Registry
from sync.registry.web.answering import refuse
from sync.registry.web.drafts.table import LARGE_FORMS, LARGEST_FORM
from sync.registry.web.health import health
from sync.registry.web.locker_api import LARGE as OF_LOCKER
from sync.registry.web.node_api import LARGE, node_api
from sync.web.origin import REFERRER_POLICY
from sync.web.unkept import UNKEPT
from sync.web.uploads import InMemoryRequest

LARGEST_BODY = 8 * 1024 * 1024
_ROOM = (
    dict.fromkeys(LARGE, LARGEST_BODY)
    | dict.fromkeys(LARGE_FORMS, LARGEST_FORM)
    | dict.fromkeys(OF_LOCKER, LARGEST_OF_LOCKER)
)
"""Bytes of a body by endpoint; all others take a question or a form."""
_OF_PAGES = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self';"
        " frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": REFERRER_POLICY,
}
"""What protects a page."""


def create_app(registry: Registry, *pages: Blueprint) -> Flask:
    """Make the application of one registry, with the pages it is given."""
    app = Flask(__name__, static_folder="pages", static_url_path="/pages")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.request_class = InMemoryRequest
    app.before_request(_bound)  # first of all: what guards the pages reads their forms
    for routes in (node_api(registry), health(registry), *pages):
        app.register_blueprint(routes)
    app.register_error_handler(SyncError, refuse)
    app.register_error_handler(413, _too_large)
    app.after_request(_protect)
    app.wsgi_app = partial(_counted, registry, app.wsgi_app)  # type: ignore[method-assign]
    return app


def _bound() -> None:
    """Read as much as the route is for: who has proven nothing yet costs next to nothing."""
    most = _ROOM.get(request.endpoint or "", frames.SMALL)
    request.max_content_length = request.max_form_memory_size = most


def _too_large(_: Exception) -> Response:
    return refuse(frames.too_large(request.max_content_length or LARGEST_BODY))


def _protect(response: Response) -> Response:
    """Say that nothing of an answer is kept or guessed, unless its route says otherwise.

    The idle question's answer is nothing at all: no body to keep, no type to guess.
    """
    if response.content_length == 0 and "Content-Type" not in response.headers:
        return response
    told = UNKEPT if request.path.startswith(("/v1", "/health")) else {**UNKEPT, **_OF_PAGES}
    for name, value in told.items():
        response.headers.setdefault(name, value)
    return response


def _counted(
    registry: Registry, answer: Callable[..., Any], environ: Any, start_response: Any
) -> Any:
    with registry.load.working():
        return answer(environ, start_response)
