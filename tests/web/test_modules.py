"""Modules in any combination: what is off is nowhere, and nothing that is shown leads to it."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import combinations
from typing import Any, get_args

import msgspec
import pytest
from flask.templating import Environment
from flask.testing import FlaskClient
from forms import give, ids, newcomer
from next_edition import put_in_force
from site_factory import demonstration
from werkzeug.routing import Map

from edge.adapters.settings_modules import module_trouble
from edge.domain.modules import EVERY, MODULES, met, running, unmet
from edge.domain.slip_template import OFFERS
from edge.node import Node
from edge.services.commands import Command
from edge.services.commands.needs import COMMAND_NEEDS, known_commands
from edge.services.printing.slip_roles import SLIP_NEEDS, SLIP_ROLES
from edge.web.app import create_app
from edge.web.modular import ModularApp
from edge.web.office import _KIND_NEEDS, KIND_WORDS
from edge.web.pages import PAGES
from edge.web.routes import ROUTES

SignedIn = Callable[[str], FlaskClient]
NOTHING_SUCH = "There is no such page."
COMBINATIONS = [frozenset(names) for many in (1, 2) for names in combinations(MODULES, many)]
STARTING = [names for names in COMBINATIONS if not list(unmet(names))]


def named(names: frozenset[str]) -> str:
    return "+".join(sorted(names))


def app_of(node: Node, names: frozenset[str]) -> ModularApp:
    """Make the application of a site on which these modules run."""
    app = create_app(replace(node.backend(), running=lambda: names))
    assert isinstance(app, ModularApp)
    app.jinja_env = compiled.setdefault("env", app.jinja_env)  # pages are compiled once
    return app


compiled: dict[str, Environment] = {}


@pytest.fixture(scope="module")
def dose(signed_in: SignedIn) -> str:
    """Give the path of a dose that was given here, with its certificate."""
    browser = signed_in("V1")
    return give(browser, newcomer(browser, "Wanjiru Atieno"))


@pytest.fixture(scope="module")
def token(signed_in: SignedIn) -> str:
    """Sign a supervisor in once: a PIN costs time to check."""
    browser = signed_in("S1")
    cookie = browser.get_cookie("divoc_edge_session")
    assert cookie
    return cookie.value


def with_token(app: ModularApp, token: str) -> FlaskClient:
    browser = app.test_client()
    browser.set_cookie("divoc_edge_session", token)
    return browser


def ways(page: str) -> Iterator[tuple[str, str]]:
    """Give what a page leads to: the attribute and the path."""
    for attribute, path in re.findall(r'\b(href|src|action|formaction)="(/[^"]*)"', page):
        yield attribute, html.unescape(path)


def walked(
    app: ModularApp, names: frozenset[str], browser: FlaskClient, begin: list[str]
) -> set[str]:
    """Follow every way, once for each view, and give the views; a dead end is a failure."""
    seen: set[str] = set()
    waiting = list(begin)
    while waiting:
        path = waiting.pop()
        answer = browser.get(path)
        assert answer.status_code not in (404, 500), f"{path} leads nowhere"
        if answer.status_code in (302, 303):
            waiting.append(answer.headers["Location"])
            continue
        if "html" not in answer.content_type:
            continue
        for attribute, way in ways(answer.text):
            view = endpoint(app, way)
            assert view, f"{path} leads to {way}, which is not routed"
            again = f"{view} {way.split('?')[0] if view.startswith('pages.slip') else ''}"
            if slip := re.match(r"/slips/(\w+)", way):
                assert met(SLIP_NEEDS[slip[1]], names), f"{path} leads to {way}"
            if len(names) > 1 and not app.needs.get(view):
                continue  # what is part of every site was walked with each module alone
            if attribute == "href" and again not in seen and view != "static":
                seen.add(again)
                waiting.append(way)
    return {name.split(" ")[0] for name in seen}


def endpoint(app: ModularApp, way: str, *methods: str) -> str:
    with app.test_request_context():
        adapter = app.create_url_adapter(
            app.request_class(
                {"REQUEST_METHOD": "GET", "wsgi.url_scheme": "http", "HTTP_HOST": "localhost"}
            )
        )
    assert adapter
    path = way.partition("?")[0]
    for method in methods or ("GET", "POST"):
        if adapter.test(path, method):
            return str(adapter.match(path, method)[0])
    return ""


def test_every_need_names_modules_that_there_are() -> None:
    needs = [
        *(module.needs for module in MODULES.values()),
        *(route.needs for route in ROUTES),
        *(page.needs for page in PAGES),
        *COMMAND_NEEDS.values(),
        *SLIP_NEEDS.values(),
        *_KIND_NEEDS.values(),
    ]
    assert {name for one in needs for some in one for name in some} <= EVERY


def test_every_command_slip_and_table_says_of_which_modules_it_is() -> None:
    assert COMMAND_NEEDS.keys() == set(get_args(Command))
    templates = OFFERS.keys() - {"document"}  # which lays out the slip "certificate" of a document
    assert SLIP_NEEDS.keys() == SLIP_ROLES.keys() == templates
    assert _KIND_NEEDS.keys() == KIND_WORDS.keys()


def test_every_module_switches_a_route() -> None:
    every = [one.needs for one in (*ROUTES, *PAGES)]
    for name in MODULES:
        assert not all(met(needs, EVERY - {name}) for needs in every), f"{name} switches nothing"


@pytest.mark.parametrize("names", STARTING, ids=named)
def test_what_is_off_is_not_routed_by_any_method(
    node: Node, token: str, names: frozenset[str]
) -> None:
    app = app_of(node, names)
    browser = with_token(app, token)
    for route in ROUTES:
        path = "/api/v1" + re.sub(r"{\w+}", "never-was", route.path)
        if not met(route.needs, names):
            assert not endpoint(app, path, route.method), path
    off = next(
        (r for r in ROUTES if r.method == "GET" and "{" not in r.path and not met(r.needs, names)),
        None,
    )
    if off:
        here, never = (browser.open(path, method=method)
                       for path in (f"/api/v1{off.path}", "/api/v1/never-was") for method in ("OPTIONS",))  # fmt: skip
        assert (here.status_code, here.data) == (never.status_code, never.data)
        assert here.status_code == 404
    for page in PAGES:
        if not met(page.needs, names):
            path = re.sub(r"<[^>]+>", "never-was", page.path)
            assert not endpoint(app, path, *page.methods), path


@pytest.mark.parametrize("names", STARTING, ids=named)
def test_the_description_of_the_api_has_what_is_on_and_nothing_else(
    node: Node, names: frozenset[str]
) -> None:
    told = app_of(node, names).test_client().get("/api/v1/openapi.json")
    document = msgspec.json.decode(told.data)
    described = {(method.upper(), path.removeprefix("/api/v1"))
                 for path, methods in document["paths"].items() for method in methods}  # fmt: skip
    assert described == {(r.method, r.path) for r in ROUTES if met(r.needs, names)}
    schemas: dict[str, Any] = document["components"]["schemas"]
    commands = {kind.__name__ for kind in get_args(Command)}
    reachable = {
        kind.__name__ for kind in get_args(known_commands(names)) or (known_commands(names),)
    }
    # what a route takes by itself is described for that route
    bodies = {getattr(r.body, "__name__", "") for r in ROUTES if met(r.needs, names)}
    assert commands & schemas.keys() <= reachable | bodies


@pytest.mark.slow
@pytest.mark.parametrize("names", STARTING, ids=named)
def test_no_page_leads_to_what_is_off(
    node: Node, token: str, dose: str, names: frozenset[str]
) -> None:
    app = app_of(node, names)
    browser = with_token(app, token)
    begin = ["/", "/site", "/sign-in"]
    if endpoint(app, dose):
        begin.append(dose)
        person = re.search(r'href="(/people/[0-9a-f-]{36})"', browser.get(dose).text)
        assert person
        begin.append(person[1])
    elif endpoint(app, "/people/x"):
        with node.journal.reading() as db:
            begin.append("/people/" + next(db.query("SELECT id FROM person LIMIT 1"))["id"])
    views = walked(app, names, browser, begin)
    assert views


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (frozenset({"verification"}), ["/site", "/verify"]),
        (frozenset({"stock"}), ["/stock", "/site"]),
        (frozenset({"certificates"}), ["/", "/records", "/site"]),
    ],
    ids=["verification", "stock", "certificates"],
)
def test_the_menu_has_what_runs_and_nothing_else(
    node: Node, token: str, names: frozenset[str], shown: list[str]
) -> None:
    page = with_token(app_of(node, names), token).get("/site").text
    bar = page[page.index('<nav class="bar"') :]
    assert re.findall(r'href="([^"]+)"', bar) == shown


@pytest.mark.slow
def test_a_site_that_only_verifies_begins_with_the_page_that_verifies(node: Node) -> None:
    browser = app_of(node, frozenset({"verification"})).test_client()
    assert browser.get("/").headers["Location"] == "/verify"
    page = browser.get("/verify").text
    assert 'href="/sign-in"' in page
    assert "/register" not in page


def test_a_program_has_a_certificate_printed_where_nothing_else_runs(
    node: Node, token: str
) -> None:
    browser = with_token(app_of(node, frozenset({"certificates"})), token)
    person = node.site.ids.new()
    answer = browser.put(
        f"/api/v1/entries/{person}",
        json={"type": "RegisterPerson", "name": "Otieno Baraka", "gender": "Male",
              "birthDate": "1988-02-03", "programme": "covid-19"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    dose = {"type": "GiveDose", "person": person, "programme": "covid-19",
            "vaccine": "coviprotect", "lot": "CP2611A", "vaccinator": "V1"}  # fmt: skip
    answer = browser.put(f"/api/v1/entries/{node.site.ids.new()}", json=dose)
    assert answer.status_code == 200, answer.text
    assert answer.json
    certificate = answer.json["certificate"]["id"]
    assert browser.get(f"/api/v1/certificates/{certificate}").status_code == 200
    assert browser.get("/api/v1/stock").status_code == 404
    refused = browser.put(
        f"/api/v1/entries/{node.site.ids.new()}",
        json={
            "type": "ReceiveStock",
            "vaccine": "coviprotect",
            "lot": "X1",
            "expiry": "2030-01-31",
            "quantity": 5,
        },
    )
    assert refused.status_code == 400
    assert refused.json
    assert refused.json["field"] == "type"


@pytest.mark.slow
def test_a_slip_of_a_module_that_is_off_is_one_that_never_was(node: Node, token: str) -> None:
    browser = with_token(app_of(node, frozenset({"verification"})), token)
    off = browser.get("/slips/tally?of=2026-11-24")
    never = browser.get("/slips/never?of=2026-11-24")
    assert (off.status_code, never.status_code) == (404, 404)
    assert off.text.replace("tally", "never") == never.text


@pytest.mark.parametrize("names", [n for n in COMBINATIONS if list(unmet(n))], ids=named)
def test_a_module_that_lacks_another_is_told_with_the_remedy(names: frozenset[str]) -> None:
    trouble = module_trouble(sorted(names), "")
    assert trouble
    name, needed = next(unmet(sorted(names)))
    assert f"{name} without what it needs" in trouble[0]
    assert f"{' or '.join(sorted(needed))} beside it" in trouble[1]


@pytest.mark.parametrize(
    ("names", "registry", "what", "instead"),
    [
        (["vacination"], "", "'vacination'", '"vaccination"'),
        (["laboratory"], "", "'laboratory'", "some of: registration"),
        (["verification"], "https://registry.example", "leaves out registry", "registry beside"),
    ],
)
def test_a_wrong_module_of_a_site_is_named_with_what_to_write(
    names: list[str], registry: str, what: str, instead: str
) -> None:
    trouble = module_trouble(names, registry)
    assert trouble
    assert what in trouble[0]
    assert instead in trouble[1]


def test_what_runs_is_what_site_and_campaign_want_less_what_lacks_another() -> None:
    assert running(EVERY, EVERY) == EVERY
    assert running({"appointments", "registration"}, EVERY - {"registration"}) == frozenset()
    assert running({"stock", "registry"}, {"stock"}) == {"stock", "registry"}


@pytest.mark.slow
def test_a_campaign_switches_a_module_off_and_on_again_while_the_site_runs(
    node: Node, signed_in: SignedIn
) -> None:
    browser, campaign = signed_in("V1"), demonstration()
    assert browser.get("/stock").status_code == 200
    few = {**campaign.body, "modules": ["registration", "vaccination"]}
    put_in_force(node, replace(campaign, body=few))
    try:
        refused = browser.get("/stock")
        assert (refused.status_code, NOTHING_SUCH in refused.text) == (404, True)
        assert 'href="/stock"' not in browser.get("/site").text
        told = browser.get("/api/v1/status").json
        assert told
        assert told["modules"] == ["registration", "registry", "vaccination"]
        path = give_typed(browser, newcomer(browser, "Nakato Babirye"))
        page = browser.get(path).text
        assert "Sign the certificate now" not in page
        assert "qr.png" not in page
    finally:
        put_in_force(node, campaign)
    assert browser.get("/stock").status_code == 200


def give_typed(browser: FlaskClient, path: str) -> str:
    """Give a dose of a lot that is typed from the vial: no stock is kept."""
    form = {
        "id": ids(browser.get(path).text)[0],
        "programme": "covid-19",
        "lot": "coviprotect|CP2611A",
    }
    answer = browser.post(f"{path}/give", data=form)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_requests_that_come_at_once_to_routes_that_were_just_made_are_all_routed(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them would make the routes, and Python 3.11 fails where two threads parse code."""
    making: list[int] = []
    together: list[int] = []
    real = ModularApp._routes_of

    def slow(app: ModularApp, running: frozenset[str]) -> Map:
        making.append(1)
        together.append(len(making))
        time.sleep(0.05)
        made = real(app, running)
        making.pop()
        return made

    monkeypatch.setattr(ModularApp, "_routes_of", slow)
    app = app_of(node, frozenset({"verification"}))
    with ThreadPoolExecutor(20) as asking:
        found = list(asking.map(lambda _: endpoint(app, "/verify"), range(20)))
    assert found == ["pages.verify"] * 20
    assert together == [1]
