"""What a mother asks: the page, the paper and the API of all coming visits."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from infants import with_infants
from next_edition import put_in_force
from ruamel.yaml import YAML
from site_factory import filled_site

from edge.adapters.settings import PrinterSettings, Settings
from edge.cli import main
from edge.domain.catalogue import Staff
from edge.domain.errors import Conflict, NotAllowed
from edge.journal import print_jobs, views
from edge.node import Node
from edge.services.commands import PrintSlip, RecordStatus, RegisterPerson
from edge.services.commands.people import AddressInput
from edge.services.printing.print_room import NO_PRINTER
from edge.slips.slip_maker import SlipRequest
from edge.web.app import create_app
from printers.document import Document, Field, Qr, Text

SignedIn = Callable[[str], FlaskClient]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Give a site with the infant schedule and sessions on Tuesdays and Fridays."""
    folder: Path = tmp_path_factory.mktemp("visits")
    printer = PrinterSettings("desk", f"file://{folder}/paper.bin", "virtual-80")
    node = filled_site(
        folder / "site", Settings(facility="DEMO01", zone="UTC", printers=(printer,))
    )
    with_infants(node, folder / "campaign")
    yaml, file = YAML(), folder / "campaign/facilities.yaml"
    found = yaml.load(file.read_text(encoding="utf-8"))
    found[0]["session_days"] = ["Tue", "Fri"]
    with file.open("w", encoding="utf-8") as out:
        yaml.dump(found, out)
    put_in_force(node, node.campaigns.reader.folder(folder / "campaign"))
    yield node
    node.close()


@pytest.fixture(scope="module")
def staff(node: Node) -> Callable[[str], Staff]:
    with node.journal.reading() as db:
        return node.site.catalogues.current(db).staff.__getitem__


@pytest.fixture(scope="module")
def infant(node: Node, staff: Callable[[str], Staff]) -> Callable[..., str]:
    def register(name: str, **more: Any) -> str:
        id_ = node.site.ids.new()
        command = RegisterPerson(name=name, gender="Female", different_person=True, **more)
        node.desk.take(id_, command, staff("R1"))
        return id_

    return register


@pytest.fixture(scope="module")
def newborn(node: Node, infant: Callable[..., str]) -> str:
    return infant("Halima Newborn", birth_date=node.clock.today() - timedelta(days=3))


def planned(node: Node, subject: str) -> Document:
    return node.print_room.slip(SlipRequest("plan", subject), NO_PRINTER)


def words_of(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Text)]


def token(browser: FlaskClient) -> dict[str, str]:
    told = browser.post("/api/v1/session", json={"code": "V1", "pin": "2468"}).get_json()
    return {"Authorization": f"Bearer {told['token']}"}


@pytest.fixture(scope="module")
def browse(node: Node) -> SignedIn:
    app = create_app(node.backend())

    def browser(code: str) -> FlaskClient:
        client = app.test_client()
        assert client.post("/sign-in", data={"code": code, "pin": "2468"}).status_code == 303
        return client

    return browser


@pytest.mark.slow
def test_the_api_gives_every_visit_with_its_doses_on_session_days_and_why(
    node: Node, browse: SignedIn, newborn: str
) -> None:
    browser = browse("V1")
    told = browser.get(f"/api/v1/people/{newborn}/plan", headers=token(browser)).get_json()
    assert told["asOf"] == node.clock.today().isoformat()
    infants = [
        (visit["on"], dose["vaccine"], dose["dose"], dose["total"])
        for visit in told["visits"]
        for dose in visit["doses"]
        if dose["programme"] == "infants"
    ]
    doses = ("BCG 1", "HepB-birth 1", "OPV 1", "OPV 2", "OPV 3", "IPV 1", "IPV 2", "Penta 1",
             "Penta 2", "Penta 3", "PCV 1", "PCV 2", "PCV 3", "Rota 1", "Rota 2", "MR 1", "MR 2")  # fmt: skip
    assert {f"{vaccine} {number}" for _, vaccine, number, _ in infants} == set(doses)
    assert {date.fromisoformat(visit["on"]).weekday() for visit in told["visits"]} <= {1, 4}
    for visit in told["visits"]:
        for dose in visit["doses"]:
            assert dose["notBefore"] <= visit["on"]
            assert dose["why"]
    mr = next(d for v in told["visits"] for d in v["doses"] if d["vaccine"] == "MR")
    assert mr["why"][0].startswith("Old enough from ")


def test_a_plan_stops_at_the_day_that_is_asked_for(
    node: Node, browse: SignedIn, newborn: str
) -> None:
    browser = browse("V1")
    until = node.clock.today() + timedelta(days=60)
    path = f"/api/v1/people/{newborn}/plan?until={until}"
    told = browser.get(path, headers=token(browser)).get_json()
    assert all(visit["on"] <= until.isoformat() for visit in told["visits"])
    assert told["more"] is True
    assert browser.get(f"{path}x", headers=token(browser)).status_code == 400


@pytest.mark.slow
def test_the_page_leads_from_the_person_to_every_visit_and_prints_it(
    node: Node, browse: SignedIn, newborn: str
) -> None:
    browser = browse("R1")
    assert f"/people/{newborn}/plan" in browser.get(f"/people/{newborn}").text
    page = browser.get(f"/people/{newborn}/plan").text
    assert "Coming visits" in page
    assert re.search(r"(Tuesday|Friday) · \d+ \w+ \d{4}", page)
    assert not re.search(r"(Monday|Wednesday|Thursday|Saturday|Sunday) ·", page)
    (form,) = (one for one in re.findall(r"<form.*?</form>", page, re.S) if "/slips/plan" in one)
    id_ = re.search(r'name="id" value="([^"]+)"', form)[1]  # type: ignore[index]
    printed = browser.post(f"/slips/plan?of={newborn}", data={"id": id_})
    assert printed.status_code == 303
    assert printed.headers["Location"] == f"/slips/plan?of={newborn}"
    with node.journal.reading() as db:
        (job,) = print_jobs.jobs_of(db, newborn, "plan")
    assert job.slip == "plan"
    node.print_room.spoolers["desk"].run()
    with node.journal.reading() as db:
        (job,) = print_jobs.jobs_of(db, newborn, "plan")
    assert job.sha256, "it was read back from its own bytes before it was sent"
    assert browser.get(f"/slips/plan.png?of={newborn}").data.startswith(b"\x89PNG")


def test_the_page_speaks_the_language_of_its_reader(browse: SignedIn, newborn: str) -> None:
    browser = browse("R1")
    browser.post("/language", data={"language": "fr"})
    page = browser.get(f"/people/{newborn}/plan").text
    assert "Prochaines visites" in page
    assert re.search(r"(mardi|vendredi) · \d+ ", page)


def test_the_card_has_a_name_a_code_days_and_vaccines_and_nothing_else_of_the_person(
    node: Node, infant: Callable[..., str]
) -> None:
    born = node.clock.today() - timedelta(days=3)
    subject = infant(
        "Zainab Card",
        birth_date=born,
        phone="0555 123 456",
        address=AddressInput(district="North Delta"),
    )
    document = planned(node, subject)
    with node.journal.reading() as db:
        person = views.person(db, subject)
    assert person is not None
    told = repr(document.blocks)
    assert "Zainab Card" in told
    assert person.code in told
    for kept in (born.isoformat(), "0555", "North Delta", person.id):
        assert kept not in told
    (code,) = [one for one in document.blocks if isinstance(one, Qr)]
    assert code.payload == person.code.encode()
    fields = [(one.label, one.value) for one in document.blocks if isinstance(one, Field)]
    assert ("As of", node.clock.today().isoformat()) in fields
    assert ("Penta", "3 / 3") in fields
    assert any(re.fullmatch(r"(Tuesday|Friday) \d{4}-\d\d-\d\d", one) for one in words_of(document))
    assert words_of(document)[-1].startswith("END ")


def test_somebody_for_whom_nothing_is_planned_gets_no_paper(
    node: Node, infant: Callable[..., str], staff: Callable[[str], Staff]
) -> None:
    subject = infant("Moved Away", birth_date=node.clock.today() - timedelta(days=30))
    command = RecordStatus(person=subject, status="moved")
    node.desk.take(node.site.ids.new(), command, staff("S1"))
    with pytest.raises(Conflict) as caught:
        planned(node, subject)
    assert caught.value.code == "plan.none"


def test_a_technician_sees_and_prints_no_plan(
    node: Node, browse: SignedIn, newborn: str, staff: Callable[[str], Staff]
) -> None:
    browser = browse("T1")
    for path in (
        f"/people/{newborn}/plan",
        f"/slips/plan?of={newborn}",
        f"/slips/plan.png?of={newborn}",
    ):
        assert browser.get(path).status_code == 403
    with pytest.raises(NotAllowed):
        node.desk.take(node.site.ids.new(), PrintSlip(slip="plan", subject=newborn), staff("T1"))


def test_the_command_line_plans_as_the_api_does(node: Node, browse: SignedIn, newborn: str) -> None:
    with node.journal.reading() as db:
        person = views.person(db, newborn)
    assert person is not None
    words = ["schedule", "plan", "--person", person.code, "--data", str(node.folder)]
    told = CliRunner().invoke(main, [*words, "--json"])
    assert told.exit_code == 0, told.output
    browser = browse("V1")
    api = browser.get(f"/api/v1/people/{newborn}/plan", headers=token(browser)).get_json()
    found = json.loads(told.output)
    assert [visit["on"] for visit in found["visits"]] == [visit["on"] for visit in api["visits"]]
    assert [
        (dose["vaccine"], dose["dose"], dose["total"], dose["late"])
        for visit in found["visits"]
        for dose in visit["doses"]
    ] == [
        (dose["vaccine"], dose["dose"], dose["total"], dose["late"])
        for visit in api["visits"]
        for dose in visit["doses"]
    ]
    plain = CliRunner().invoke(main, words)
    assert "Old enough from " in plain.output
