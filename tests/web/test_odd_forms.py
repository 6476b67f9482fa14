"""Whatever is sent to a route, as whichever role, is answered in words: nothing is a fault of ours."""

from __future__ import annotations

import json
import logging
import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import pytest
from flask.testing import FlaskClient
from shares import ODD_REQUESTS, first_quick
from urllib3.filepost import encode_multipart_formdata

from edge.journal import print_jobs, views
from edge.node import Node
from edge.web.pages import PAGES
from edge.web.routes import ROUTES
from sync.resources import resource

SignedIn = Callable[[str], FlaskClient]
ROLES = ("S1", "R1", "V1", "T1", "")
EACH_ROLE = first_quick(ROLES, 1)
"""A supervisor may the most: quick has that role, and slow the others."""
ODD = (
    "", " ", "0", "-1", "1", "9" * 400, "1e999", "NaN", "x" * 70_000, "\0", "a\0b", "\ud800", "\udfff\ud800",
    "\u202egnirts", "\x1b[31m", "\r\nSet-Cookie: a=b", "'; DROP TABLE person; --", "{{7*7}}",
    "%s%n", "../../etc/passwd", "null", "[]", "{}", '{"a":', "[" * 5000, "true", "=1+1", "\uff1d1", "٣", "⅕", "²",
    "2026-02-30", "0000-00-00", "9999-12-31", "2026-13", "coviprotect|CP2611A", "|", "a|b|c", "covid-19",
    "V1", "S1", "2468", "R1|", "dose", "person", "Female", "yes", "no", "on", "find", "take", "look",
    "01890000-0000-7000-8000-000000000001", "00000000-0000-0000-0000-000000000000", "é" * 300, "\uffff", "\U0010ffff",
    "Ⅷ", "①", "1" * 5000, "-", "+", ".", ",", "1,2", "1.5", "१२", "😀", "desk", "tally", "setup", "badge",
)  # fmt: skip


@cache
def fields() -> tuple[str, ...]:
    """Name every field that a form of a page has."""
    found = set()
    for page in (resource("templates") / "pages").glob("*.html"):
        found |= set(re.findall(r'name="([\w.-]+)"', page.read_text(encoding="utf-8")))
    assert len(found) > 60
    return tuple(sorted(found))


@pytest.fixture(scope="module")
def known(node: Node) -> dict[str, list[str]]:
    """Give ids that are there, for paths and fields that name one."""
    with node.journal.reading() as db:
        people = [person.id for person in views.find_people(db, "a")[:3]]
        doses = [row[0] for row in db.execute("SELECT id FROM dose LIMIT 3")]
        papers = [row[0] for row in db.execute("SELECT id FROM certificate LIMIT 2")]
        assert print_jobs.counts(db) is not None
    return {"person": people, "dose": doses, "certificate": papers}


def value(chance: random.Random, known: dict[str, list[str]]) -> str:
    some = [one for many in known.values() for one in many]
    return chance.choice(some) if chance.random() < 0.2 and some else chance.choice(ODD)


def filled(rule: str, chance: random.Random, known: dict[str, list[str]]) -> str:
    """Put values in the place of a path's names."""
    kind = (
        "dose"
        if rule.startswith("/doses")
        else "certificate"
        if "certificates" in rule
        else "person"
    )
    right = known[kind] or ["x"]

    def put(match: re.Match[str]) -> str:
        if match[0].startswith("<any"):
            return "give"
        there = chance.choice(right) if chance.random() < 0.7 else value(chance, known)
        return quote(there[:2000].encode("utf-8", "surrogatepass"), safe="") or "x"

    return re.sub(r"<[^>]*(?:\([^)]*\))?[^>]*>|{\w+}", put, rule)


def form(chance: random.Random, known: dict[str, list[str]]) -> bytes:
    names = chance.sample(fields(), chance.randrange(0, 25))
    names += chance.choices(names or ["x"], k=chance.randrange(0, 4))  # repeated
    pairs = [(name, value(chance, known)) for name in names]
    return urlencode(
        [(name, text.encode("utf-8", "surrogatepass")) for name, text in pairs]
    ).encode()[:400_000]


def headers(chance: random.Random, known: dict[str, list[str]]) -> dict[str, str]:
    """Give what a browser sends beside the form, as odd as the form."""
    names = ("Accept-Language", "Referer", "Divoc-Device", "User-Agent")
    return {name: _header(value(chance, known)) for name in names if chance.random() < 0.2}


def parts(chance: random.Random, known: dict[str, list[str]]) -> tuple[bytes, str]:
    """Give a form with files."""
    pairs: list[tuple[str, Any]] = [
        (name, value(chance, known).encode("utf-8", "surrogatepass"))
        for name in chance.sample(fields(), 6)
    ]
    for name in ("file", "picture", "certificate"):
        content = chance.choice((b"", b"PK\x03\x04", b"\xff\xd8\xff", b"a,b\n1,2\n", bytes(2000)))
        pairs.append((name, (_header(value(chance, known))[:300], content)))
    return encode_multipart_formdata(pairs)


def _header(text: str) -> str:
    return re.sub(r"[^\x20-\x7e]", "?", text)[:2000]


def document(chance: random.Random, known: dict[str, list[str]], deep: int = 0) -> object:
    """Give any JSON: of a command's fields more often than not."""
    kinds = ("text", "number", "list", "none", "bool", "object", "object")
    kind = chance.choice(kinds) if deep < 3 else "text"
    if kind == "object":
        names = chance.sample(_command_fields(), chance.randrange(1, 9))
        made = {name: document(chance, known, deep + 1) for name in names}
        return {**made, **({"type": chance.choice(_types())} if chance.random() < 0.8 else {})}
    made_of: dict[str, Callable[[], object]] = {
        "text": lambda: value(chance, known),
        "number": lambda: chance.choice((0, -1, 2**63, 2**70, 1e308, 1.5)),
        "list": lambda: [document(chance, known, deep + 1) for _ in range(chance.randrange(4))],
        "none": lambda: None,
        "bool": lambda: True,
    }
    return made_of[kind]()


@cache
def _types() -> tuple[str, ...]:
    described = msgspec.json.schema(next(route.body for route in ROUTES if "entries" in route.path))
    return tuple(sorted({str(one).rpartition("/")[2] for one in described["$defs"]}))


@cache
def _command_fields() -> tuple[str, ...]:
    described = msgspec.json.schema(next(route.body for route in ROUTES if "entries" in route.path))
    found = {name for one in described["$defs"].values() for name in one.get("properties", {})}
    return tuple(sorted({*found, "text", "code", "pin", "ownPin", "id", "slip", "subject"}))


@pytest.fixture
def faults(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """Give what the log says went wrong that nobody expected."""
    with caplog.at_level(logging.ERROR, logger="divoc_edge.web"):
        yield lambda: caplog.text[-600:]


POSTS = [page.path for page in PAGES if "POST" in page.methods]
GETS = [page.path for page in PAGES if "GET" in page.methods]


@pytest.mark.parametrize("role", EACH_ROLE)
@pytest.mark.parametrize("rule", [*POSTS, "/sign-in"])
@pytest.mark.slow
def test_no_form_with_odd_values_is_a_fault_of_ours(
    node: Node, signed_in: SignedIn, known: dict[str, list[str]], faults: Callable[[], str],
    rule: str, role: str,
) -> None:  # fmt: skip
    browser, chance = signed_in(role), random.Random(f"{rule} {role}")
    browser.environ_base["REMOTE_ADDR"] = f"192.0.2.{ROLES.index(role)}"
    browser.set_cookie("ribbon", _header(value(chance, known)))
    browser.set_cookie("printer", _header(value(chance, known)))
    browser.set_cookie("language", _header(value(chance, known)))
    for number in ODD_REQUESTS:
        path, body = filled(rule, chance, known), form(chance, known)
        if number % 3 == 2:
            path += "?" + form(chance, known).decode()[:3000]
        kind = "application/x-www-form-urlencoded"
        if chance.random() < 0.25:
            body, kind = parts(chance, known)
        beside = headers(chance, known)
        answer = browser.post(path, data=body, content_type=kind, headers=beside)
        assert answer.status_code < 500 or answer.status_code == 503, (path, body[:2000], faults())
        if rule == "/sign-out":
            break


@pytest.mark.parametrize("role", EACH_ROLE)
@pytest.mark.parametrize("rule", GETS)
def test_no_question_with_odd_values_is_a_fault_of_ours(
    node: Node, signed_in: SignedIn, known: dict[str, list[str]], faults: Callable[[], str],
    rule: str, role: str,
) -> None:  # fmt: skip
    browser, chance = signed_in(role), random.Random(f"{rule} {role}")
    for _ in ODD_REQUESTS:
        path = filled(rule, chance, known) + "?" + form(chance, known).decode()[:3000]
        path += "&" + urlencode(
            [(name, value(chance, known).encode("utf-8", "surrogatepass")[:900])
             for name in ("of", "until", "other", "after", "seen", "before", "format", "programme")]
        )  # fmt: skip
        answer = browser.get(path, headers=headers(chance, known))
        assert answer.status_code < 500 or answer.status_code == 503, (path, faults())


@pytest.mark.parametrize("role", EACH_ROLE)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_no_call_with_odd_json_is_a_fault_of_ours(
    node: Node, signed_in: SignedIn, known: dict[str, list[str]], faults: Callable[[], str],
    route: object, role: str,
) -> None:  # fmt: skip
    method, rule = route.method, route.path  # type: ignore[attr-defined]
    browser, chance = signed_in(role), random.Random(f"{method} {rule} {role}")
    browser.environ_base["REMOTE_ADDR"] = f"192.0.2.{50 + ROLES.index(role)}"
    if (method, rule) == ("DELETE", "/session"):
        browser = signed_in(role)
    for _ in ODD_REQUESTS:
        path = "/api/v1" + filled(rule, chance, known)
        if chance.random() < 0.4:
            path += "?" + form(chance, known).decode()[:2000]
        body = json.dumps(document(chance, known)).encode()
        if chance.random() < 0.2:
            body = body[: chance.randrange(len(body) + 1)] + bytes([chance.randrange(256)])
        answer = browser.open(path, method=method, data=body, content_type="application/json")
        assert answer.status_code < 500 or answer.status_code == 503, (path, body[:2000], faults())


@pytest.mark.parametrize(
    "sign", first_quick(["%0D%0ASet-Cookie%3A%20a%3Db", "%00", "%1B", "%E2%80%AE", "%7F"], 1)
)
@pytest.mark.parametrize("rule", [*POSTS, *GETS])
def test_an_address_that_holds_what_nobody_can_see_is_no_page(
    node: Node, signed_in: SignedIn, rule: str, sign: str
) -> None:
    path = re.sub(r"<any[^>]*>", "give", rule)
    if "<" not in path:
        return
    path = re.sub(r"<[^>]*>", f"a{sign}", path)
    for answer in (signed_in("S1").post(path), signed_in("S1").get(path)):
        assert answer.status_code in (404, 405)
        assert "Set-Cookie" not in answer.headers.get("Location", "")


class FormsOfPage(HTMLParser):
    """Reads the forms of a page: where each goes, and its fields as a browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[tuple[str, str]]]] = []
        self._choice = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: text or "" for name, text in attrs}
        if tag == "form":
            self.forms.append((told.get("action", ""), []))
        if not self.forms:
            return
        fields_here = self.forms[-1][1]
        if tag in ("input", "button", "textarea") and told.get("name"):
            fields_here.append((told["name"], told.get("value") or "2026-01-01"))
        elif tag == "select":
            self._choice = told.get("name", "")
        elif tag == "option" and self._choice:
            fields_here.append((self._choice, told.get("value", "")))
            self._choice = ""


PAGES_WITH_FORMS = [page for page in GETS if page not in ("/worker.js", "/verify/keys.json")]


@pytest.mark.parametrize("role", EACH_ROLE[:-1])
@pytest.mark.parametrize("rule", PAGES_WITH_FORMS)
def test_no_form_of_a_page_that_is_spoilt_in_a_field_is_a_fault_of_ours(
    node: Node, signed_in: SignedIn, known: dict[str, list[str]], faults: Callable[[], str],
    rule: str, role: str,
) -> None:  # fmt: skip
    browser, chance = signed_in(role), random.Random(f"{rule} {role}")
    browser.environ_base["REMOTE_ADDR"] = f"192.0.2.{100 + ROLES.index(role)}"
    right = known["dose" if rule.startswith("/doses") else "person"][0]
    path = re.sub(r"<id_>", right, rule).replace("<programme>", "covid-19")
    path = path.replace("<vaccine>", "coviprotect").replace("<code>", "coviprotect")
    path = re.sub(r"<name>", "desk" if "printers" in rule else "tally", path)
    page = browser.get(f"{path}?of={node.clock.today()}")
    found = [
        one
        for one in FormsOfPage(page.data.decode("utf-8", "replace")).forms
        if one[0] not in ("/sign-out", "/change")
    ]
    for _ in ODD_REQUESTS:
        for action, pairs in found:
            spoilt = [
                (name, value(chance, known) if chance.random() < 0.25 else text)
                for name, text in pairs
                if chance.random() < 0.95
            ]
            if chance.random() < 0.5:
                spoilt = [(n, node.site.ids.new() if n == "id" else text) for n, text in spoilt]
            body = urlencode([(n, t.encode("utf-8", "surrogatepass")) for n, t in spoilt])
            answer = browser.post(
                action.split("#")[0] or path,
                data=body[:400_000],
                content_type="application/x-www-form-urlencoded",
            )
            fine = answer.status_code < 500 or answer.status_code == 503
            assert fine, (action, body[:2000], faults())


def test_a_fault_of_ours_would_be_seen(
    node: Node, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "lots", lambda _: 1 / 0)
    assert signed_in("S1").post("/stock", data={"quantity": "1"}).status_code == 500
