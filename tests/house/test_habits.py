"""How tests are written here: docs/testing.md is true, and nobody has a habit of their own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from requirements import missing

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
PAGE = (ROOT / "docs/testing.md").read_text(encoding="utf-8")
SKIPS = {
    "tests/helpers/requirements.py": "what all others go through",
    "tests/conftest.py": "data of others that stays outside the project",
    "tests/credentials/test_vectors.py": "the same",
    "tests/house/test_docs.py": "a copy that is no git checkout has no list of files",
    "tests/site/test_disk_at_start.py": "a file system of its own is root's to make",
    "tests/printing/test_scripts.py": "a font of 90 MB that bin/test does not install",
}
"""Where a test may skip by itself, in CI as well, and why."""
HABITS = {
    "a share of its own (shares.share)": r"max_examples=\d|range\(FUZZED|seed\", (?:range\(|\[)",
    "an ignored type without its code": r"type: ignore(?!\[)",
    "the demonstration's loader (site_factory)": r"edge\.cli\.demo import (?!demo\b)",
    "a skip of its own (requirements.missing)": r"pytest\.(?:skip|importorskip)\(|mark\.skip",
}


def offences(habit: str, source: str) -> list[str]:
    """Give the lines of a source that have a habit."""
    return [line.strip() for line in source.splitlines() if re.search(HABITS[habit], line)]


def sources() -> list[Path]:
    return [path for path in sorted(TESTS.rglob("*.py")) if path != Path(__file__)]


@pytest.mark.parametrize("habit", HABITS)
def test_no_test_has_a_habit_of_its_own(habit: str) -> None:
    found = {
        str(path.relative_to(ROOT)): lines
        for path in sources()
        if (lines := offences(habit, path.read_text(encoding="utf-8")))
    }
    allowed = SKIPS if "skip" in habit else {}
    assert sorted(found) == sorted(allowed), found


@pytest.mark.parametrize(
    ("habit", "line"),
    list(
        zip(
            HABITS,
            (
                "@settings(max_examples=60, deadline=None)",
                "    told = ask()  # type: ignore",
                "from edge.cli.demo import load, vouch_for",
                '    pytest.skip("not here")',
            ),
            strict=True,
        )
    ),
)
def test_each_habit_is_seen(habit: str, line: str) -> None:
    assert offences(habit, line) == [line.strip()]


def test_the_page_names_every_folder_and_every_helper() -> None:
    folders = {path.name for path in TESTS.iterdir() if any(path.glob("*.py"))}
    helpers = {path.stem for path in (TESTS / "helpers").glob("*.py")}
    named = set(re.findall(r"`(\w+)`", PAGE))
    assert len(folders) > 10
    assert sorted(folders - set(re.findall(r"^\| `tests/(\w+)` ", PAGE, re.MULTILINE))) == []
    assert sorted(helpers - named) == []


def test_whole_folders_of_slow_tests_are_marked_so() -> None:
    for path in [*TESTS.glob("networks/test_*.py"), *TESTS.glob("**/test_*browser.py")]:
        assert "pytestmark = pytest.mark.slow" in path.read_text(encoding="utf-8"), path.name


def test_something_missing_is_a_skip_for_a_user_and_a_failure_in_ci(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="Chromium is missing on this machine"):
        missing("Chromium")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="CI must have it"):
        missing("Chromium")


def test_no_loop_variable_of_the_code_is_named_one() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for part in ("edge", "sync", "printers")
        for path in sorted((ROOT / part).rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\bfor one in\b", line)
    ]
    assert found == []
