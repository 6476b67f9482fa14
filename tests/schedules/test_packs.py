"""WHO's packs: their worked cases, their options, and what a composed schedule is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from edge.campaign.loader import read_campaign, read_packed
from edge.campaign.merging import merged
from edge.campaign.mistakes import CampaignErrors, Mistake
from edge.campaign.packs import chosen_pack, read_pack, shelf
from edge.campaign.schedules import read_plain, read_schedule, schedule_mistakes, to_schedule
from edge.campaign.yaml_files import YamlFile
from edge.domain.schedule.engine import assess
from edge.domain.schedule.model import Schedule, Shot, Subject
from sync.resources import resource
from tests.schedules.test_in_the_doses_way import with_infants

SCHEMAS = resource("config/schemas")
FOLDER = resource("config/schedules/who")
PACKS = sorted(path for path in FOLDER.glob("*.yaml") if not path.stem.endswith(".cases"))


def pack(path: Path) -> YamlFile:
    mistakes: list[Mistake] = []
    found = read_pack(path, shelf(SCHEMAS), path.stem, mistakes)
    assert found is not None, [str(one) for one in mistakes]
    return found


def plain(path: Path, options: dict[str, str]) -> YamlFile:
    return merged(path.name, path.stem, path.stem, [chosen_pack(pack(path), options)])


def schedule(path: Path, options: dict[str, str]) -> Schedule:
    return to_schedule(plain(path, options).value)


def worked(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = YAML(typ="safe").load(path.with_suffix(".cases.yaml"))
    return found


CASES = [(path, case) for path in PACKS for case in worked(path)]


@pytest.mark.parametrize(
    ("path", "case"), [pytest.param(p, c, id=f"{p.stem}: {c['why']}") for p, c in CASES]
)
def test_a_worked_case_of_a_pack_comes_out_as_it_says(path: Path, case: dict[str, Any]) -> None:
    shots = []
    for text in case.get("doses", ()):
        day, _, code = text.partition(" ")
        shots.append(Shot(date.fromisoformat(day), code))
    subject = Subject(
        born=case["born"],
        gender=case.get("gender", ""),
        observations=dict.fromkeys(case.get("observed", ())),
    )
    found = assess(schedule(path, case.get("options", {})), subject, shots, case["on"])
    due, wanted = found[case["group"]].forecast, case.get("next")
    assert due.status == case["status"]
    if wanted is None:
        assert due.target == 0
        return
    told = (due.place.kind, due.place.number, due.earliest)
    assert told == (wanted.get("kind", "primary"), wanted["dose"], wanted["earliest"])
