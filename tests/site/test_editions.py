"""A campaign that would shut a site, or go back to what was, does not come into force there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import run

from edge.campaign.editions import SiteCampaign, check_edition
from edge.campaign.loader import read_campaign
from edge.campaign.tables import ValidRow
from edge.domain.errors import BadInput
from edge.journal import views
from edge.node import Node
from edge.services.campaigns import CheckedCampaign
from edge.services.imports.reports import Report
from edge.services.pins import without_pins
from sync.protocol.editions import is_newer
from sync.resources import resource

DEMO = resource("config/demo/campaign")


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("2026.9", "2026.11"),
        ("2026.11", "2026.11.1"),
        ("2026-11", "2026-12"),
        ("9", "10"),
        ("1.0", "1.0b"),
        ("v2", "v10"),
        ("2026.011", "2026.12"),
        ("2026", "next"),
        ("A", "b"),
        ("١", "٢"),
    ],
)
def test_versions_are_compared_number_by_number(older: str, newer: str) -> None:
    assert is_newer(newer, older)
    assert not is_newer(older, newer)


@pytest.mark.parametrize(("one", "same"), [("2026.9", "2026.09"), ("V1", "v1"), ("1", "1")])
def test_a_version_is_not_newer_than_itself_however_it_is_written(one: str, same: str) -> None:
    assert not is_newer(one, same)
    assert not is_newer(same, one)


def demo(**changes: Any) -> dict[str, Any]:
    return {**read_campaign(DEMO, resource("config/schemas")), **changes}


def refused(node: Node, body: dict[str, Any]) -> str:
    with node.journal.reading() as db:
        before = views.catalogue_body(db)
    with pytest.raises(BadInput) as error:
        node.campaigns.apply(CheckedCampaign(body))
    with node.journal.reading() as db:
        assert views.catalogue_body(db) == before
    assert error.value.hint
    return error.value.code


@pytest.mark.parametrize("version", ["2026.11", "2026.10", "2025.12", "2026"])
def test_another_campaign_under_a_version_that_is_not_newer_is_refused(
    node: Node, version: str
) -> None:
    assert refused(node, demo(version=version, name="Another")) == "campaign.older"


def test_a_version_that_was_in_force_before_another_campaign_does_not_come_back(node: Node) -> None:
    assert node.campaigns.apply(CheckedCampaign(demo(version="2027.5"))).new
    assert node.campaigns.apply(CheckedCampaign(demo(id="measles-days", version="1"))).new
    assert refused(node, demo(version="2027.4")) == "campaign.older"
    assert refused(node, demo(version="2027.5", name="Another")) == "campaign.older"
    assert node.campaigns.apply(CheckedCampaign(demo(version="2027.6"))).new


def without_here(body: dict[str, Any]) -> None:
    body["facilities"] = [one for one in body["facilities"] if one["code"] != "DEMO01"]


def inactive_here(body: dict[str, Any]) -> None:
    body["facilities"] = [{**one, "active": one["code"] != "DEMO01"} for one in body["facilities"]]


@pytest.mark.parametrize("change", [without_here, inactive_here])
def test_a_campaign_without_the_facility_of_a_site_is_refused_there(
    node: Node, change: Callable[[dict[str, Any]], None]
) -> None:
    body = demo(version="2027")
    change(body)
    assert refused(node, body) == "campaign.facility"


@pytest.mark.parametrize("fields", [{"facilities": ["DEMO02"]}, {"active": False}])
def test_a_campaign_with_which_nobody_of_a_site_could_sign_in_is_refused_there(
    node: Node, fields: dict[str, Any]
) -> None:
    body = demo(version="2027")
    body["staff"] = [{**one, **fields} for one in body["staff"]]
    assert refused(node, body) == "campaign.staff"


def test_others_who_have_no_pin_yet_do_not_stand_in_for_those_who_could_sign_in(
    node: Node,
) -> None:
    body = without_pins(demo(version="2027"))
    body["staff"] = [{**one, "code": f"N{one['code']}"} for one in body["staff"]]
    assert refused(node, body) == "campaign.staff"


def test_a_pin_that_was_set_at_the_site_counts_as_one() -> None:
    staff = [{"code": "V1", "facilities": ["DEMO01"]}, {"code": "V2", "facilities": ["DEMO01"]}]
    campaign = demo(version="2", staff=staff)
    before = demo(staff=[{**staff[0], "pin": "sealed:x"}])
    with pytest.raises(BadInput):
        check_edition(campaign, SiteCampaign("DEMO01", before, ("1",)))
    check_edition(campaign, SiteCampaign("DEMO01", before, ("1",), own_pins=("V2",)))


def test_at_a_new_site_a_campaign_needs_its_people_and_no_pins_yet() -> None:
    check_edition(without_pins(demo()), SiteCampaign("DEMO01", {}))
    with pytest.raises(BadInput) as error:
        check_edition(demo(staff=[]), SiteCampaign("DEMO01", {}))
    assert error.value.code == "campaign.staff"


def test_new_pins_of_the_same_edition_are_taken_and_the_old_ones_again(node: Node) -> None:
    first = demo()
    second = demo(staff=[{**one, "pin": first["staff"][0]["pin"]} for one in first["staff"]])
    assert node.campaigns.apply(CheckedCampaign(second)).new
    assert node.campaigns.apply(CheckedCampaign(first)).new
    assert not node.campaigns.apply(CheckedCampaign(first)).new


def test_the_command_says_why_and_what_helps(node: Node, tmp_path: Path) -> None:
    node.close()
    for path in DEMO.rglob("*"):
        if path.is_file():
            (tmp_path / "c" / path.relative_to(DEMO)).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "c" / path.relative_to(DEMO)).write_bytes(path.read_bytes())
    text = (tmp_path / "c/campaign.yaml").read_text()
    (tmp_path / "c/campaign.yaml").write_text(text.replace("Demoland vaccinates", "Another"))
    for more in ((), ("--dry-run",)):
        said = run("import", "campaign", tmp_path / "c", "--data", node.folder, *more)
        assert said.exit_code == 1
        assert "2026.11 is not newer than 2026.11" in said.output
        assert "higher version" in said.output
    told = run("import", "campaign", tmp_path / "c", "--data", node.folder, "--json")
    assert json.loads(told.stdout)["error"]["code"] == "campaign.older"


def taken(node: Node, kind: str, item: dict[str, Any]) -> Report:
    rows = [ValidRow(2, item)]
    return node.importer.catalogue("table.csv", kind, rows, lambda _: None)


def member(node: Node, code: str) -> dict[str, Any]:
    with node.journal.reading() as db:
        found = views.catalogue_item(db, "staff", code)
    assert found is not None
    return found


def test_a_table_of_facilities_does_not_close_the_site_it_is_imported_at(node: Node) -> None:
    row = {"code": "DEMO01", "name": "Demo", "address": {}, "active": False}
    report = taken(node, "facilities", row)
    assert (report.taken, [mistake.code for mistake in report.mistakes]) == (0, ["facility.own"])
    assert taken(node, "facilities", {**row, "code": "DEMO02"}).taken == 1
    assert taken(node, "facilities", {**row, "name": "Renamed", "active": True}).taken == 1


def test_a_table_of_vaccinators_does_not_take_away_the_last_who_can_sign_in(node: Node) -> None:
    with node.journal.reading() as db:
        codes = [
            one["code"]
            for one in views.catalogue_body(db)["staff"]
            if "DEMO01" in one["facilities"] and one.get("pin")
        ]
    reports = [taken(node, "staff", {**member(node, code), "active": False}) for code in codes]
    assert [report.taken for report in reports] == [1] * (len(codes) - 1) + [0]
    assert [mistake.code for mistake in reports[-1].mistakes] == ["staff.last"]
    node.site.catalogues.forget()
    assert node.authenticator.check_pin(codes[-1], "2468").code == codes[-1]


def test_who_comes_in_a_table_of_vaccinators_keeps_the_pin_they_have(node: Node) -> None:
    row = {name: value for name, value in member(node, "V1").items() if name != "pin"}
    assert taken(node, "staff", {**row, "name": "Another Name"}).taken == 1
    assert taken(node, "staff", {**row, "name": "Another Name"}).known == 1
    assert node.authenticator.check_pin("V1", "2468").name == "Another Name"
