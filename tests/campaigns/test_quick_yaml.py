"""Long lists are read by another parser than short ones: with the same values, on the same lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shares import share

from edge.campaign.distinct import distinct
from edge.campaign.mistakes import Mistake
from edge.campaign.plain_values import plain_value
from edge.campaign.quick_yaml import UnusualError, read_quickly
from edge.campaign.yaml_files import MOST_MISTAKES, YamlFile, list_in, read_yaml
from printers.plain_yaml import MOST_PARTS, plain_yaml
from sync.resources import resource

FILES = sorted(resource("config").rglob("*.yaml"))
WRITTEN = [
    "007", "no", "NO", "yes", "true", "False", "1_000", "0o7", "0x1F", "1e5", ".5", "1.", "+5", "-0",
    "2026-01-01", "2026-1-5", "2026-01-01 10:00:00", "12:30", "~", "null", "Null", "", "=", "[]", "{}",
    '"007"', "'no'", "Nurse Number 7", "a#b", "a #b", "é", "[1, b, no]", "{a: 1, b: [x]}", "x-1", "<",
    ".inf", "-.inf", ".nan1", "2026.11", "100101", "0100101", "- ", "|\n  two\n  lines", ">-\n  folded",
]  # fmt: skip


def paths(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Give the place of every part of a value."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    return [at, *(path for key, inner in items for path in paths(inner, (*at, key)))]


def same(text: str) -> None:
    marked = plain_yaml("rt").load(text)
    whole = YamlFile("a.yaml", plain_value(marked), marked)
    value, lines = read_quickly(text)
    assert repr(value) == repr(whole.value)
    quick = YamlFile("a.yaml", value, lines)
    for path in paths(value):
        assert quick.line(path) == whole.line(path), path


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_shipped_file_is_read_alike(path: Path) -> None:
    same(path.read_text(encoding="utf-8"))


@pytest.mark.slow
@settings(max_examples=share(200))
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["code", "name", "active", "min"]), st.sampled_from(WRITTEN), min_size=1
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_list_of_any_values_is_read_alike(items: list[dict[str, str]]) -> None:
    text = "".join(
        f"{'  ' if place else '- '}{key}: {value}\n"
        for item in items
        for place, (key, value) in enumerate(item.items())
    )
    try:
        plain_yaml("rt").load(text)
    except Exception:
        with pytest.raises(UnusualError):
            read_quickly(text)
        return
    same(text)


@pytest.mark.parametrize(
    "text",
    ["a: &x 1\nb: *x", "a: 1\na: 2", "a: !!str 1", "a: 1\n---\nb: 2", "%YAML 1.1\n---\na: no", "a: [b",
     "? [a]\n: 1", "<<: {a: 1}", "a: " + "9" * 21, "a: " + "[" * 30 + "]" * 30, "\ta: 1", ""],
)  # fmt: skip
def test_what_is_unusual_is_left_to_the_reader_that_words_it(text: str) -> None:
    with pytest.raises(UnusualError):
        read_quickly(text)


def test_a_day_that_no_calendar_has_stays_a_text_for_its_schema() -> None:
    assert read_quickly("start: 2026-02-30")[0] == {"start": "2026-02-30"}


@pytest.mark.parametrize(
    ("wrong", "line", "said"),
    [
        ("- code: B\n  code: C\n", 20_003, "no field stands twice"),
        ("- code: &here B\n", 20_002, "no field stands twice"),
        ("- code: [B\n- code: C\n", 20_002, "is opened here"),
    ],
    ids=["twice", "reference", "not YAML"],
)
def test_a_long_list_with_something_unusual_is_refused_on_its_line_and_not_read_slowly(
    monkeypatch: pytest.MonkeyPatch, wrong: str, line: int, said: str
) -> None:
    monkeypatch.setattr("edge.campaign.yaml_files._marked", None)  # calling it would fail
    mistakes: list[Mistake] = []
    text = "# staff\n" + "- code: A\n" * 20_000 + wrong + "- code: Z\n" * 5
    assert list_in("staff.yaml", text.encode(), mistakes) is None
    (mistake,) = mistakes
    assert mistake.line == line
    assert said in str(mistake)


def test_a_file_that_keeps_its_places_has_so_many_parts_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_PARTS <= 30_000
    monkeypatch.setattr("printers.plain_yaml.MOST_PARTS", 300)
    path, mistakes = tmp_path / "letter.yaml", list[Mistake]()
    path.write_text("- A\n" * 299)
    assert read_yaml(path, mistakes) is not None
    path.write_text("- A\n" * 300)
    assert read_yaml(path, mistakes) is None
    (mistake,) = mistakes
    assert (mistake.line, mistake.code) == (300, "yaml.not-plain")
    assert "more than 300 names and values" in str(mistake)


def test_a_code_that_a_list_repeats_is_told_no_more_often_than_anybody_reads() -> None:
    file = list_in("staff.yaml", b"- code: A\n" * 5000, [])
    assert file is not None
    assert len(list(distinct(file))) == MOST_MISTAKES
