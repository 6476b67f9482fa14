"""What is otherwise in one schedule than in another, in words and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.campaign.schedule_diff import differences
from edge.campaign.schedules import read_plain
from edge.cli import main
from sync.resources import resource

SCHEMAS = resource("config/schemas")
FOLDER = resource("config/schedules")
FILES = sorted(path for path in FOLDER.rglob("*.yaml") if not path.stem.endswith(".cases"))
OLD = """schedule: old
title: Old
vaccines:
  OPV: [polio]
  IPV: [polio]
  MR: [measles]
  YF: [yellow-fever]
series:
  - name: Polio
    against: polio
    usual: true
    doses:
      - {vaccines: [OPV], age: {from: 6 weeks, until: 5 years}}
      - {vaccines: [OPV], age: {from: 10 weeks}, after: {previous: 4 weeks}}
  - name: Measles
    against: measles
    doses:
      - {vaccines: [MR], age: {from: 9 months}}
  - name: Yellow fever
    against: yellow-fever
    doses: [{vaccines: [YF], age: {from: 9 months}}]
live:
  - {vaccines: [MR, YF], apart: 4 weeks}
observations:
  pregnant: Pregnant
contraindicated:
  measles: [pregnant]
"""


def change(old: str, new: str) -> Callable[[str], str]:
    def changed(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return changed


CHANGES = [
    (change("{from: 6 weeks,", "{from: 8 weeks,"), ["polio, Polio, dose 1: least age: 6 weeks -> 8 weeks"]),
    (change("until: 5 years", "until: 7 years"),
     ["polio, Polio, dose 1: not any more from the age of: 5 years -> 7 years"]),
    (change("previous: 4 weeks", "previous: 8 weeks"),
     ["polio, Polio, dose 2: interval: 4 weeks after the dose before -> 8 weeks after the dose before"]),
    (change("      - {vaccines: [OPV], age: {from: 10 weeks}, after: {previous: 4 weeks}}\n", ""),
     ["polio, Polio, dose 2: dose removed: OPV, from 10 weeks, 4 weeks after the dose before"]),
    (change("  - name: Measles", "      - {vaccines: [IPV]}\n  - name: Measles"),
     ["polio, Polio, dose 3: dose added: IPV"]),
    (change("doses:\n      - {vaccines: [MR]", "for: [pregnant]\n    doses:\n      - {vaccines: [MR]"),
     ["measles, Measles: only for people with: none -> pregnant"]),
    (change("measles: [pregnant]", "yellow-fever: [pregnant]"),
     ["measles: contraindication removed: pregnant", "yellow-fever: contraindication added: pregnant"]),
    (change("apart: 4 weeks", "apart: 2 weeks"),
     ["MR, then YF: distance of live vaccines: 4 weeks -> 2 weeks",
      "YF, then MR: distance of live vaccines: 4 weeks -> 2 weeks"]),
    (change("name: Polio", "name: Poliomyelitis"), ["polio, Poliomyelitis: name: Polio -> Poliomyelitis"]),
    (change("IPV: [polio]", "IPV: [polio, measles]"), ["IPV: vaccine: polio -> polio or measles"]),
    (change("pregnant: Pregnant", "pregnant: Expecting"), ["pregnant: observation: Pregnant -> Expecting"]),
    (change("  - name: Yellow fever\n    against: yellow-fever\n    doses: [{vaccines: [YF], age: {from: 9 months}}]\n", ""),
     ["yellow-fever: series removed: Yellow fever (YF, from 9 months)"]),
]  # fmt: skip


def told(tmp_path: Path, old: str, new: str, *more: str) -> list[str]:
    for name, text in (("old.yaml", old), ("new.yaml", new)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    paths = [str(tmp_path / name) for name in ("old.yaml", "new.yaml")]
    ran = CliRunner().invoke(main, ["schedule", "diff", *more, *paths])
    assert ran.exit_code == 0, ran.output
    return ran.output.splitlines()


@pytest.mark.parametrize(("changed", "words"), CHANGES)
def test_what_is_otherwise_is_said_in_words_and_nothing_else(
    tmp_path: Path, changed: Callable[[str], str], words: list[str]
) -> None:
    assert told(tmp_path, OLD, changed(OLD)) == words
    as_json = [json.loads(line) for line in told(tmp_path, OLD, changed(OLD), "--json")]
    assert len(as_json) == len(words)
    assert set(as_json[0]) == {"change", "part", "where", "before", "after"}


def test_two_that_are_the_same_are_said_to_be(tmp_path: Path) -> None:
    assert told(tmp_path, OLD, OLD) == ["Both say the same."]
    assert told(tmp_path, OLD, OLD, "--json") == []


def test_the_order_of_series_is_no_difference(tmp_path: Path) -> None:
    head, _, tail = OLD.partition("  - name: Measles")
    measles, _, rest = tail.partition("  - name: Yellow fever")
    other = head.replace("series:\n", "series:\n  - name: Measles" + measles)
    assert told(tmp_path, OLD, f"{other}  - name: Yellow fever{rest}") == ["Both say the same."]


@pytest.mark.slow
def test_any_two_schedules_differ_as_much_the_other_way_round() -> None:
    bodies = [read_plain(path, SCHEMAS).value for path in FILES]
    turned = {"added": "removed", "removed": "added", "changed": "changed"}
    for left, right in permutations(bodies, 2):
        forth, back = differences(left, right), differences(right, left)
        assert forth
        parts = sorted((turned[one.kind], one.part) for one in back)
        assert sorted((one.kind, one.part) for one in forth) == parts
        assert all(str(one) for one in forth)
    assert not any(differences(body, body) for body in bodies)
