"""Plain JSON values of what a YAML reader made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any


def plain_value(value: Any) -> Any:
    """Turn what YAML made into plain JSON values; its dates become text again."""
    if isinstance(value, Mapping):
        return {str(key): plain_value(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain_value(inner) for inner in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bool) or value is None:
        return value
    for kind in (int, float):
        if isinstance(value, kind):
            return kind(value)
    return str(value)
