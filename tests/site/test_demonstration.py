"""The demonstration: routine immunisation, with a clinic and children of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from command_line import run

from edge.adapters.settings import Settings
from edge.adapters.settings_schedulers import SchedulerSettings
from edge.cli import demo
from edge.cli.demo_locker import DemoLocker
from edge.cli.demo_peers import hand_out_cards, start_scheduler
from edge.cli.demo_systems import DemoSystems
from edge.cli.site import make_site
from edge.domain.errors import Refusal
from edge.domain.recall import calls
from edge.journal import people_pages, views
from edge.node import Node
from edge.services.commands import GiveDose
from edge.web.app import create_app
from edge.wiring.jobs import outside_scheduler

pytestmark = pytest.mark.slow  # a whole site, with fonts of every script


@pytest.fixture(scope="module")
def systems(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSystems]:
    folder, today = tmp_path_factory.mktemp("systems"), date(2026, 11, 24)
    locker = DemoLocker(folder / "locker", "http://127.0.0.1:9")
    made = DemoSystems(folder, "DEMO01", today, "routine", lambda _: None, locker)
    yield made
    made.close()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, systems: DemoSystems) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("demo")
    settings = Settings(facility="DEMO01", zone="UTC", sign_in=systems.sign_in())
    make_site(folder / "site", settings)
    node = Node(folder / "site")
    demo.load(node, folder)
    demo.vouch_for(node, folder / "authority")
    yield node
    node.close()


def due(node: Node, name: str) -> set[tuple[str, int]]:
    with node.journal.reading() as db:
        catalogue, today = node.site.catalogues.current(db), node.clock.today()
        (known,) = [
            one for one in people_pages.people_after(db, "", 500) if one.person.name == name
        ]
        found = calls(known.person, known.doses, known.observations, catalogue, today, today)
        return {(item.vaccine, item.number) for item in found}


def test_its_campaign_is_the_one_of_routine_immunisation_and_every_row_of_its_tables_is_taken(
    node: Node, tmp_path: Path
) -> None:
    folder = node.folder.parent
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
        assert len(people_pages.people_after(db, "", 500)) == _rows(folder, "enrolments")
        (doses,) = db.execute("SELECT count(*) FROM dose").fetchone()
        lots = views.lots(db)
    assert catalogue.version == "2026.1"
    assert "routine" in catalogue.programmes
    assert set(catalogue.facilities) == {"DEMO01", "DEMO02"}
    assert doses == _rows(folder, "certificates")
    assert len(lots) == _rows(folder, "stock")
    checked = run("campaign", "check", folder / "campaign", "--strict")
    assert (checked.exit_code, checked.stderr) == (0, "")
    tried = run("campaign", "try", folder / "campaign", "--data", node.folder)
    assert "The campaign routine-immunisation 2026.1 is in force here already." in tried.stdout


def _rows(folder: Path, table: str) -> int:
    return len((folder / f"tables/{table}.csv").read_text(encoding="utf-8").splitlines()) - 1


def test_what_it_says_to_try_comes_out_so(node: Node) -> None:
    assert due(node, "Almaz Tesfaye") == {("OPV", 2), ("Penta", 2), ("PCV", 2), ("Rota", 2)}
    assert ("MR", 1) in due(node, "प्रिया शर्मा")
    assert ("HPV", 2) in due(node, "Ngozi Okonkwo")
    assert due(node, "ከበደ መንግስቱ") == set()
    with node.journal.reading() as db:
        nurse = node.site.catalogues.current(db).staff["V1"]
        (almaz,) = [one for one in views.find_people(db, "Almaz") if one.name == "Almaz Tesfaye"]
    for vaccine, lot in (("Penta", "PE2611A"), ("PCV", "PC2611")):
        node.desk.take(node.site.ids.new(), GiveDose(almaz.id, "routine", vaccine, lot), nurse)
    again = GiveDose(almaz.id, "routine", "Penta", "PE2611A")
    with pytest.raises(Refusal) as refused:
        node.desk.take(node.site.ids.new(), again, nurse)
    assert refused.value.overridable
    assert refused.value.earliest is not None
    assert node.authenticator.check_pin("V1", "2468").code == "V1"


def test_its_cards_lead_to_a_registration_and_its_scheduler_books_a_child(
    node: Node, tmp_path: Path
) -> None:
    hand_out_cards(node, tmp_path)
    good, changed = (
        (tmp_path / f"{name}-card.txt").read_bytes().strip() for name in ("identity", "changed")
    )
    assert [node.verify(text).verdict for text in (good, changed)] == ["valid", "invalid"]
    verdict = node.verify((tmp_path / "identity-card.png").read_bytes())
    card = node.site.identities.card("", node.clock.today(), verdict.format, verdict.claims)
    assert card is not None
    assert (card.rule.type, card.facts.name) == ("org.mosip.uin", "Hanna Tesfaye")
    passport = node.site.identities.card(
        (tmp_path / "passport.txt").read_text(), node.clock.today()
    )
    assert passport is not None
    assert passport.facts.name == "Zawadi Otieno"
    scheduler = start_scheduler("DEMO01", node.clock.today())
    try:
        asked = SchedulerSettings("national", scheduler.url, "routine")
        report = outside_scheduler(asked, node.use_cases, node.journal).run()
    finally:
        scheduler.stop()
    assert report is not None
    assert (report.taken, report.mistakes, report.questions) == (1, (), ())
    with node.journal.reading() as db:
        (booked,) = views.appointments_on(
            db, "DEMO01", node.clock.today() + timedelta(days=1), node.clock.zone
        )
    assert booked.person.name == "Baraka Mwangi"


def test_staff_sign_in_by_code_and_pin_whatever_the_national_account_does(
    node: Node, systems: DemoSystems
) -> None:
    for mood in ("right", "down", "slow"):
        list(systems.obey([f"national {mood}"]))
        for code in ("V1", "S1", "R1", "T1"):
            browser = create_app(node.backend()).test_client()
            answer = browser.post("/sign-in", data={"code": code, "pin": "2468"})
            assert answer.status_code == 303, (mood, code, answer.text)
        wrong = create_app(node.backend()).test_client()
        assert wrong.post("/sign-in", data={"code": "V2", "pin": "1111"}).status_code != 303
    list(systems.obey(["national right"]))


def test_a_national_account_lets_in_whom_the_terminal_signs_in_and_new_keys_do_too(
    node: Node, systems: DemoSystems
) -> None:
    for typed, lets_in in (
        (["national v1"], True),
        (["national new keys", "national S1"], True),
        (["national foreign key", "national V1"], False),
        (["national right"], False),
    ):
        browser = create_app(node.backend()).test_client()
        page = browser.post("/sign-in", data={"begin": "oidc"}).text
        (step,) = set(re.findall(r'name="step" value="(\w+)"', page))
        assert list(systems.obey(typed)) == []
        answer = browser.post("/sign-in", data={"method": "oidc", "step": step})
        assert (answer.status_code == 303) == lets_in, (typed, answer.text)
