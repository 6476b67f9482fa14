"""Delivered is not accepted: what the registry cannot count comes back, and is put right here."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from desks import browser
from flask.testing import FlaskClient
from registry_server import Nation
from site_factory import fill

from edge.cli import main
from edge.journal import views
from edge.node import Node
from edge.services import commands
from sync.registry.judging.rules import LATE


@pytest.fixture
def node(nation: Nation) -> Node:
    return nation.site("DEMO01", fill)


def give(node: Node, name: str) -> str:
    with node.journal.reading() as db:
        person = views.find_people(db, name)[0].id
        vaccinator = node.site.catalogues.current(db).staff["V1"]
    request = commands.GiveDose(
        person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A"
    )
    return node.desk.take(node.site.ids.new(), request, vaccinator).id


def listed(client: FlaskClient) -> list[dict[str, Any]]:
    answer = client.get("/api/v1/attention")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.get_json()
    return found


def test_an_honest_sites_records_are_all_accepted(nation: Nation, node: Node) -> None:
    give(node, "Grace Wanjiru")
    nation.exchange(node)
    assert nation.store.to_judge(10) == []
    (record,) = nation.store.nodes()
    assert record.entries > 10
    assert nation.store.verdicts(record.node) == []
    assert node.registry.state().attention == 0


@pytest.mark.slow
def test_a_rejected_dose_is_corrected_and_leaves_the_list(nation: Nation, node: Node) -> None:
    nation.behind = timedelta(days=3)  # the site's clock runs ahead
    dose = give(node, "Grace Wanjiru")
    nation.exchange(node)
    state = node.registry.state()
    assert (state.state, state.attention) == ("synced", 1)
    client = browser(node, "S1")
    (item,) = listed(client)
    assert (item["entry"], item["state"], item["field"]) == (dose, "rejected", "on")
    assert (item["person"]["name"], item["sentence"]) == ("Grace Wanjiru", LATE)
    assert item["value"] == node.clock.today().isoformat()
    page = client.get("/attention").text
    assert "Grace Wanjiru" in page
    assert f'href="/doses/{dose}/correct"' in page
    assert "Needing attention: 1" in client.get("/").text

    day = node.clock.today() - timedelta(days=3)
    client.post("/clock", data={"day": day.isoformat()})
    assert node.clock.today() == day
    client = browser(node, "S1")
    form = client.get(item["correct"]).text
    (number,) = re.findall(r'name="id" value="([0-9a-f-]{36})"', form)
    data = {"id": number, "lot": "CP2611A", "on": day.isoformat(), "reason": "The clock was wrong"}
    answer = client.post(item["correct"], data={**data, "do": "correct"})
    assert answer.status_code == 303
    assert [one["corrected"] for one in listed(client)] == [True]
    assert "The registry has not answered yet." in client.get("/attention").text
    nation.exchange(node)
    assert listed(client) == []
    assert node.registry.state().attention == 0
    assert "Needing attention" not in client.get("/").text


@pytest.mark.slow
def test_a_field_that_no_page_corrects_is_for_the_help_desk(nation: Nation, node: Node) -> None:
    node.registry.run()
    (record,) = nation.store.nodes()
    nation.store.move(record.node, "DEMO02")
    dose = give(node, "Grace Wanjiru")
    nation.exchange(node)
    client = browser(node, "S1")
    assert [(one["entry"], one["field"], one.get("correct", "")) for one in listed(client)] == [
        (dose, "facility", "")
    ]
    assert "call the national help desk" in client.get("/attention").text


@pytest.mark.slow
def test_a_technician_sees_what_is_wrong_and_nobodys_name(nation: Nation, node: Node) -> None:
    nation.behind = timedelta(days=3)
    give(node, "Grace Wanjiru")
    nation.exchange(node)
    client = browser(node, "T1")
    (item,) = listed(client)
    assert not {"person", "value", "correct"} & item.keys()
    assert item["sentence"] == LATE
    page = client.get("/attention").text
    assert "Grace" not in page
    assert "/correct" not in page
    for code in ("R1", "V1"):
        other = browser(node, code)
        assert other.get("/api/v1/attention").status_code == 403
        assert other.get("/attention").status_code == 403


@pytest.mark.slow
def test_what_only_waits_is_listed_and_not_counted(nation: Nation, node: Node) -> None:
    dose = give(node, "Grace Wanjiru")
    node.journal.run(
        lambda unit: unit.db.execute(
            "INSERT INTO attention (entry, state, field, sentence, waits, at)"
            " VALUES (?, 'held', 'person', 'The registry does not know the person of this record"
            " yet.', 'p', 'now')",
            (dose,),
        )
    )
    assert node.registry.state().attention == 0
    assert [one["state"] for one in listed(browser(node, "S1"))] == ["held"]
    page = browser(node, "S1").get("/attention").text
    assert "Nothing needs attention." in page
    assert "Waiting for another record" in page


@pytest.mark.slow
def test_it_is_said_on_the_command_line_and_in_the_readers_language(
    nation: Nation, node: Node
) -> None:
    nation.behind = timedelta(days=3)
    give(node, "Grace Wanjiru")
    nation.exchange(node)
    client = browser(node, "S1")
    run = CliRunner().invoke(main, ["status", "--data", str(node.folder)])
    assert run.exit_code == 0, run.output
    assert re.search(r"To put right +1$", run.output, re.MULTILINE)
    assert re.search(r"In registry +all of them", run.output)
    client.set_cookie("language", "fr")
    (item,) = listed(client)
    assert item["sentence"].startswith("La dose est datée")
    client.set_cookie("language", "ar")
    page = client.get("/attention").text
    assert 'dir="rtl"' in page
    assert LATE not in page
