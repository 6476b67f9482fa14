"""A dose outside the course is called by its kind wherever it is listed: dose zero, supplementary."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from command_line import run
from flask.testing import FlaskClient

from edge.domain.dose import Dose
from edge.domain.dose_kinds import expected_doses, kind_on_record, total_on_card
from edge.journal import views
from edge.node import Node
from edge.services import commands
from edge.slips.speech import Speech
from edge.slips.values import dose_values
from edge.web.app import create_app
from edge.web.translations import load_languages
from edge.web.visit import words_of
from sync.resources import resource

SignedIn = Callable[[str], FlaskClient]
SCHEDULE = """
schedule: measles-rubella
title: Two doses, one before them, and one more
vaccines: {duomorb: [measles-rubella]}
series:
  - name: Measles and rubella
    against: measles-rubella
    usual: true
    doses:
      - {vaccines: [duomorb], kind: zero, age: {from: 6 months}, skip: [{from: 9 months}]}
      - {vaccines: [duomorb], age: {from: 9 months}, after: {previous: 4 weeks}}
      - {vaccines: [duomorb], age: {from: 15 months}, after: {previous: 4 weeks}}
      - {vaccines: [duomorb], kind: supplementary, after: {previous: 4 weeks}}
"""


@pytest.fixture(scope="module", autouse=True)
def campaign(node: Node, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder: Path = tmp_path_factory.mktemp("campaign") / "campaign"
    shutil.copytree(resource("config/demo/campaign"), folder)
    (folder / "schedules" / "measles-rubella.cases.yaml").unlink()
    (folder / "schedules" / "measles-rubella.yaml").write_text(SCHEDULE, encoding="utf-8")
    text = (folder / "campaign.yaml").read_text(encoding="utf-8")
    (folder / "campaign.yaml").write_text(text.replace('"2026.11"', '"2026.12"'), encoding="utf-8")
    text = (folder / "programmes.yaml").read_text(encoding="utf-8")
    text = text.replace("start: 2026-01-01", "start: 2020-01-01")
    (folder / "programmes.yaml").write_text(text, encoding="utf-8")
    node.campaigns.apply(node.campaigns.reader.folder(folder))


def take(node: Node, command: Any) -> str:
    with node.journal.reading() as db:
        staff = node.site.catalogues.current(db).staff["S1"]
    id_ = node.site.ids.new()
    node.backend().desk.take(id_, command, staff)
    return id_


def child(node: Node, name: str) -> str:
    born = date(2024, 1, 10)
    command = commands.RegisterPerson(
        name=name, gender="Female", birth_date=born, programme="measles-rubella",
        different_person=True,
    )  # fmt: skip
    return take(node, command)


def lines(page: str) -> dict[str, str]:
    """Give the field of each line of a card's form, by what the line is called."""
    found = re.findall(
        r'<bdi>([^<]*)</bdi> ([^<]*)</span>\s*<input type="hidden" name="what-(\d+)"', page
    )
    return {f"{name} {which}": index for name, which, index in found}


def on_card(node: Node, browser: FlaskClient, person: str, **days: str) -> list[Dose]:
    """Type days into the lines of a card's form, by what they are called."""
    page = browser.get(f"/people/{person}/card").text
    form = dict(re.findall(r'<input type="hidden" name="(what-\d+)" value="([^"]*)"', page))
    called = lines(page)
    for name, day in days.items():
        form[f"on-{called[f'DuoMorb {name}']}"] = day
    form |= {"id": node.site.ids.new(), "believedBy": "V1"}
    answer = browser.post(f"/people/{person}/card", data=form)
    assert answer.status_code == 303, re.findall(r'id="problem".*?</p>', answer.text, re.S)
    with node.journal.reading() as db:
        return views.history(db, person)


@pytest.mark.slow
def test_a_card_has_a_line_for_the_dose_zero_and_the_next_dose_is_numbered_behind_it(
    node: Node, signed_in: SignedIn
) -> None:
    browser, person = signed_in("V1"), child(node, "Zero On Card")
    assert [name for name in lines(browser.get(f"/people/{person}/card").text) if "Duo" in name] == [
        "DuoMorb dose 0", "DuoMorb 1", "DuoMorb 2", "DuoMorb supplementary dose 1",
    ]  # fmt: skip
    given = on_card(node, browser, person, **{"dose 0": "2024-08-01", "1": "2024-11-01"})
    assert [(dose.number, dose.total) for dose in given] == [(0, 2), (1, 2)]
    page = browser.get(f"/people/{person}").text
    assert "<bdi>DuoMorb</bdi> dose 0</strong>" in page
    assert "<bdi>DuoMorb</bdi> 1/2</strong>" in page
    assert "Give DuoMorb dose 2" in page


def test_a_supplementary_dose_on_record_is_called_so_on_every_list_and_on_paper(
    node: Node, signed_in: SignedIn
) -> None:
    browser, person = signed_in("S1"), child(node, "Supplementary")
    on_card(node, browser, person, **{"1": "2024-11-01", "2": "2025-06-01"})
    dose = take(
        node,
        commands.GiveDose(
            person=person, programme="measles-rubella", vaccine="duomorb", lot="MR7702",
            vaccinator="S1",
        ),
    )  # fmt: skip
    for path in (f"/people/{person}", f"/doses/{dose}", f"/doses/{dose}/take-back", "/records"):
        page = browser.get(path).text
        assert "supplementary dose 1" in page, path
        assert "3/2" not in page, path
    listed = run("people", "doses", person, "--data", node.folder).stdout
    assert ("duomorb 2/2" in listed, "duomorb supplementary" in listed) == (True, True), listed
    with node.journal.reading() as db:
        record, catalogue = views.recorded(db, dose), node.site.catalogues.current(db)
    assert record
    assert (record.dose.number, record.dose.total) == (3, 2)
    assert dose_values(record, catalogue, Speech(str))["dose"] == "Supplementary dose"


def test_kinds_numbers_and_totals_follow_from_the_schedule_of_the_programme(node: Node) -> None:
    with node.journal.reading() as db:
        programme = node.site.catalogues.current(db).programmes["measles-rubella"]
    expected = expected_doses(programme, "duomorb", 1)
    assert [(one.number, one.total, one.kind) for one in expected] == [
        (0, 2, "zero"), (1, 2, "primary"), (2, 2, "primary"), (3, 2, "supplementary"),
    ]  # fmt: skip
    assert expected == [
        one
        for one in expected
        if kind_on_record(one.number, one.total, programme, "duomorb") == one.kind
    ]
    assert [total_on_card(programme, "duomorb", number, 1) for number in (0, 1, 3, 4)] == [
        2, 2, 2, 4,
    ]  # fmt: skip
    assert kind_on_record(3, 2, None, "duomorb") == "booster"
    assert len(expected_doses(programme, "unheard-of", 3)) == 3


def test_a_dose_that_is_numbered_anew_beyond_its_course_is_called_by_its_kind_and_not_3_of_2(
    node: Node,
) -> None:
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
    words = words_of(load_languages(resource("config/locale"))["en"], node.backend())
    template = (
        '{% from "_becomes.html" import becomes %}'
        '{{ becomes("MR", programme, vaccine, on, was, now, say, place_in_course) }}'
    )
    app = create_app(node.backend())

    def told(programme: str, vaccine: str, was: tuple[int, int], now: tuple[int, int]) -> str:
        about = {"programme": programme, "vaccine": vaccine, "on": date(2026, 5, 4)}
        made = app.jinja_env.from_string(template)
        return made.render(**words, **about, was=was, now=now).strip()

    (measles,) = (one for one in catalogue.programmes.values() if "duomorb" in one.vaccines)
    own = (measles.id, "duomorb")
    assert told(*own, (1, 2), (2, 2)).endswith("was dose 1 of 2, and becomes dose 2 of 2.")
    assert told(*own, (2, 2), (3, 2)).endswith("was dose 2 of 2, and becomes supplementary dose 1.")
    assert told(*own, (3, 2), (2, 2)).endswith("was supplementary dose 1, and becomes dose 2 of 2.")
    assert told(*own, (0, 2), (1, 2)).endswith("was dose 0, and becomes dose 1 of 2.")
    assert told("covid-19", "coviprotect", (3, 2), (4, 2)).endswith(
        "was booster 1, and becomes booster 2."
    )
