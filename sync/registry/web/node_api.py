"""What nodes send: each message is signed by the node or carries its code."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from sync.protocol import frames
from sync.protocol.entries import canonical, parsed
from sync.protocol.errors import ProtocolError
from sync.protocol.states import brief
from sync.protocol.versions import capabilities
from sync.registry.rate_limits import sender_of
from sync.registry.registry import Registry
from sync.registry.sealed_pieces import answer_pieces
from sync.registry.web.answering import as_json

LARGE = frozenset({"nodes.batches", "nodes.urgent"})
"""Endpoints that take entries; all others take a question or a form."""


def node_api(registry: Registry) -> Blueprint:
    """Make the nodes' paths of one registry."""
    routes = Blueprint("nodes", __name__, url_prefix="/v1")
    routes.add_url_rule("", "spoken", spoken)
    routes.add_url_rule("/key", "key", partial(key, registry))
    routes.add_url_rule("/enrol", "enrol", partial(enrol, registry), methods=["POST"])
    routes.add_url_rule("/<node>", "unchanged", partial(unchanged, registry))
    for path, name, method in (
        ("", "state", registry.state),
        ("/batches", "batches", registry.batch),
        ("/urgent", "urgent", registry.urgent),
        ("/letters", "letters", registry.letters),
        ("/history", "history", registry.history),
        ("/pieces", "pieces", partial(answer_pieces, registry)),
    ):
        view = partial(_answer, method)
        routes.add_url_rule(f"/nodes/<node>{path}", name, view, methods=["POST"])
    return routes


def spoken() -> Response:
    """Say which versions of the protocol are spoken here."""
    return as_json(capabilities())


def key(registry: Registry) -> Response:
    """Give the registry's key, for a site that is told its fingerprint on another way."""
    return as_json(registry.introduction())


def enrol(registry: Registry) -> Response:
    """Let in a node that has a code."""
    return as_json(
        registry.enrol(_object(request.get_data()), sender_of(request.remote_addr or ""))
    )


def unchanged(registry: Registry, node: str) -> Response:
    """Answer nothing at all if everything stands as when the tag was given.

    Not 204: the server would close the connection behind it.
    """
    if brief(registry.tag(node)).encode() != request.query_string:
        return as_json({"changed": True})
    response = Response()
    response.headers.remove("Content-Type")
    return response


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
