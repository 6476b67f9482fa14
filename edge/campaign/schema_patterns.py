"""Patterns of JSON Schema as Python reads them: as ECMA-262 means them, which schemas follow."""

from __future__ import annotations

import re
from typing import Any

_END = re.compile(r"(?<!\\)((?:\\\\)*)\$\Z")


def for_python(schema: Any) -> Any:
    """Give a schema whose patterns mean in Python what they say.

    There ``$`` is also in front of a last line break, and ``\\d`` a digit of any script.
    """
    if isinstance(schema, list):
        return [for_python(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: for_python(part) for name, part in schema.items()}
    if isinstance(made.get("pattern"), str):
        made["pattern"] = _pattern(made["pattern"])
    named = made.get("patternProperties")
    if isinstance(named, dict):
        made["patternProperties"] = {_pattern(name): part for name, part in named.items()}
    return made


def _pattern(pattern: str) -> str:
    return _END.sub(r"\1\\Z", pattern.replace(r"\d", "[0-9]"))
