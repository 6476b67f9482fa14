"""Finds the texts that the catalogues of either end must have, where they stand in the sources."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir

from sync.protocol.counted import Said

Words = Callable[[str, list[ast.expr]], Iterable[ast.expr]]
"""Picks, of a call's name and arguments, what is shown whatever it looks like."""
_SENTENCE = re.compile(r"[A-Z{].* .*[.?:!]\Z|[A-Z{].* .*\{\w+\}[.]?\Z", re.DOTALL)
_SQL = re.compile(r"(SELECT|INSERT|UPDATE|DELETE|CREATE) ")
_COUNTED = "Counted"
_METHOD = (("**.html", "jinja2.ext:babel_extract"),)
_KEYWORDS = {"_": None, "say": (1,), "counted": (1, 2)}


def in_pages(folder: Path) -> Iterator[Said]:
    """Give the texts of ``_()``, ``say()`` and ``counted()`` in a folder of Jinja pages."""
    for _, _, text, _, _ in extract_from_dir(str(folder), _METHOD, keywords=_KEYWORDS):
        yield text if isinstance(text, str) else (text[0], text[1])


def in_code(path: Path, words: Words) -> Iterator[Said]:
    """Give every string of a module that begins and ends like a sentence, and more that is said.

    What is :class:`~sync.protocol.counted.Counted` comes with what it says of several.
    Documentation, pieces of formatted strings and SQL are shown to nobody.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = {id(node) for parent in ast.walk(tree) for node in _not_shown(parent)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from filter(None, map(_text, words(_name(node.func), node.args)))
            if _name(node.func) == _COUNTED:
                yield _text(node.args[0]), _text(node.args[1])
        text = _text(node)
        if id(node) not in silent and _SENTENCE.match(text) and not _SQL.match(text):
            yield text


def _text(node: ast.AST) -> str:
    """Give a string constant's text; nothing for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _not_shown(parent: ast.AST) -> Iterator[ast.AST]:
    """Documentation, pieces of formatted strings, what counts, and statements that stand alone."""
    if isinstance(parent, ast.Expr):
        yield parent.value
    if isinstance(parent, ast.JoinedStr):
        yield from parent.values
    if isinstance(parent, ast.Call) and _name(parent.func) == _COUNTED:
        yield from parent.args


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
