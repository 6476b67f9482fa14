"""A JSON document with an odd value in each of its places, one at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

ODD: list[Any] = [
    None, {}, [], [None], 7, -1, 1.5, True, "", "x", {"a": None}, [[]], [{}], "1" * 400,
]  # fmt: skip


def odd_documents(whole: Any) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
    """Give the place, the odd value, and the document that has it there instead of its own."""
    text = json.dumps(whole)
    for *parents, last in _places(whole)[1:]:
        for odd in ODD:
            changed = json.loads(text)
            place = changed
            for name in parents:
                place = place[name]
            place[last] = odd
            if json.dumps(changed) != text:
                yield (*parents, last), odd, changed


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, dict) else []
    inner = enumerate(value) if isinstance(value, list) else inner
    return [path, *(found for key, held in inner for found in _places(held, (*path, key)))]
