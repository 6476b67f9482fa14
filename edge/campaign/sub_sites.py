"""Teams with a box of their own, which are facilities and a part of another one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def sub_sites(facilities: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Give the facilities that are a part of another one: a nation has few beside the others."""
    return [item for item in facilities if item.get("part_of")]


def with_sub_sites(staff: Mapping[str, Any], facilities: Any) -> tuple[str, ...]:
    """Give the facilities of somebody with the sub-sites of those, whose teams come from them.

    ``facilities`` are those that may be sub-sites.
    """
    own = list(staff["facilities"])
    for item in facilities:
        if item.get("part_of") in staff["facilities"] and item["code"] not in own:
            own.append(item["code"])
    return tuple(own)
