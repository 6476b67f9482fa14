"""The Flask application: routes from the tables, sessions, headers, errors in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, partial
from importlib.metadata import version
from unicodedata import category

import msgspec
from flask import Flask, Response, request

from edge.domain.errors import NotAllowed, NotFound
from edge.web import calls
from edge.web.backend import Backend
from edge.web.context import Context
from edge.web.device_key import paired_device
from edge.web.modular import ModularApp
from edge.web.noting import note_answer
from edge.web.openapi import openapi
from edge.web.pages import blueprint, page_needs
from edge.web.problems import answer_error
from edge.web.route import Route
from edge.web.routes import ROUTES
from edge.web.session import check_origin, session_token
from edge.web.tablet_clock import note_tablet_clock
from edge.web.translations import load_languages
from edge.web.uploads import limit_uploads
from sync.resources import resource
from sync.web.origin import REFERRER_POLICY
from sync.web.unkept import UNKEPT

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
        " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    **UNKEPT,
    "Referrer-Policy": REFERRER_POLICY,
    "Permissions-Policy": "camera=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_HTTPS_FOR = "max-age=31536000"
"""A year in which browsers ask for this very name by HTTPS alone."""


def create_app(backend: Backend) -> Flask:
    """Make the application of one node."""
    app = ModularApp(resource("templates/pages"), backend.running)
    context = Context(backend, load_languages(resource("config/locale")))
    app.before_request(check_origin)
    app.before_request(_check_path)
    limit_uploads(app, backend)
    for route in ROUTES:
        endpoint = f"api-{route.method}-{route.path}"
        app.needs[endpoint] = route.needs
        app.add_url_rule(
            "/api/v1" + re.sub(r"{(\w+)}", r"<\1>", route.path),
            endpoint=endpoint,
            view_func=partial(_serve, context, route),
            methods=[route.method],
        )
    # written when it is asked for: a third of what making the application costs
    document = cache(lambda of: msgspec.json.encode(openapi(ROUTES, version("divoc-edge"), of)))
    app.add_url_rule(
        "/api/v1/openapi.json", "openapi", lambda: _as_json(document(backend.running()))
    )
    app.needs |= page_needs()
    app.register_blueprint(blueprint(context))
    app.after_request(partial(_protect, backend))
    app.register_error_handler(Exception, partial(answer_error, context))
    return app


def _check_path() -> None:
    """Know no page under an address that holds what nobody can see: it may end in a header."""
    for value in (request.view_args or {}).values():
        if any(category(sign)[0] == "C" for sign in value):
            raise NotFound("page.unknown", "There is no such page.")


def _serve(context: Context, route: Route, **values: str) -> Response:
    """Answer a call of the API, if who asks may ask it."""
    call = calls.ApiInput(
        backend=context.backend,
        staff=context.staff(),
        token=session_token(),
        values=values,
        query=request.args,
        body=request.get_data(),
        address=request.remote_addr or "",
        language=context.language(),
        device=paired_device(context.backend),
    )
    if call.staff:
        note_tablet_clock(context.backend, call.staff)
    if route.roles and not calls.signed_in(call.staff).roles & route.roles:
        raise NotAllowed("staff.not-allowed", "Your role does not allow this.")
    answer = route.handler(call)
    if route.sees and call.staff:
        whose = values.get("id", "")
        note_answer(context.backend, call.staff, route.sees, whose, route.path)
    if isinstance(answer, bytes | Iterator):
        return Response(answer, mimetype=route.media)
    return _as_json(msgspec.json.encode(answer))


def _as_json(document: bytes) -> Response:
    return Response(document, mimetype="application/json")


def _protect(backend: Backend, response: Response) -> Response:
    said = {name.lower() for name in response.headers.keys()}  # noqa: SIM118 (pairs, not names)
    response.headers.extend(
        {name: value for name, value in _HEADERS.items() if name.lower() not in said}
    )
    if request.is_secure and backend.tls and _hostname() == backend.tls.host:
        response.headers.setdefault("Strict-Transport-Security", _HTTPS_FOR)
    return response


def _hostname() -> str:
    return request.host.partition(":")[0].lower()
