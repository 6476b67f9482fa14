"""Whoever sees a person, a list, a certificate or a search result is noted, whichever way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from site_factory import vouch_for

from edge.domain.catalogue import Role
from edge.journal import access, views
from edge.journal.access import Access
from edge.node import Node
from edge.services.printing.slip_roles import SLIP_ROLES
from edge.web.noting import SLIPS_OF_PEOPLE, Sight
from edge.web.pages import FROM_FORMS, STAFF_PAGES
from edge.web.route import CLINICAL
from edge.web.routes import ROUTES

SignedIn = Callable[[str], FlaskClient]
SHOWS_NOBODY = {
    # pages
    *(page.path for page in FROM_FORMS),
    "/merges/<id_>/undo", "/appointments/<id_>/cancel", "/slots", "/doses/<id_>/sign",
    "/clock", "/clock/ahead", "/vaccinator", "/vials/<code>", "/staff", "/sessions", "/cash", "/cash.csv",
    # the API
    "/sessions/{name}", "/payments",
}  # fmt: skip
"""Routes of those who may see people that send their reader on, or show none of them."""


@pytest.fixture(scope="module")
def dose(
    node: Node, signed_in: SignedIn, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Give somebody a dose with a certificate."""
    vouch_for(node, tmp_path_factory.mktemp("authority"))
    with node.journal.reading() as db:
        person = views.find_people(db, "Grace Wanjiru")[0].id
    id_ = node.site.ids.new()
    give = {"type": "GiveDose", "person": person, "programme": "covid-19",
            "vaccine": "coviprotect", "lot": "CP2611A"}  # fmt: skip
    answer = signed_in("V1").put(f"/api/v1/entries/{id_}", json=give)
    assert answer.status_code == 200, answer.text
    return {"person": person, "dose": id_, "certificate": answer.get_json()["certificate"]["id"]}


def seen_since(node: Node, number: int) -> list[Access]:
    node.use_cases.access.flush()
    with node.journal.reading() as db:
        rows = access.page(db, kinds=sorted(access.SEEING), limit=500)
    return [row.access for row in rows if row.number > number]


def last(node: Node) -> int:
    node.use_cases.access.flush()
    with node.journal.reading() as db:
        rows = access.page(db, limit=1)
    return rows[0].number if rows else 0


GETS = [
    ("/people/{person}", "person"),
    ("/people/{person}/plan", "person"),
    ("/people/{person}/card", "person"),
    ("/people/{person}/plan", "person"),
    ("/slips/plan?of={person}", "certificate"),
    ("/api/v1/people/{person}/plan", "person"),
    ("/people/{person}/correct", "person"),
    ("/people/{person}/status", "person"),
    ("/people/{person}/same", "person"),
    ("/people/{person}/give/covid-19/coviprotect", "person"),
    ("/doses/{dose}", "person"),
    ("/doses/{dose}/take-back", "person"),
    ("/doses/{dose}/correct", "person"),
    ("/certificates/{certificate}/qr.png", "certificate"),
    ("/slips/certificate?of={certificate}", "certificate"),
    ("/slips/certificate.png?of={certificate}", "certificate"),
    ("/slips/plan?of={person}", "certificate"),
    ("/slips/plan.png?of={person}", "certificate"),
    ("/slips/card?of={person}", "certificate"),
    ("/slips/card.png?of={person}", "certificate"),
    ("/slips/history?of={person}", "certificate"),
    ("/slips/history.png?of={person}", "certificate"),
    ("/slips/sticker?of={dose}", "certificate"),
    ("/slips/sticker.png?of={dose}", "certificate"),
    ("/records", "list"),
    ("/api/v1/people/{person}", "person"),
    ("/api/v1/people/{person}/schedule", "person"),
    ("/api/v1/people/{person}/plan", "person"),
    ("/api/v1/entries/{dose}", "person"),
    ("/api/v1/certificates/{certificate}", "certificate"),
    ("/api/v1/certificates/{certificate}/qr.png", "certificate"),
    ("/api/v1/slips/certificate.png?of={certificate}", "certificate"),
    ("/api/v1/doses", "list"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("path", "kind"), GETS)
def test_whoever_reads_of_a_person_is_noted_with_the_person(
    node: Node, signed_in: SignedIn, dose: dict[str, str], path: str, kind: str
) -> None:
    browser, before = signed_in("S1"), last(node)
    answer = browser.get(path.format(**dose))
    assert answer.status_code == 200, answer.text
    (found,) = seen_since(node, before)
    assert (found.kind, found.staff, found.device) == (kind, "S1", "address:127.0.0.1")
    assert dose["person"] in found.people
    assert "{" in found.place or "<" in found.place or found.place in path


@pytest.mark.parametrize("text", ["Grace", "wanjiru grace", "Gracie Wanjiro"])
@pytest.mark.slow
def test_a_search_is_noted_with_whom_it_found_and_not_with_what_was_typed(
    node: Node, signed_in: SignedIn, dose: dict[str, str], text: str
) -> None:
    asks: list[Callable[[FlaskClient], Any]] = [
        lambda browser: browser.post("/", data={"q": text}),
        lambda browser: browser.post("/api/v1/people/search", json={"text": text}),
        lambda browser: browser.post("/api/v1/people/find", json={"text": text}),
    ]
    for ask in asks:
        browser, before = signed_in("R1"), last(node)
        assert ask(browser).status_code == 200
        (found,) = seen_since(node, before)
        assert (found.kind, found.staff) == ("search", "R1")
        assert dose["person"] in found.people
        assert text not in str(found)


@pytest.mark.parametrize(
    "path", ["/recall", "/recall/all", "/recall.csv", "/api/v1/recall", "/api/v1/recall.csv"]
)
def test_a_list_is_noted_with_everybody_on_it_also_one_that_is_sent_piece_by_piece(
    node: Node, signed_in: SignedIn, path: str
) -> None:
    with node.journal.reading() as db:
        someone = views.find_people(db, "Tendai")[0].id
    browser, before = signed_in("S1"), last(node)
    answer = browser.get(f"{path}?until=2027-12-31")
    assert answer.status_code == 200
    assert len(answer.data) > 100
    found = seen_since(node, before)
    assert {one.kind for one in found} == {"list"}
    assert someone in {person for one in found for person in one.people}


def test_a_form_that_is_refused_shows_the_person_and_is_noted(
    node: Node, signed_in: SignedIn, dose: dict[str, str]
) -> None:
    browser, before = signed_in("V1"), last(node)
    form = {"id": node.site.ids.new(), "programme": "polio", "lot": "x|y"}
    assert browser.post(f"/people/{dose['person']}/give", data=form).status_code == 409
    (found,) = seen_since(node, before)
    assert found.people == (dose["person"],)


def test_a_page_that_comes_back_at_the_sign_in_is_noted_under_the_one_who_signed_in(
    node: Node, signed_in: SignedIn, dose: dict[str, str]
) -> None:
    browser, before = signed_in(""), last(node)
    kept = '{"path":"/people/%s/correct","form":{"name":"X","reason":"y"}}' % dose["person"]  # noqa: UP031
    answer = browser.post("/sign-in", data={"code": "R1", "pin": "2468", "kept": kept})
    assert answer.status_code == 200
    (found,) = seen_since(node, before)
    assert (found.staff, found.people) == ("R1", (dose["person"],))


@pytest.mark.parametrize(
    "path", ["/people/{person}", "/api/v1/people/{person}", "/access", "/records"]
)
def test_who_may_not_see_is_not_noted_as_having_seen(
    node: Node, signed_in: SignedIn, dose: dict[str, str], path: str
) -> None:
    for code in ("", "T1"):
        browser, before = signed_in(code), last(node)
        assert browser.get(path.format(**dose)).status_code in (303, 401, 403)
        assert seen_since(node, before) == []


@pytest.mark.parametrize(
    "path",
    ["/people/nobody", "/doses/none", "/certificates/x/qr.png", "/slips/certificate.png?of=x"],
)
def test_what_is_not_here_was_not_seen(node: Node, signed_in: SignedIn, path: str) -> None:
    browser, before = signed_in("S1"), last(node)
    assert browser.get(path).status_code == 404
    assert seen_since(node, before) == []


def _sights() -> list[tuple[str, frozenset[Role], Sight | None]]:
    return [
        *((page.path, page.roles, page.sees) for page in STAFF_PAGES),
        *((route.path, route.roles, route.sees) for route in ROUTES if route.method != "PUT"),
    ]


def test_every_route_of_those_who_may_see_people_says_what_it_shows() -> None:
    """A route for staff of every role shows people only where its view says so, and is named here."""
    silent = {path for path, roles, sees in _sights() if roles and roles <= CLINICAL and not sees}
    assert silent == SHOWS_NOBODY


def test_every_slip_that_a_technician_may_not_see_says_of_whom_it_is() -> None:
    of_people = {slip for slip, roles in SLIP_ROLES.items() if "technician" not in roles}
    assert of_people == {*SLIPS_OF_PEOPLE, "badge", "receipt", "cash"}  # of money, without a name


def test_the_page_lists_by_person_and_by_staff_page_by_page(
    node: Node, signed_in: SignedIn, dose: dict[str, str]
) -> None:
    supervisor = signed_in("S1")
    for _ in range(60):
        node.use_cases.access.note("person", "V2", "address:192.0.2.9", [dose["person"]], "/x")
    page = supervisor.get(f"/access?person={dose['person']}&staff=V2")
    assert page.status_code == 200
    assert "Grace Wanjiru" in page.text
    assert page.text.count("192.0.2.9") == 50
    older = page.text.split('<a class="button" href="/access?')[1].split('"')[0]
    rest = supervisor.get("/access?" + older.replace("&amp;", "&"))
    assert rest.text.count("192.0.2.9") == 10
    assert "Older ones" not in rest.text
    listed = supervisor.get(f"/api/v1/access?person={dose['person']}&staff=V2").get_json()
    assert len(listed) == 50
    before = listed[-1]["number"]
    rest_listed: Any = supervisor.get(
        f"/api/v1/access?person={dose['person']}&staff=V2&before={before}"
    ).get_json()
    assert len(rest_listed) == 10
    whole = supervisor.get("/access").text
    assert "Saw the record" in whole
    assert "/x" not in whole  # an address of a page is no sentence


@pytest.mark.parametrize(
    "query",
    [
        "before=-1",
        "before=x",
        "before=" + "9" * 400,
        "person=%00",
        "staff=%ED%A0%80",
        "person=" + "x" * 5000,
    ],
)
def test_any_question_for_who_saw_whom_gets_a_list(
    node: Node, signed_in: SignedIn, query: str
) -> None:
    for path in ("/access", "/api/v1/access"):
        assert signed_in("S1").get(f"{path}?{query}").status_code == 200


def test_a_supervisor_comes_from_a_persons_page_to_who_saw_it(
    node: Node, signed_in: SignedIn, dose: dict[str, str]
) -> None:
    link = f'href="/access?person={dose["person"]}"'
    assert link in signed_in("S1").get(f"/people/{dose['person']}").text
    assert link not in signed_in("V1").get(f"/people/{dose['person']}").text


@pytest.mark.slow
def test_names_stand_in_no_record_of_who_saw_whom(
    node: Node, signed_in: SignedIn, dose: dict[str, str], tmp_path: Path
) -> None:
    signed_in("S1").get(f"/people/{dose['person']}")
    node.use_cases.access.flush()
    with node.journal.reading() as db:
        told = str(db.execute("SELECT content FROM access").fetchall())
    assert "Grace" not in told
