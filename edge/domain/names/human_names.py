"""Which of several names of FHIR's is the one that a person has now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ORDER = ("official", "usual", "", "temp", "maiden", "anonymous", "nickname", "old")


def name_in_use(names: Any) -> Mapping[str, Any]:
    """Give one ``HumanName`` of a list, or an empty one.

    ``use`` alters what a name means (FHIR R4, HumanName): a nickname or a name of before stands
    for the person only where there is no other; of two alike the first does.
    """
    listed = names if isinstance(names, list) else []
    told = [name for name in listed if isinstance(name, Mapping) and _says(name)]
    return min(told, key=_place, default={})


def _says(name: Mapping[str, Any]) -> bool:
    return any(name.get(part) for part in ("text", "family", "given"))


def _place(name: Mapping[str, Any]) -> int:
    use = name.get("use")
    return _ORDER.index(use if use in _ORDER else "")
