"""The log of hazards is whole: no hazard without a control, no control without a test that exists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/hazards.md").read_text(encoding="utf-8")
SEVERITIES = ("minor", "significant", "considerable", "major", "catastrophic")
LIKELIHOODS = ("very high", "high", "medium", "low", "very low")
ACCEPTED = 3
_RISK = re.compile(
    r"Leads to .+?\. Severity (?P<severity>[a-z]+); likelihood (?P<before>[a-z ]+) without the"
    r" controls \(risk (?P<risk>\d)\), (?P<after>[a-z ]+) with them \(risk (?P<left>\d)\)\.",
    re.DOTALL,
)


@dataclass(frozen=True)
class Hazard:
    """A hazard of the page: its heading, its text, and its lines by what they are called."""

    title: str
    text: str

    def lines(self, name: str) -> list[str]:
        found = re.split(r"^- \*\*", self.text, flags=re.MULTILINE)[1:]
        return [line.partition("**")[2].strip() for line in found if line.startswith(f"{name}.")]


def hazards(page: str = PAGE) -> list[Hazard]:
    parts = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    return [Hazard(*part.split("\n", 1)) for part in parts]


@cache
def known_in(file: str) -> frozenset[str]:
    path = ROOT / file
    source = path.read_text(encoding="utf-8") if path.is_file() else ""
    return frozenset(re.findall(r"^def (test_\w+)", source, re.MULTILINE))


def risk(likelihood: str, severity: str) -> int:
    (row,) = re.findall(rf"^\| {likelihood} \|(.+)\|$", PAGE, re.MULTILINE)
    return int(row.split("|")[SEVERITIES.index(severity)])


def faults(hazard: Hazard) -> list[str]:
    """Give what a hazard lacks."""
    found = [
        f"has no {name.lower()}"
        for name in ("Cause", "Noticed by", "Control", "Left")
        if not hazard.lines(name) or not all(len(line) > 10 for line in hazard.lines(name))
    ]
    for control in hazard.lines("Control"):
        tests = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", control)
        code = re.findall(r"\(`([\w/.]+)`\)", control)
        found += ["has a control without a test"] * (not tests)
        found += [f"names {name}" for file, name in tests if name not in known_in(file)]
        found += ["has a control without its code"] * (not code)
        found += [f"names {path}" for path in code if not (ROOT / path).is_file()]
    rated = _RISK.search(hazard.text)
    if rated is None:
        return [*found, "is not rated"]
    severity, before, after = rated["severity"], rated["before"], rated["after"]
    if (int(rated["risk"]), int(rated["left"])) != (risk(before, severity), risk(after, severity)):
        found.append("has a risk that the matrix has not")
    if int(rated["left"]) > ACCEPTED:
        found.append("is left with a risk that is not acceptable")
    return found


@pytest.mark.parametrize("hazard", hazards(), ids=lambda hazard: hazard.title[:60])
def test_each_hazard_has_a_cause_a_watcher_a_control_with_a_test_and_what_is_left(
    hazard: Hazard,
) -> None:
    assert faults(hazard) == []


def test_hazards_are_numbered_one_by_one() -> None:
    numbers = [int(re.match(r"H(\d+)\. \S", hazard.title)[1]) for hazard in hazards()]  # type: ignore[index]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 30


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (r"^- \*\*Control\.\*\*.*?(?=^- \*\*)", "", "has no control"),
        (r"::test_\w+`", "::test_that_nobody_wrote`", "names test_that_nobody_wrote"),
        (r"\n  Held by.*?\.\n", "\n", "has a control without a test"),
        (r"\(`edge/\w+/", "(`edge/nowhere/", "names edge/nowhere/same_day.py"),
        (r"risk \d\), very low", "risk 1), very low", "has a risk that the matrix has not"),
        (r"^- \*\*Left\.\*\*.*\n", "", "has no left"),
        (r"^- \*\*Cause\.\*\*.*\n", "- **Cause.** It.\n", "has no cause"),
    ],
)
def test_what_a_hazard_lacks_is_seen(old: str, new: str, fault: str) -> None:
    page = re.sub(
        old, new, PAGE, count=0 if "Control" in old else 1, flags=re.MULTILINE | re.DOTALL
    )
    assert fault in faults(hazards(page)[0])
