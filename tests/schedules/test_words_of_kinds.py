"""An explanation calls a dose by its kind, and says of a later day what is so on that day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from edge.campaign.schedules import read_schedule
from edge.domain.schedule.changes import explain_with_changes
from edge.domain.schedule.engine import assess
from edge.domain.schedule.model import Schedule, Shot, Subject
from sync.resources import resource

BORN = date(2025, 1, 10)
TEXT = """
schedule: plan
title: A dose zero, two, a booster or one more
vaccines: {MR: [x], DT: [y]}
series:
  - name: Measles
    against: x
    doses:
      - vaccines: [MR]
        kind: zero
        age: {from: 6 months}
        skip: [{from: 9 months}]
        judgement: Only in an outbreak
      - {vaccines: [MR], age: {from: 9 months}}
      - {vaccines: [MR], kind: supplementary, after: {previous: 4 weeks}, judgement: One more}
  - name: Tetanus
    against: y
    doses:
      - {vaccines: [DT], age: {from: 2 months}}
      - {vaccines: [DT], kind: booster, after: {previous: 1 year}}
"""


@pytest.fixture(scope="module")
def schedule(tmp_path_factory: pytest.TempPathFactory) -> Schedule:
    file: Path = tmp_path_factory.mktemp("words") / "plan.yaml"
    file.write_text(TEXT, encoding="utf-8")
    return read_schedule(file, resource("config/schemas"))


def told(schedule: Schedule, days: int, *given: tuple[str, int]) -> list[str]:
    """Explain at an age in days, after vaccines at ages in days."""
    on = BORN + timedelta(days=days)
    shots = [Shot(BORN + timedelta(days=age), code) for code, age in given]
    groups = assess(schedule, Subject(born=BORN, gender="Female"), shots, on)
    return [
        str(one) for group in groups.values() for one in explain_with_changes(group, schedule, on)
    ]


def test_a_dose_zero_that_is_not_needed_any_more_is_called_so(schedule: Schedule) -> None:
    words = told(schedule, 300)
    assert "Dose 0 is not needed any more." in words
    assert not [one for one in words if one.startswith("Place ")]
    assert "Dose 0 was not needed." in told(schedule, 300, ("MR", 290))


def test_boosters_and_supplementary_doses_are_called_by_their_kind(schedule: Schedule) -> None:
    words = told(schedule, 700, ("MR", 300), ("MR", 400), ("DT", 70), ("DT", 600))
    assert "MR of 2025-11-06 counts as dose 1." in words
    assert "MR of 2026-02-14 counts as supplementary dose 1." in words
    assert "DT of 2026-09-02 counts as booster 1." in words
    words = told(schedule, 310, ("MR", 300), ("DT", 70))
    assert [one for one in words if one.startswith("Supplementary dose 1 can be given from")]
    assert [one for one in words if one.startswith("Booster 1 can be given from")]


def test_of_a_day_on_which_a_supervisor_is_asked_it_is_not_said_that_it_can_be_given(
    schedule: Schedule,
) -> None:
    words = told(schedule, 10)
    assert "From 2025-07-10 on a supervisor decides." in words
    assert "From 2025-07-10 on it can be given." not in words
    assert "From 2025-03-10 on it can be given." in words  # of the other vaccine, nobody is asked
