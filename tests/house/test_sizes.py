"""A function fits on a screen, and a file can be read in one go."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_FUNCTION, LONGEST_FILE = 60, 350
FUNCTIONS = ("edge", "sync", "printers", "benchmarks")
FILES = ("edge", "sync", "printers")
NOT_YET: set[str] = set()
"""What is being taken apart at the moment: whatever of it has become short goes off the list."""


def sources(*folders: str) -> Iterator[tuple[str, str]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def lengths(source: str) -> Iterator[tuple[str, int]]:
    """Give each function with its lines, decorators counted and its docstring not."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
        told = node.body[0] if ast.get_docstring(node, clean=False) is not None else None
        documentation = (told.end_lineno or 0) - told.lineno + 1 if told else 0
        yield node.name, (node.end_lineno or 0) - first + 1 - documentation


def too_long() -> set[str]:
    found = {
        f"{path}: {name} has {lines} lines"
        for path, source in sources(*FUNCTIONS)
        for name, lines in lengths(source)
        if lines > LONGEST_FUNCTION
    }
    for path, source in sources(*FILES):
        lines = len(source.splitlines())
        if lines > LONGEST_FILE:
            found.add(f"{path}: the file has {lines} lines")
    return found


@pytest.mark.slow
def test_no_function_is_longer_than_a_screen_and_no_file_longer_than_five() -> None:
    assert len(list(sources(*FUNCTIONS))) > 300
    found = too_long()
    assert {one for one in found if one.partition(":")[0] not in NOT_YET} == set()
    assert {one.partition(":")[0] for one in found} >= NOT_YET


BODY = "    x = 1\n"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("def f():\n" + BODY * 60, 61),
        ("async def f():\n" + BODY * 60, 61),
        ("@a\n@b(\n    1,\n)\ndef f():\n" + BODY, 6),
        ('def f():\n    """One.\n\n    Two.\n    """\n' + BODY, 2),
        ("def f(\n    a,\n    b,\n):\n" + BODY, 5),
        ("class A:\n    def f(self):\n        def g():\n            pass\n        return g\n", 4),
    ],
)
def test_the_lines_of_a_function_are_counted_without_its_documentation(
    source: str, lines: int
) -> None:
    assert next(lengths(source))[1] == lines
