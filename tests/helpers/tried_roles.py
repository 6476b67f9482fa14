"""Tries every route of a site and of a registry with every role, and writes down who got through.

``PYTHONPATH=.:tests/helpers python tests/helpers/tried_roles.py`` writes docs/roles.md anew.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from flask import Flask
from flask.testing import FlaskClient
from lockers import KEY, locker_of
from memory_journal import REGISTRY_KEY, enrolment
from second_factors import confirm
from site_factory import demonstration, filled_site
from werkzeug.test import TestResponse

from edge.adapters.settings import PrinterSettings, Settings
from edge.domain.catalogue import Role
from edge.node import Node
from edge.plugins.sign_in.verifiers import make_verifier
from edge.services.campaigns import CheckedCampaign
from edge.web.app import create_app
from sync.registry.locker.questions import signature_of
from sync.registry.rate_limits import Limits
from sync.registry.registry import Registry
from sync.registry.store.records import Operator
from sync.registry.store.sqlite import SqliteStore
from sync.registry.web.app import create_app as create_registry
from sync.registry.web.office import office
from sync.registry.web.policy import DECIDING
from sync.registry.web.policy import ROLES as OPERATORS

PAGE = Path(__file__).resolve().parents[2] / "docs/roles.md"
NOBODY = ""
SITE_ROLES: tuple[str, ...] = tuple(sorted(get_args(Role)))
PIN = "24682"
_REFUSED = "Your role does not allow this."
_ENDS = {("POST", "/sign-out"), ("POST", "/change"), ("DELETE", "/api/v1/session")}
"""Routes after which nobody is signed in any more."""
_SIGN_INS = {("GET", "/sign-in"), ("POST", "/sign-in"), ("POST", "/api/v1/session")}
"""Tried last: each counts as a try with a wrong PIN, and tries slow the tablet."""


@dataclass(frozen=True)
class Tried:
    """A route, and which roles got through to it; ``NOBODY`` is one who has not signed in."""

    method: str
    path: str
    through: frozenset[str]


def routes(app: Flask) -> Iterator[tuple[str, str]]:
    """Give every route of an application: method and rule."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
        if not rule.rule.startswith("/static/"):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, rule.rule


def address(rule: str, **values: str) -> str:
    """Give an address of a route: of an alternative the first, of a value one that is nobody's."""
    path = re.sub(r'<any\("([\w-]+)".*?>', r"\1", rule)
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values.get(found[1], "1"), path)


def tried_at_site(folder: Path) -> list[Tried]:
    """Try every route of a site: each role by somebody who has that one alone."""
    printer = PrinterSettings("desk", f"file://{folder}/paper.bin", "virtual-80")
    node = filled_site(folder / "site", Settings(facility="DEMO01", printers=(printer,)))
    try:
        with_one_role_each(node)
        desk = Desk(create_app(node.backend()))
        tried = [
            Tried(method, rule, frozenset(filter(desk.lets(method, rule), (NOBODY, *SITE_ROLES))))
            for method, rule in sorted(routes(desk.app), key=_SIGN_INS.__contains__)
        ]
        return sorted(tried, key=lambda row: (row.path, row.method))
    finally:
        node.close()


def with_one_role_each(node: Node) -> None:
    """Apply a campaign in which each role has one member of staff, under the role's name."""
    campaign = demonstration()
    verifier = make_verifier(PIN)
    staff = [
        {
            "code": role.upper(),
            "name": f"Invented {role}",
            "facilities": ["DEMO01"],
            "roles": [role],
            "pin": verifier,
        }
        for role in SITE_ROLES
    ]
    body = {**campaign.body, "version": "one role each", "staff": staff}
    node.campaigns.apply(CheckedCampaign(body))


class Desk:
    """One browser for each role, signed in once: a PIN costs time to check."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._browsers: dict[str, FlaskClient] = {}

    def lets(self, method: str, rule: str) -> Callable[[str], bool]:
        """Say of a role whether it gets through, whatever is then made of the request."""

        def through(role: str) -> bool:
            sent: dict[str, Any] = {}
            if method not in ("GET", "DELETE"):
                sent = {"json": {}} if rule.startswith("/api/") else {"data": {"language": "en"}}
            answer = self._browser(role, (method, rule)).open(address(rule), method=method, **sent)
            assert answer.status_code != 500, (method, rule, role)
            if answer.status_code == 401:
                return False
            if not role and (method, rule) not in _SIGN_INS | _ENDS and _asks_to_sign_in(answer):
                return False
            return not (answer.status_code == 403 and _REFUSED in answer.text)

        return through

    def _browser(self, role: str, route: tuple[str, str]) -> FlaskClient:
        if role in self._browsers and route not in _ENDS:
            return self._browsers[role]
        client = self.app.test_client()
        if role:
            answer = client.post("/sign-in", data={"code": role.upper(), "pin": PIN})
            assert answer.status_code == 303, answer.text
        if route not in _ENDS:
            self._browsers[role] = client
        return client


def _asks_to_sign_in(answer: TestResponse) -> bool:
    there = answer.headers.get("Location", "").endswith("/sign-in")
    return (there and "Set-Cookie" not in answer.headers) or 'name="pin"' in answer.text


def tried_at_registry(folder: Path) -> list[Tried]:
    """Try every route of a registry: pages with a session, what starts with /v1 with a token."""
    store = SqliteStore(folder / "registry.db")
    try:
        registry = Registry(
            store, REGISTRY_KEY, frozenset({"code"}), Limits(passes_a_minute=1_000_000)
        )
        app = create_registry(registry, office(registry, "operator"), locker_of(registry))
        asked = enrolment(facility="FAC01")
        node = str(app.test_client().post("/v1/enrol", json=asked).get_json()["node"])
        for role in OPERATORS:
            digest = hashlib.sha256(f"{role}-token".encode()).hexdigest()
            store.add_operator(Operator(role, role, digest, ""))
        tried = [
            Tried(
                method,
                rule,
                frozenset(
                    role
                    for role in (NOBODY, *OPERATORS)
                    if at_registry(app, store, (method, rule), role, node)
                ),
            )
            for method, rule in sorted(routes(app), key=lambda route: route[1][:3] != "/v1")
        ]
        return sorted(tried, key=lambda row: (row.path, row.method))
    finally:
        store.close()


def at_registry(
    app: Flask, store: SqliteStore, route: tuple[str, str], role: str, node: str
) -> bool:
    """Say whether a role got through to a route of the registry."""
    method, rule = route
    client, headers, form = app.test_client(), {}, ""
    if role:
        headers = {"Authorization": f"Bearer {role}-token"}
        if not rule.startswith("/v1"):
            client.post("/", data={"token": f"{role}-token"})
            if role in DECIDING:
                confirm(client, store, REGISTRY_KEY, role)
            headers = {}
            found = re.search(r'name="form" value="([^"]+)"', client.get("/").text)
            form = found[1] if found else ""
    sent: dict[str, Any] = {"headers": headers}
    if method == "POST":
        own = {
            "token": "viewer-token",
            "form": form,
            "state": "active",
            "facility": "FAC01",
            "days": "3",
        }
        sent["data"] = b"" if rule.startswith("/v1") else own
    if rule.startswith("/cert/api"):  # a locker signs what it sends, whatever that is
        sent["data"], headers["x-digilocker-hmac"] = b"<a/>", signature_of(b"<a/>", KEY)
        sent["headers"] = headers
    answer = client.open(address(rule, node=node), method=method, **sent)
    assert answer.status_code != 500, (method, rule, role)
    return answer.status_code not in (401, 403)


def is_open(one: Tried) -> bool:
    """Whether somebody who has not signed in gets through."""
    return NOBODY in one.through


def page(site: Sequence[Tried], registry: Sequence[Tried]) -> str:
    """Write the page of roles."""
    api = [one for one in site if one.path.startswith("/api/")]
    pages = [one for one in site if one not in api]
    v1 = [one for one in registry if one.path.startswith("/v1")]
    reading = [one for one in v1 if not is_open(one)]
    nodes = [one for one in v1 if is_open(one)]
    offices = [one for one in registry if one not in v1]
    parts = [
        "# Who may do what",
        "",
        "Each line was tried: a request was made by somebody with that one role alone, and by"
        " nobody who is\nsigned in. *yes*: the request got through to what the route does, which"
        " may refuse it for what it says; a\nform and a command have rules of their own, such as a"
        " supervisor's PIN, and\neach [slip](slips.md) its own roles: a clinician gets through to the"
        " papers of the documents that they may read,\nand to no other. A dot: it was refused, or"
        " asked to sign in. Who decides at the registry had a second factor,\nand for programs a"
        " token without one.",
        "",
        "`tests/web/test_roles.py` tries it again and fails when this page says something else."
        " It is written\nanew by"
        " `PYTHONPATH=.:tests/helpers python tests/helpers/tried_roles.py`.",
        "",
    ]
    for title, rows, roles in (
        ("The site's pages", pages, SITE_ROLES),
        ("The site's API", api, SITE_ROLES),
        ("The registry's office", offices, OPERATORS),
        ("What national systems read", reading, OPERATORS),
    ):
        parts += [f"## {title}", "", *_table(rows, roles), ""]
    parts += [
        "## What sites say to the registry",
        "",
        "Nobody signs in here: each message is signed by the site, or carries its enrolment code"
        " ([protocol](protocol.md)).",
        "",
        *_table(nodes, ()),
        "",
    ]
    return "\n".join(parts)


def _table(rows: Sequence[Tried], roles: Sequence[str]) -> Iterator[str]:
    yield f"| route | not signed in | {' | '.join(roles)} |"
    yield "|---" * (len(roles) + 2) + "|"
    for one in rows:
        marks = ("yes" if role in one.through else "·" for role in (NOBODY, *roles))
        path = one.path.replace("|", "\\|")
        yield f"| `{one.method} {path}` | {' | '.join(marks)} |"


def main(
    write: Callable[[str], Any] = lambda text: PAGE.write_text(text, encoding="utf-8"),
) -> None:
    """Try everything and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        write(page(tried_at_site(place), tried_at_registry(place)))


if __name__ == "__main__":
    main()
    sys.stdout.write(json.dumps({"written": str(PAGE)}) + "\n")
