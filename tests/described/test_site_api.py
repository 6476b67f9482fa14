"""The site answers as its OpenAPI document says, whatever anybody sends, as whichever role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from described import KINDS, Described
from shares import DESCRIBED_REQUESTS, first_quick
from site_factory import filled_site, vouch_for

from edge.adapters.settings import PrinterSettings, Settings
from edge.domain.dose import Dose
from edge.journal import views
from edge.node import Node
from edge.services.commands import GiveDose
from edge.web.app import create_app
from edge.web.routes import ROUTES

OPERATIONS = [f"{route.method} /api/v1{route.path}" for route in ROUTES]
ROLES = ("S1", "V1", "R1", "T1", "")
EACH_ROLE = first_quick(ROLES, 1)
"""A supervisor may the most."""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder: Path = tmp_path_factory.mktemp("described")
    printer = PrinterSettings("desk", f"file://{folder}/paper.bin", "virtual-80")
    node = filled_site(folder / "site", Settings(facility="DEMO01", printers=(printer,)))
    vouch_for(node, folder / "nation")
    yield node
    node.close()


@pytest.fixture(scope="module")
def dose(node: Node) -> Dose:
    """Give a dose that was given here, with its certificate."""
    with node.journal.reading() as db:
        person = views.find_people(db, "Eleni")[0].id
        staff = node.site.catalogues.current(db).staff["V1"]
    command = GiveDose(person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A")
    node.desk.take(node.site.ids.new(), command, staff)
    with node.journal.reading() as db:
        return views.history(db, person)[-1]


@pytest.fixture(scope="module")
def site(node: Node, dose: Dose) -> Described:
    app = create_app(node.backend())
    with node.journal.reading() as db:
        people = [person.id for person in views.find_people(db, "a")[:3]]
        papers = [paper.id for paper in views.certificates_of(db, dose.person)]
    new = [node.site.ids.new() for _ in range(4)]
    subjects = [*people, *papers, dose.id, "coviprotect|CP2611A", "DEMO01", "V1", "2026-11-24"]
    slips = ["certificate", "appointment", "plan", "sticker", "vial", "tally", "setup", "badge"]
    known = {
        "people/{id}": people, "entries/{id}": [*new, *people, dose.id], "print-jobs/{id}": ["1"],
        "certificates/{id}": papers, "slips/{slip}": slips, "staff/{code}": ["V2", "V9"], "id": new,
        "imports/{kind}": ["stock", "enrolments", "certificates", "campaign", "vaccinators"],
        "person": people, "keep": people, "other": people, "dose": [dose.id], "certificate": papers,
        "programme": ["covid-19"], "vaccine": ["coviprotect"], "lot": ["CP2611A"],
        "vaccinator": ["V1", "V2"], "staff": ["V1", "V9"], "code": ["V2", "V9"],
        "slip": slips, "subject": subjects, "of": subjects, "printer": ["desk"], "format": ["divoc", "hcert"],
        "until": ["2027-01-01"], "on": ["2026-11-24"], "limit": ["1", "100"], "dryRun": ["true"],
        "identity": ["did:in.gov.uidai:1"], "text": ["Amina", "Tendai Moyo"],
    }  # fmt: skip
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    return Described(document, app, known)


@pytest.fixture(scope="module")
def tokens(node: Node) -> Callable[[str], str]:
    """Give a new session of a member of staff: one of the requests ends sessions."""

    def token(code: str) -> str:
        if not code:
            return ""
        with node.journal.reading() as db:
            staff = node.site.catalogues.current(db).staff[code]
        return node.authenticator.sessions.open(staff, "127.0.0.1")

    return token


def test_every_operation_of_the_document_is_played(site: Described) -> None:
    assert sorted(site.names) == sorted(OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("role", EACH_ROLE)
def test_the_site_answers_what_its_document_promises(
    site: Described, tokens: Callable[[str], str], role: str, name: str
) -> None:
    for kind in KINDS:
        if (name, kind) != ("GET /api/v1/ping", "negative"):  # nothing of it can be wrong
            site.play(name, kind, DESCRIBED_REQUESTS, lambda: tokens(role))


@pytest.mark.slow
def test_right_requests_are_answered_and_not_only_refused(
    site: Described, tokens: Callable[[str], str]
) -> None:
    answered = site.play("POST /api/v1/people/find", "positive", 20, lambda: tokens("S1"))
    assert answered[200] > 5
    answered = site.play("GET /api/v1/people/{id}", "positive", 40, lambda: tokens("S1"))
    assert answered[200], answered
    assert answered[401], answered
