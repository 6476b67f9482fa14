"""One dose that comes in by several ways, and for several programmes, is one dose."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from desks import doses, take
from next_edition import put_in_force
from registry_server import Nation

from edge.campaign.divoc_csv import ReportedDose
from edge.campaign.loader import read_campaign
from edge.campaign.tables import ValidRow
from edge.domain.people import Person
from edge.journal import views
from edge.node import Node
from edge.services import commands
from edge.services.campaigns import CheckedCampaign
from sync.resources import resource

IDENTITY = "did:in.gov.id:5550-4321"
AGAIN = """
- id: covid-again
  name: COVID-19, once more
  vaccines: [coviprotect, adenovax]
  start: 2026-01-01
"""


@pytest.fixture
def sites(nation: Nation, tmp_path: Path) -> tuple[Node, Node]:
    """Two sites of a campaign that has one vaccine in two programmes."""
    folder = tmp_path / "campaign"
    shutil.copytree(resource("config/demo/campaign"), folder)
    with (folder / "programmes.yaml").open("a") as file:
        file.write(AGAIN)

    def begin(node: Node) -> None:
        put_in_force(node, CheckedCampaign(read_campaign(folder, resource("config/schemas"))))
        lot = {"vaccine": "coviprotect", "lot": "CP2611A", "expiry": date(2031, 1, 1)}
        take(node, commands.ReceiveStock(**lot, quantity=9))  # type: ignore[arg-type]

    return nation.site("DEMO01", begin), nation.site("DEMO02", begin)


def register(node: Node) -> str:
    return take(
        node,
        commands.RegisterPerson(
            name="Noor Saleh", gender="Female", birth_date=date(1990, 4, 2), identity=IDENTITY
        ),
    )


def give(node: Node, person: str, programme: str, on: date) -> None:
    given = {"vaccine": "coviprotect", "lot": "CP2611A", "on": on, "programme": programme}
    take(node, commands.GiveDose(person=person, **given))  # type: ignore[arg-type]


def told(on: date) -> ReportedDose:
    """Give a row of DIVOC's certificates of her."""
    person = Person(
        id="", code="X1", name="Noor Saleh", gender="Female", birth_date=date(1990, 4, 2),
        identity=IDENTITY,
    )  # fmt: skip
    return ReportedDose(
        person=person, vaccine="CoviProtect", lot="Q1", on=on, number=1, total=2,
        effective_until=None, vaccinator="", facility="Hill Post",
    )  # fmt: skip


def take_rows(node: Node, programme: str, *rows: ReportedDose) -> int:
    good = [ValidRow(place, row) for place, row in enumerate(rows, 2)]
    report = node.importer.certificates("rows.csv", good, programme, lambda _: None)
    assert not report.mistakes
    return report.taken


def test_an_imported_certificate_of_a_dose_on_record_adds_none(sites: tuple[Node, Node]) -> None:
    here, _ = sites
    person, on = register(here), here.clock.today() - timedelta(days=40)
    give(here, person, "covid-again", on)
    assert take_rows(here, "covid-19", told(on), replace(told(on), lot="Q2")) == 0
    assert take_rows(here, "covid-19", told(on - timedelta(days=60))) == 1
    assert len(doses(here, person)) == 2


def test_a_dose_on_record_for_one_programme_is_not_told_again_for_another(
    nation: Nation, sites: tuple[Node, Node]
) -> None:
    here, there = sites
    ours, on = register(here), here.clock.today() - timedelta(days=40)
    assert take_rows(here, "covid-19", told(on)) == 1
    theirs = register(there)
    give(there, theirs, "covid-again", on)
    nation.exchange(*sites)
    with there.journal.reading() as db:
        known = views.person(db, theirs)
    assert known
    here.history.ask_shown(ours, "S1", known.code)
    assert [one.programme for one in doses(here, ours)] == ["covid-19"]
