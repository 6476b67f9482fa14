"""A country's schedules: what their worked cases say, and what a wrong one is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from edge.campaign.catalogue import to_catalogue
from edge.campaign.loader import read_campaign
from edge.campaign.mistakes import CampaignErrors
from edge.campaign.schedules import read_schedule
from edge.domain.catalogue import Catalogue
from edge.domain.schedule.engine import assess
from edge.domain.schedule.model import Schedule, Shot, Subject
from edge.domain.schedule.simple import SimpleSeries, simple_schedule
from sync.resources import resource

FOLDER = resource("config/schedules")
SCHEMAS = resource("config/schemas")
FILES = [
    path
    for folder in (FOLDER, resource("config/demo/campaign/schedules"))
    for path in sorted(folder.glob("*.yaml"))
    if not path.stem.endswith(".cases")
]


@cache
def schedule(path: Path) -> Schedule:
    """Read a schedule once for all of its worked cases."""
    return read_schedule(path, SCHEMAS)


def worked(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = YAML(typ="safe").load(path.with_suffix(".cases.yaml"))
    return found


CASES = [(path, case) for path in FILES for case in worked(path)]


@pytest.mark.parametrize(
    ("path", "case"), [pytest.param(p, c, id=f"{p.stem}: {c['why']}") for p, c in CASES]
)
def test_a_worked_case_comes_out_as_it_says(path: Path, case: dict[str, Any]) -> None:
    shots = []
    for text in case.get("doses", ()):
        day, _, code = text.partition(" ")
        shots.append(Shot(date.fromisoformat(day), code))
    subject = Subject(
        born=case["born"],
        gender=case.get("gender", ""),
        observations=dict.fromkeys(case.get("observed", ())),
    )
    found = assess(schedule(path), subject, shots, case["on"])[case["group"]]
    due, wanted = found.forecast, case.get("next", {})
    assert due.status == case["status"]
    assert [one.status for one in found.evaluations] == case.get("valid", [])
    assert due.target == wanted.get("dose", 0)
    assert (due.earliest, due.recommended) == (wanted.get("earliest"), wanted.get("recommended"))
    assert due.past_due == wanted.get("late")


def test_every_schedule_has_worked_cases_of_several_outcomes() -> None:
    names = {path.stem for path in FILES}
    assert {"covid-19", "yellow-fever", "measles-rubella", "who-infant"} <= names
    for path in FILES:
        assert len({case["status"] for case in worked(path)}) >= 2, path.name


def change(old: str, new: str) -> Callable[[str], str]:
    def changed(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return changed


WRONG = [
    (change("from: 9 months", "from: nine months"), "line 13, series.doses.age.from: from is not in"),
    (change("from: 9 months", "form: 9 months"), "The field form is not known here. Did you mean from"),
    (change("until: 60 years", "until: 8 months"), "line 13: Nothing of Yellow fever, one dose is both from"),
    (change("[YF]", "[{vaccine: YF, from: 9 years, until: 8 years}]"), "Nothing of YF is both from 9 years on and before 8"),
    (change("against: yellow-fever", "against: malaria"), "line 12: YF does not protect against malaria"),
    (change("vaccines: [YF]", "vaccines: [FY]"), "line 12: FY is not one of the vaccines"),
    (change("then: YF", "then: XX"), "XX is not one of the vaccines"),
    (change("series:", "contraindicated: {yellow-fever: [thymus]}\nseries:"), "thymus is not one of the obs"),
    (change("series:", "immune: {malaria: {seen: []}}\nseries:"), "seen is empty"),
    (change("series:", "immune: {malaria: {born_before: 2000-01-01}}\nseries:"), "no series against malaria"),
    (change("series:", "seriez:"), "The field series is missing"),
    (change("title:", "\ttitle:"), "There is a tab here"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "sentence"), WRONG)
def test_a_wrong_schedule_is_refused_with_line_and_sentence(
    tmp_path: Path, changed: Callable[[str], str], sentence: str
) -> None:
    path = tmp_path / "yellow-fever.yaml"
    path.write_text(changed((FOLDER / "yellow-fever.yaml").read_text()))
    with pytest.raises(CampaignErrors) as raised:
        read_schedule(path, SCHEMAS)
    assert any(sentence in str(one) for one in raised.value.mistakes), raised.value.mistakes


def test_a_group_of_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    text = (FOLDER / "yellow-fever.yaml").read_text()
    path.write_text(text + "groups:\n  both: [yellow-fever, cholera]\n")
    with pytest.raises(CampaignErrors) as raised:
        read_schedule(path, SCHEMAS)
    assert "no series against cholera" in str(raised.value.mistakes[0])


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return to_catalogue(read_campaign(resource("config/demo/campaign"), SCHEMAS))


def test_divocs_dose_intervals_become_the_same_model(catalogue: Catalogue) -> None:
    """Programme ages and a medicine's intervals, as DIVOC has them, judged by the engine."""
    plan = catalogue.programmes["covid-19"].schedule
    born, first = date(1990, 5, 5), date(2026, 11, 1)

    def due(*shots: Shot, on: date = date(2026, 11, 24)) -> Any:
        return assess(plan, Subject(born=born), list(shots), on)["covid-19"]

    found = due(Shot(first, "coviprotect")).forecast
    assert (found.target, found.earliest) == (2, date(2026, 11, 29))
    assert found.past_due == date(2027, 1, 24)
    early = due(Shot(first, "coviprotect"), Shot(date(2026, 11, 28), "coviprotect"))
    assert [one.status for one in early.evaluations] == ["Valid", "Not Valid"]
    both = due(Shot(first, "coviprotect"), Shot(date(2026, 11, 29), "coviprotect"))
    assert both.forecast.status == "Complete"
    mixed = due(
        Shot(first, "coviprotect"), Shot(date(2026, 12, 30), "adenovax"), on=date(2027, 1, 1)
    )
    assert mixed.forecast.status == "Not Complete"
    child = assess(plan, Subject(born=date(2020, 1, 1)), [], date(2026, 11, 24))["covid-19"]
    assert child.forecast.earliest == date(2032, 1, 1)


def test_a_programme_for_children_ends_with_its_greatest_age(catalogue: Catalogue) -> None:
    programme = catalogue.programmes["measles-rubella"]
    plan = programme.schedule
    for born, status in ((date(2012, 1, 1), "Not Complete"), (date(2011, 1, 1), "Aged Out")):
        found = assess(plan, Subject(born=born), [], date(2026, 11, 24))[programme.id]
        assert found.forecast.status == status


def test_an_interval_without_a_greatest_length_is_never_late() -> None:
    plan = simple_schedule("covid-19", [SimpleSeries("coviprotect", "CoviProtect", ((30, 0),))])
    shots = [Shot(date(2026, 11, 1), "coviprotect")]
    found = assess(plan, Subject(born=date(1990, 1, 1)), shots, date(2026, 11, 24))["covid-19"]
    assert (found.forecast.earliest, found.forecast.past_due) == (date(2026, 12, 1), None)
