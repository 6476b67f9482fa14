"""The pages and the reading paths of the registry's operators."""

from __future__ import annotations

import hmac
import json

from flask import Blueprint, Response, make_response, redirect, render_template, request

from sync.errors import ProtocolError
from sync.receipts import proof_line
from sync.registry.app import as_json
from sync.registry.registry import Registry

_COOKIE = "divoc_registry_operator"


def office(registry: Registry, operator_token: str) -> Blueprint:
    """Make the pages of one registry; ``operator_token`` opens them."""
    pages = Blueprint("office", __name__, template_folder="pages")
    store = registry.store

    def fits(given: str) -> bool:
        return hmac.compare_digest(given.encode(), operator_token.encode())

    def operator() -> None:
        header = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not fits(header or request.cookies.get(_COOKIE, "")):
            raise ProtocolError("operator.none", "Sign in as an operator of the registry.")

    @pages.get("/v1/nodes/<node>/entries")
    def entries(node: str) -> Response:
        operator()
        after, limit = request.args.get("after", "0"), request.args.get("limit", "100")
        if not (after.isdigit() and limit.isdigit() and len(after) < 10 and len(limit) < 5):
            raise ProtocolError("query.number", "after and limit must be whole numbers.")
        found = store.entries(
            node, request.args.get("epoch", ""), int(after), min(int(limit), 1000)
        )
        return as_json(
            {
                "entries": [json.loads(one.content) for one in found],
                "next": found[-1].number if found else int(after),
            }
        )

    @pages.get("/v1/ping")
    def ping() -> Response:
        return as_json({"ok": True})

    @pages.get("/")
    def page() -> Response:
        try:
            operator()
        except ProtocolError:
            return make_response(render_template("sign_in.html", wrong=False), 401)
        nodes = store.heard_last(200)
        proofs = {
            one.node: sorted(store.heads(one.node), key=lambda head: head.epoch) for one in nodes
        }
        return make_response(
            render_template(
                "registry.html",
                nodes=nodes,
                proofs=proofs,
                facilities={one.node: one.facility for one in nodes},
                latest=store.latest(25),
                now=registry.instant(),
                line=proof_line,
            )
        )

    @pages.post("/")
    def sign_in() -> Response:
        given = request.form.get("token", "")
        if not fits(given):
            return make_response(render_template("sign_in.html", wrong=True), 401)
        response = make_response(redirect("/", 303))
        response.set_cookie(_COOKIE, given, httponly=True, samesite="Strict", max_age=43200)
        return response

    return pages
