"""What SECURITY.md and docs/asvs.md say is held: every row has a state, and its tests and files exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
THREATS = ROOT / "SECURITY.md"
STANDARD = ROOT / "docs/asvs.md"
WHO = (
    *("guest", "stolen tablet", "stolen computer", "rogue site", "impostor of the registry"),
    *("careless administrator", "technician", "publisher", "stick", "registry"),
)
"""Whom a threat model of such a site must name."""


@cache
def names_in(file: str) -> frozenset[str]:
    path = ROOT / file
    source = path.read_text(encoding="utf-8") if path.is_file() else ""
    return frozenset(re.findall(r"^def (test_\w+)", source, re.MULTILINE))


def missing_tests(text: str) -> list[str]:
    """Give the tests that a text names and that are not there."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", text)
    return [f"{file}::{name}" for file, name in named if name not in names_in(file)]


def missing_files(text: str) -> list[str]:
    """Give the files that a text names, in code or as a link, and that are not there."""
    named = re.findall(r"`((?:edge|sync|printers|config|docs|bin|systemd)/[\w./-]*)`", text)
    return [name for name in named if not (ROOT / name).exists()]


def table(page: str, heading: str) -> Iterator[list[str]]:
    """Give the rows of the tables below a heading, to the next of its rank."""
    part = page.partition(f"\n{heading}\n")[2]
    rank = heading.partition(" ")[0]
    part = re.split(rf"^{rank} ", part, maxsplit=1, flags=re.MULTILINE)[0]
    for line in part.splitlines():
        if line.startswith("| ") and not set(line) <= set("|- "):
            yield [cell.strip() for cell in line.strip().strip("|").split(" | ")]


def test_each_threat_has_a_control_with_files_and_tests_that_exist() -> None:
    rows = list(table(THREATS.read_text(encoding="utf-8"), "## Threat model"))[1:]
    assert len(rows) > 20
    for who, wants, control, where, tests in rows:
        assert min(map(len, (who, wants, control, where))) > 3, who
        assert "`tests/" in tests, (who, wants)
        assert missing_tests(tests) == []
        assert "`" in where, (who, wants)
        assert missing_files(where) == []
    everybody = " ".join(row[0] for row in rows)
    assert [who for who in WHO if who not in everybody] == []


STATES = ("met", "partly", "not met", "does not apply")
CHAPTERS = {
    1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 33, 7: 18, 8: 7, 9: 7, 10: 29,
    11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16, 17: 7,
}  # fmt: skip
"""How many requirements of levels 1 and 2 each chapter of ASVS 5.0 has."""
WHOLE = {7: 19, 9: 7, 11: 24, 16: 17}
"""Sessions, tokens, keys, logging: how many there are with those of level 3."""


def requirements() -> list[list[str]]:
    page = STANDARD.read_text(encoding="utf-8")
    chapters = re.findall(r"^(## V\d+ .*)$", page, re.MULTILINE)
    assert [int(title.split()[1][1:]) for title in chapters] == list(CHAPTERS)
    return [row for title in chapters for row in table(page, title) if row[0] != "number"]


def test_each_requirement_has_a_state_and_what_it_names_exists() -> None:
    found = requirements()
    for number, level, meaning, state, how in found:
        assert re.fullmatch(r"\d+\.\d+\.\d+", number), number
        assert level in ("1", "2", "3"), number
        assert len(meaning) > 5, number
        assert state in STATES, number
        assert len(how) > 5, number
        assert state not in ("met", "partly") or "`" in how or "](" in how, number
        assert missing_tests(how) == [], number
        assert missing_files(how) == [], number
    numbers = [row[0] for row in found]
    assert sorted(numbers) == sorted(set(numbers))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_requirement_of_level_one_or_two_is_left_out_and_of_three_where_it_counts(
    chapter: int,
) -> None:
    levels = [row[1] for row in requirements() if row[0].startswith(f"{chapter}.")]
    assert len([level for level in levels if level != "3"]) == CHAPTERS[chapter]
    assert len(levels) >= WHOLE.get(chapter, 0)


def test_what_is_partly_met_or_not_is_told_once_more_at_the_end() -> None:
    page = STANDARD.read_text(encoding="utf-8")
    end = page.partition("\n## What is missing\n")[2]
    left = [row[0] for row in requirements() if row[3] in ("partly", "not met")]
    assert len(left) > 5
    assert [number for number in left if not re.search(rf"\b{re.escape(number)}\b", end)] == []


def test_the_counts_at_the_top_are_those_of_the_tables() -> None:
    page = STANDARD.read_text(encoding="utf-8")
    states = [row[3] for row in requirements()]
    told = dict(
        re.findall(r"^\| ([a-z ]+) \| (\d+) \|$", page.partition("\n## V1 ")[0], re.MULTILINE)
    )
    assert {state: int(told[state]) for state in STATES} == {
        state: states.count(state) for state in STATES
    }


def test_a_test_or_a_file_that_is_not_there_is_seen() -> None:
    assert missing_tests("`tests/house/test_security.py::test_nothing`") == [
        "tests/house/test_security.py::test_nothing"
    ]
    assert missing_files("`edge/nothing.py` and `edge/web/app.py`") == ["edge/nothing.py"]
