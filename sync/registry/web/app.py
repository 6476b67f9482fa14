"""The registry's web application: the nodes' paths, and the pages of its operators."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Flask, Response, request

from sync.protocol import frames
from sync.protocol.entries import canonical, parsed
from sync.protocol.errors import ProtocolError, SyncError
from sync.protocol.states import brief
from sync.protocol.versions import capabilities
from sync.registry.registry import Registry
from sync.web.origin import REFERRER_POLICY

LARGEST_BODY = 8 * 1024 * 1024
_LARGE = frozenset({"nodes.batches", "nodes.urgent"})
"""Endpoints that take entries; all others take a question or a form."""
_STATUS = {
    "node.unknown": 401,
    "node.stopped": 403,
    "node.quota": 429,
    "history.quota": 429,
    "history.signature": 403,
    "node.pace": 429,
    "enrol.slow": 429,
    "operator.slow": 429,
    "registry.load": 503,
    "enrol.code": 403,
    "frame.too-large": 413,
    "operator.none": 401,
    "operator.role": 403,
    "operator.form": 403,
    "page.unknown": 404,
    "registry.database": 503,
}


def create_app(registry: Registry, *pages: Blueprint) -> Flask:
    """Make the application of one registry, with the pages it is given."""
    app = Flask(__name__, static_folder="pages", static_url_path="/pages")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.register_blueprint(_nodes(registry))
    for page in pages:
        app.register_blueprint(page)

    @app.before_request
    def bound() -> None:
        """Read as much as the route is for: who has proven nothing yet costs next to nothing."""
        if request.endpoint not in _LARGE:
            request.max_content_length = frames.SMALL

    @app.errorhandler(SyncError)
    def refuse(error: SyncError) -> Response:
        answer = {
            "code": error.code,
            "sentence": str(error),
            "values": {name: value for name, value in error.values.items() if _plain(value)},
            "temporary": error.temporary,
        }
        conflict = error.code.startswith("batch.")
        response = as_json(answer, _STATUS.get(error.code, 409 if conflict else 400))
        if error.temporary:
            wait = getattr(error, "retry_after", None)
            response.headers["Retry-After"] = str(60 if wait is None else max(1, int(wait) + 1))
        return response

    @app.errorhandler(413)
    def too_large(_: Exception) -> Response:
        return refuse(frames.too_large(request.max_content_length or LARGEST_BODY))

    @app.after_request
    def protect(response: Response) -> Response:
        if not request.path.startswith("/v1"):
            response.headers["Content-Security-Policy"] = (
                "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'"
            )
            response.headers["X-Content-Type-Options"] = "nosniff"
            response.headers["Referrer-Policy"] = REFERRER_POLICY
            response.headers["Cache-Control"] = "no-store"
        return response

    def counted(environ: Any, start_response: Any) -> Any:
        with registry.load.working():
            return answer(environ, start_response)

    answer, app.wsgi_app = app.wsgi_app, counted  # type: ignore[method-assign]
    return app


def as_json(document: Mapping[str, Any], status: int = 200) -> Response:
    """Answer with a JSON document."""
    return Response(
        json.dumps(document, ensure_ascii=False), status=status, mimetype="application/json"
    )


def _nothing_if(tag: str) -> Response:
    """Answer nothing at all if this is what was asked with.

    Not 204: the server would close the connection behind it.
    """
    if tag.encode() != request.query_string:
        return as_json({"changed": True})
    response = Response()
    response.headers.remove("Content-Type")
    return response


def _nodes(registry: Registry) -> Blueprint:
    routes = Blueprint("nodes", __name__, url_prefix="/v1")

    @routes.get("")
    def spoken() -> Response:
        return as_json(capabilities())

    @routes.post("/enrol")
    def enrol() -> Response:
        return as_json(registry.enrol(_object(request.get_data()), request.remote_addr or ""))

    @routes.get("/nodes/<node>")
    def unchanged(node: str) -> Response:
        """Say whether everything stands as when the tag was given."""
        return _nothing_if(registry.tag(node))

    @routes.get("/<node>")
    def unchanged_in_brief(node: str) -> Response:
        """Say the same to a node of version 4 or newer."""
        return _nothing_if(brief(registry.tag(node)))

    @routes.post("/nodes/<node>")
    def state(node: str) -> Response:
        return _answer(registry.state, node)

    @routes.post("/nodes/<node>/batches")
    def batches(node: str) -> Response:
        return _answer(registry.batch, node)

    @routes.post("/nodes/<node>/urgent")
    def urgent(node: str) -> Response:
        return _answer(registry.urgent, node)

    @routes.post("/nodes/<node>/letters")
    def letters(node: str) -> Response:
        return _answer(registry.letters, node)

    @routes.post("/nodes/<node>/history")
    def history(node: str) -> Response:
        return _answer(registry.history, node)

    return routes


def _answer(method: Callable[[str, bytes], dict[str, Any]], node: str) -> Response:
    """Answer in the coding the question came in: who can write it can read it."""
    data = request.get_data()
    text = canonical(method(node, data))
    response = Response(frames.compress(text, frames.coding_of(data)))
    response.headers.remove("Content-Type")  # a frame says itself what it is
    return response


def _object(body: bytes) -> dict[str, Any]:
    if frames.is_frame(body):
        return frames.unpack(body, frames.SMALL)
    try:
        document = parsed(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise ProtocolError("request.json", "The request is not a JSON object.")
    return document


def _plain(value: object) -> bool:
    return isinstance(value, str | int)
