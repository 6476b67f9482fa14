"""The page of words is read against the code: a word means what is named like it, and all are told."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/words.md"
_PLAIN = """
access address allowed answer antigen arrive assessment association authenticator block buffer
calibration candidate canonicaliser card certificate change choice chunk claim clock code coding
column component conflict connection context contraindication copy credential cut database decoder
device dose encoder endpoint engine enrolment entropy environment error evaluation examination
facility fact failed field file font forecast format group health here id identity immunity importer
in indication input interpreter interval issuer key kind language leave limit lock lot maker
meaning model observation operator option output page paper period person picture plan printer
programme progress qr query reason record report request response revocation route rule
scanner schedule schema search series session set setting sign1 signer size skip space staff status
stock store symbol target text trust type unavailable up vaccine value verifier watch worker
"""
PLAIN = frozenset(_PLAIN.split())
"""Words that mean in the code what they mean in plain English or in the standards of the field."""


@cache
def singular(word: str) -> str:
    """Give a word without its plural's ending, roughly: both sides of a comparison go through it."""
    if word.endswith("ies") and word != "series":
        return word[:-3] + "y"
    return word[:-1] if re.search(r"[^su]s$", word) and word not in ("series", "lists") else word


def last_noun(name: str) -> str:
    """Give the word a class's name ends in."""
    words: list[str] = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*", name)
    return singular(words[-1].lower())


@cache
def classes() -> tuple[str, ...]:
    """Give the full name of each public class at the top of a module."""
    return tuple(_classes())


def _classes() -> Iterator[str]:
    for part in ("edge", "sync", "printers"):
        for path in sorted((ROOT / part).rglob("*.py")):
            where = path.relative_to(ROOT).with_suffix("")
            module = ".".join(where.parts).removesuffix(".__init__")
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    yield f"{module}.{node.name}"


def told(page: str) -> Iterator[tuple[tuple[str, ...], str, list[str]]]:
    """Give each row: the words it explains, the meaning, and what it names in the code."""
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and len(cells) == 3 and cells[0] != "word":
            words = tuple(singular(word.strip()) for word in cells[0].split(","))
            yield words, cells[1], re.findall(r"`([\w.]+)`", cells[2])


def unexplained(names: Iterable[str], page: str) -> list[str]:
    """Give each class whose last word is neither plain nor explained by a row that names it."""
    rows = list(told(page))
    explained = {name for _, _, named in rows for name in named}
    words = {word for many, _, _ in rows for word in many}
    return [
        name
        for name in names
        if name not in explained
        and (last_noun(name.rpartition(".")[2]) in words or last_noun(name) not in PLAIN)
    ]


ROWS = list(told(PAGE.read_text(encoding="utf-8")))


@pytest.mark.slow
@pytest.mark.parametrize(("words", "meaning", "named"), ROWS, ids=[row[0][0] for row in ROWS])
def test_a_word_of_the_page_stands_for_something_that_exists(
    words: tuple[str, ...], meaning: str, named: list[str]
) -> None:
    assert meaning
    assert named, "a word stands for something in the code"
    for name in named:
        module, _, last = name.rpartition(".")
        if last[0].islower():
            module = name
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__init__.py").is_file(), name
        assert last[0].islower() or name in classes(), name


def test_no_word_has_two_rows() -> None:
    words = [word for many, _, _ in ROWS for word in many]
    assert sorted(words) == sorted(set(words))


@pytest.mark.slow
def test_every_class_is_named_with_a_plain_word_or_with_one_that_the_page_explains() -> None:
    names = classes()
    assert len(names) > 250
    assert unexplained(names, PAGE.read_text(encoding="utf-8")) == []


def test_a_class_with_a_strange_name_or_in_another_sense_is_seen() -> None:
    page = "| word | meaning | in the code |\n|---|---|---|\n| tip | an end | `edge.a.Tip` |\n"
    names = [
        "edge.a.Tip",
        "edge.b.NodeTip",
        "edge.c.Whereabouts",
        "edge.d.Lot",
        "edge.e.StockError",
    ]
    assert unexplained(names, page) == ["edge.b.NodeTip", "edge.c.Whereabouts"]


def test_no_word_counts_as_plain_that_the_page_explains_or_that_nothing_is_named_with() -> None:
    used = {last_noun(name.rpartition(".")[2]) for name in classes()}
    words = {word for many, _, _ in ROWS for word in many}
    assert sorted(PLAIN & words) == []
    assert sorted(PLAIN - used) == []
