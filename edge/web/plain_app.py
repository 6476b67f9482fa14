"""What is answered over plain HTTP: how to trust the site, and the way to its pages.

Nothing else is here: no page, no session, no call of the API. What is sent to it was read by
everybody on the network already, so it is neither read nor used.
"""

from __future__ import annotations

from functools import partial
from urllib.parse import quote

import msgspec
from flask import Flask, Response, redirect, request

from edge.adapters.addresses import url
from edge.domain.errors import EdgeError, NotAllowed
from edge.web import serializers
from edge.web.backend import Backend
from edge.web.context import Context
from edge.web.problems import in_words, status_of
from edge.web.translations import load_languages
from edge.web.trust_pages import trust, trust_file, trust_page
from sync.resources import resource
from sync.web.unkept import UNKEPT

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none';"
        " form-action 'none'"
    ),
    **UNKEPT,
    "Referrer-Policy": "no-referrer",
}
_SECRETS = ("Cookie", "Authorization", "Divoc-Device")
"""Headers that say that a request is of somebody who is signed in, or thinks so."""


def create_plain_app(backend: Backend) -> Flask:
    """Make the application behind the address for plain HTTP, of a node with TLS."""
    app = Flask("edge.web", static_folder=None, template_folder=str(resource("templates/pages")))
    context = Context(backend, load_languages(resource("config/locale")))
    app.config["MAX_CONTENT_LENGTH"] = 0
    app.add_url_rule("/trust", "trust", partial(trust, context), methods=["GET"])
    app.add_url_rule("/trust/<name>", "trust_file", partial(trust_file, context), methods=["GET"])
    app.before_request(partial(_elsewhere, context))
    app.register_error_handler(Exception, partial(_answer_error, context))
    app.after_request(_protect)
    return app


def _elsewhere(context: Context) -> Response | None:
    """Send a look at a page on to HTTPS, and refuse everything else; None for what is here."""
    looks = request.method in ("GET", "HEAD") and not _has_body()
    if looks and (request.path == "/trust" or request.path.startswith("/trust/")):
        return None
    if not looks or request.path.startswith("/api/") or any(map(request.headers.get, _SECRETS)):
        refused = NotAllowed(
            "plain.refused",
            "This address is not secure. It only tells how to trust this site; nothing was done.",
            hint="Open {address} instead.",
            address=url("https", _host(context), context.backend.port),
        )
        return _refusal(context, refused, 403)
    path = quote(request.path)
    return redirect(url("https", _host(context), context.backend.port, path), 302)  # type: ignore[return-value]


def _has_body() -> bool:
    return bool(request.content_length) or "Transfer-Encoding" in request.headers


def _host(context: Context) -> str:
    """Give the name to go on with: the address that was asked for, if TLS is good for it."""
    tls = context.backend.tls
    assert tls is not None, "there is no plain address without TLS"  # noqa: S101
    asked = request.host.rpartition(":")[0] or request.host
    return asked if asked in tls.state().addresses else tls.host


def _answer_error(context: Context, error: Exception) -> Response:
    return _refusal(context, in_words(error), status_of(error))


def _refusal(context: Context, error: EdgeError, status: int) -> Response:
    problem = serializers.problem(error, context.language())
    if request.path.startswith("/api/"):
        return Response(msgspec.json.encode(problem), status=status, mimetype="application/json")
    response = trust_page(context, problem)
    response.status_code = status
    return response


def _protect(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
