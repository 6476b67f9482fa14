"""JSON as strangers send it: no key twice, no NaN, no byte order mark, no endless numbers."""

from __future__ import annotations

import json
import re
from typing import Any

_LONGEST_NUMBER = 20
_DEEPEST = 100
"""Objects and lists in one another: Python's own limit depends on who asks."""
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|([\[{])|([\]}])', re.DOTALL)


class DuplicateKeyError(ValueError):
    """An object has the same key twice."""


def strict_json(text: bytes | str) -> Any:
    """Read JSON (RFC 8259 in UTF-8); raises :class:`ValueError`, also for what nests too deep."""
    if isinstance(text, bytes):
        text = text.decode()
    if text.count("[") + text.count("{") > _DEEPEST and _depth(text) > _DEEPEST:
        raise ValueError("nested too deep")
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_constant=_refuse, parse_int=_integer
        )
    except RecursionError:
        raise ValueError("nested too deep") from None


def _depth(text: str) -> int:
    depth = deepest = 0
    for found in _BRACKETS.finditer(text):
        depth += found.lastindex == 1
        depth -= found.lastindex == 2
        deepest = max(depth, deepest)
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DuplicateKeyError
    return found


def _refuse(text: str) -> Any:
    raise ValueError(text)


def _integer(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError("a number that is longer than any in a certificate")
    return int(text)
