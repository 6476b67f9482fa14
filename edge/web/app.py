"""The Flask application: routes from the table, sessions, headers, errors in words."""

from __future__ import annotations

import logging
import re
import traceback
from importlib.metadata import version
from typing import Any

import msgspec
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from edge.domain.errors import (
    BadInput,
    Conflict,
    EdgeError,
    NotAllowed,
    NotFound,
    Refusal,
    Unavailable,
)
from edge.web import calls, serializers
from edge.web.backend import Backend
from edge.web.openapi import openapi
from edge.web.pages import blueprint
from edge.web.refusing import too_large
from edge.web.routes import ROUTES, Route
from edge.web.session import check_origin, session_token
from edge.web.translations import Language, load_languages
from edge.web.uploads import limit_uploads
from edge.web.visit import draw
from sync.web.translations import choose

_STATUS: tuple[tuple[type[EdgeError], int], ...] = (
    (BadInput, 400),
    (NotAllowed, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Refusal, 409),
    (Unavailable, 503),
)

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
        " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_log = logging.getLogger("divoc_edge.web")


def create_app(backend: Backend) -> Flask:
    """Make the application of one node."""
    app = Flask(__name__, static_folder="static", template_folder=str(backend.templates / "pages"))
    limit_uploads(app, backend)
    languages = load_languages(backend.locale)
    document = msgspec.json.encode(openapi(ROUTES, version("divoc-edge")))

    def language_of() -> Language:
        return choose(
            languages,
            request.cookies.get("language", ""),
            request.headers.get("Accept-Language", ""),
        )

    def call_of(values: dict[str, str]) -> calls.Call:
        token = session_token()
        return calls.Call(
            backend=backend,
            staff=backend.authenticator.who(token) if token else None,
            token=token,
            values=values,
            query=request.args,
            body=request.get_data(),
            address=request.remote_addr or "",
            language=language_of(),
        )

    def serve(route: Route) -> Any:
        def view(**values: str) -> Response:
            call = call_of(values)
            try:
                check_origin()
                if route.roles:
                    staff = calls.signed_in(call.staff)
                    if not staff.roles & route.roles:
                        raise NotAllowed("staff.not-allowed", "Your role does not allow this.")
                answer = route.handler(call)
            except EdgeError as error:
                return Response(
                    msgspec.json.encode(serializers.problem(error, call.language)),
                    status=status_of(error),
                    mimetype="application/json",
                )
            if isinstance(answer, bytes):
                return Response(answer, mimetype=route.media)
            return Response(msgspec.json.encode(answer), mimetype="application/json")

        return view

    for route in ROUTES:
        path = re.sub(r"{(\w+)}", r"<\1>", route.path)
        app.add_url_rule(
            f"/api/v1{path}",
            endpoint=f"api-{route.method}-{route.path}",
            view_func=serve(route),
            methods=[route.method],
        )

    app.register_blueprint(blueprint(backend, language_of, list(languages.values())))

    @app.get("/api/v1/openapi.json")
    def openapi_document() -> Response:
        return Response(document, mimetype="application/json")

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        problem, status = _in_words(error), 500
        if isinstance(error, EdgeError):
            status = status_of(error)
        elif isinstance(error, HTTPException):
            status = error.code or 500
        answer = serializers.problem(problem, language_of())
        if request.path.startswith("/api/"):
            return Response(msgspec.json.encode(answer), status=status, mimetype="application/json")
        return Response(draw("problem.html", language_of(), backend, problem=answer), status=status)

    return app


def status_of(error: EdgeError) -> int:
    """Give the HTTP status of an error."""
    if error.code == "session.none":
        return 401
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def _in_words(error: Exception) -> EdgeError:
    if isinstance(error, EdgeError):
        return error
    if isinstance(error, HTTPException):
        return _http_problem(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    _log.error("unexpected %s at %s:%s", type(error).__name__, place.filename, place.lineno)
    return EdgeError(
        "edge.unexpected",
        "Something went wrong on the site computer; nothing was saved.",
        hint="Try again, and call the technician if it happens again.",
    )


def _http_problem(error: HTTPException) -> EdgeError:
    if error.code == 404:
        return NotFound("page.unknown", "There is no such page.")
    if error.code == 405:
        return BadInput("request.method", "This address does not take this kind of request.")
    if error.code == 413:
        return too_large()
    return BadInput("request.malformed", "The request cannot be read.")
