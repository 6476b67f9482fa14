"""Codes that name one thing each: where one stands twice, and where two look alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from edge.campaign.mistakes import Mistake
from edge.campaign.yaml_files import MOST_MISTAKES, YamlFile


def distinct(
    file: YamlFile, key: str = "code", path: tuple[str | int, ...] = ()
) -> Iterator[Mistake]:
    """Find in the list at a path, if there is one, what is named (``key``) as one before it is.

    No more are told than of a file's form: nobody reads so many.
    """
    items = file.value
    for step in path:
        items = items.get(step, ()) if isinstance(items, Mapping) else items[step]
    yield from islice(_repeated(file, items, key, path), MOST_MISTAKES)


def _repeated(
    file: YamlFile, items: Any, key: str, path: tuple[str | int, ...]
) -> Iterator[Mistake]:
    first: dict[str, int] = {}
    folded: dict[str, int] = {}
    for index, item in enumerate(items):
        code = item[key]
        before = first.setdefault(code, index)
        alike = folded.setdefault(code.casefold(), index)
        if before != index:
            yield file.mistake(
                (*path, index, key),
                "code.twice",
                "The code {code} is used twice; first on line {first}.",
                code=code,
                first=file.line((*path, before, key)),
            )
        elif alike != index:
            yield file.mistake(
                (*path, index, key),
                "code.alike",
                "The code {code} differs only in capitals from {other} on line {first}. Nobody can"
                " tell them apart: choose another code.",
                code=code,
                other=items[alike][key],
                first=file.line((*path, alike, key)),
            )
