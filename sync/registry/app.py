"""The registry's web application: takes batches, gives receipts, shows what it holds."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask, Response, make_response, redirect, render_template, request

from sync.entries import Head
from sync.errors import ProtocolError, SyncError
from sync.protocol import (
    Receipt,
    check_batch,
    decode_batch,
    node_id,
    public_key,
    public_text,
    sign_receipt,
)
from sync.registry.store import ForkError, GapError, ParentError, Store

_LARGEST_BODY = 8 * 1024 * 1024
_COOKIE = "divoc_registry_operator"
_STATUS = {
    "node.unknown": 401,
    "enrol.code": 403,
    "batch.too-large": 413,
    "operator.none": 401,
    "registry.database": 503,
}


@dataclass(frozen=True, slots=True)
class Registry:
    """What the application works with: ``codes`` enrol nodes, ``operator_token`` opens pages."""

    store: Store
    key: Ed25519PrivateKey
    codes: frozenset[str]
    operator_token: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


def create_app(registry: Registry) -> Flask:
    """Make the application of one registry."""
    app = Flask(__name__, template_folder="pages", static_folder="pages", static_url_path="/pages")
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_BODY

    def now() -> str:
        return registry.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    def receipt(node: str, head: Head, count: int) -> dict[str, Any]:
        unsigned = Receipt(node, head.epoch, head.number, head.hash, count, now())
        signed = sign_receipt(unsigned, registry.key)
        return {**signed.document(), "signature": signed.signature}

    def operator() -> None:
        header = request.headers.get("Authorization", "").removeprefix("Bearer ")
        given = header or request.cookies.get(_COOKIE, "")
        if not hmac.compare_digest(given.encode(), registry.operator_token.encode()):
            raise ProtocolError("operator.none", "Sign in as an operator of the registry.")

    @app.post("/v1/enrol")
    def enrol() -> Response:
        document = _object(request.get_data())
        fields = {}
        for name in ("key", "facility", "name", "code"):
            value = document.get(name)
            if not isinstance(value, str) or len(value) > 200:
                raise ProtocolError(
                    "enrol.field", "The field {field} of the enrolment is wrong.", field=name
                )
            fields[name] = value
        key = public_key(fields["key"])
        if not any(
            hmac.compare_digest(fields["code"].encode(), code.encode()) for code in registry.codes
        ):
            raise ProtocolError("enrol.code", "The enrolment code is not valid.")
        node = node_id(key)
        registry.store.enrol(node, fields["key"], fields["facility"], fields["name"], now())
        return _json({"node": node, "key": public_text(registry.key.public_key())})

    @app.get("/v1/nodes/<node>/heads")
    def heads(node: str) -> Response:
        if registry.store.node(node) is None:
            raise ProtocolError("node.unknown", "This node is not enrolled here.")
        count = registry.store.count(node)
        found = [receipt(node, head, count) for head in registry.store.heads(node)]
        return _json({"receipts": found})

    @app.post("/v1/nodes/<node>/batches")
    def batches(node: str) -> Response:
        known = registry.store.node(node)
        if known is None:
            raise ProtocolError("node.unknown", "This node is not enrolled here.")
        batch = decode_batch(request.get_data())
        if batch.first.node != node:
            raise ProtocolError("batch.other-node", "The batch is another node's.")
        links = check_batch(batch, public_key(known.key))
        try:
            accepted = registry.store.accept(links, now())
        except ForkError as fork:
            raise ProtocolError(
                "batch.fork",
                "Entry {number} of this node is held with another content.",
                number=fork.number,
            ) from None
        except GapError as gap:
            raise ProtocolError(
                "batch.gap",
                "The batch does not follow entry {held}, the last one held.",
                held=gap.held,
            ) from None
        except ParentError:
            raise ProtocolError(
                "batch.parent", "The batch follows an epoch that is not held."
            ) from None
        if accepted.head is None:
            raise ProtocolError("batch.form", "The batch is empty.")
        total = len(batch.entries)
        return _json(
            {
                "receipt": receipt(node, accepted.head, accepted.count),
                "stored": accepted.new,
                "alreadyHad": total - accepted.new,
            }
        )

    @app.get("/v1/nodes/<node>/entries")
    def entries(node: str) -> Response:
        operator()
        after, limit = request.args.get("after", "0"), request.args.get("limit", "100")
        if not (after.isdigit() and limit.isdigit() and len(after) < 10 and len(limit) < 5):
            raise ProtocolError("query.number", "after and limit must be whole numbers.")
        found = registry.store.entries(
            node, request.args.get("epoch", ""), int(after), min(int(limit), 1000)
        )
        return _json(
            {
                "entries": [json.loads(one.content) for one in found],
                "next": found[-1].number if found else int(after),
            }
        )

    @app.get("/v1/ping")
    def ping() -> Response:
        return _json({"ok": True})

    @app.get("/")
    def page() -> Response:
        try:
            operator()
        except ProtocolError:
            return make_response(render_template("sign_in.html", wrong=False), 401)
        nodes = registry.store.nodes()
        facilities = {one.node: one.facility for one in nodes}
        proofs = {
            one.node: sorted(registry.store.heads(one.node), key=lambda head: head.epoch)
            for one in nodes
        }
        return make_response(
            render_template(
                "registry.html",
                nodes=nodes,
                proofs=proofs,
                facilities=facilities,
                latest=registry.store.latest(25),
                now=now(),
            )
        )

    @app.post("/")
    def sign_in() -> Response:
        given = request.form.get("token", "")
        if not hmac.compare_digest(given.encode(), registry.operator_token.encode()):
            return make_response(render_template("sign_in.html", wrong=True), 401)
        response = make_response(redirect("/", 303))
        response.set_cookie(_COOKIE, given, httponly=True, samesite="Strict", max_age=43200)
        return response

    @app.errorhandler(SyncError)
    def refuse(error: SyncError) -> Response:
        answer = {"code": error.code, "sentence": str(error), "temporary": error.temporary}
        return _json(answer, _STATUS.get(error.code, 409 if "batch." in error.code else 400))

    @app.errorhandler(413)
    def too_large(_: Exception) -> Response:
        return refuse(ProtocolError("batch.too-large", "The batch is larger than 8 MB."))

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response

    return app


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise ProtocolError("request.json", "The request is not a JSON object.")
    return document


def _json(document: dict[str, Any], status: int = 200) -> Response:
    return Response(
        json.dumps(document, ensure_ascii=False), status=status, mimetype="application/json"
    )
