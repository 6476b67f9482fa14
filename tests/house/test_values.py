"""A value is put where it belongs: what is passed by position does not have another field's name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("edge", "printers", "sync")


def trees() -> Iterator[tuple[str, ast.Module]]:
    for part in PARTS:
        for path in sorted((ROOT / part).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def fields(tree: ast.AST) -> Iterator[tuple[str, list[str]]]:
    """Give each dataclass and Struct of a module with the names of its fields, in order."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any(
            re.search(r"\b(dataclass|Struct)\b", ast.unparse(one))
            for one in [*node.decorator_list, *node.bases]
        ):
            yield (
                node.name,
                [
                    one.target.id
                    for one in node.body
                    if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
                ],
            )


def misplaced(tree: ast.AST, known: dict[str, list[list[str]]]) -> Iterator[str]:
    """Give where a variable named as one field of a class is passed in the place of another."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        for names in known.get(node.func.id, []):
            for place, given in enumerate(node.args):
                name = given.id if isinstance(given, ast.Name) else ""
                if name in names and place < len(names) and names[place] != name:
                    yield f"{node.lineno}: {node.func.id} takes {names[place]}, is given {name}"


@pytest.mark.slow
def test_no_value_is_passed_by_position_in_the_place_of_another_field() -> None:
    known: dict[str, list[list[str]]] = {}
    for _, tree in trees():
        for name, told in fields(tree):
            known.setdefault(name, []).append(told)
    assert len(known) > 100
    found = [
        f"{path}:{line}"
        for path, tree in trees()
        for line in misplaced(tree, {n: told for n, told in known.items() if len(told) == 1})
    ]
    assert found == []


def test_a_limit_in_the_place_of_another_is_seen() -> None:
    source = "Limits(entries_a_day, passes_a_minute, morning_window)"
    known = {"Limits": [["entries_a_day", "passes_a_minute", "histories_a_day", "morning_window"]]}
    assert list(misplaced(ast.parse(source), known)) == [
        "1: Limits takes histories_a_day, is given morning_window"
    ]
