"""What the nation is told of a site's lists: which are here, and which were refused and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from edge.domain.errors import EdgeError
from edge.journal.entries import newest_of
from edge.journal.unit import Unit

NOTHING_REFUSED: Mapping[str, EdgeError] = MappingProxyType({})
_TYPE = "ListsTold"
_MOST = 300
"""Lists, and refusals, that one entry names."""


def tell_lists(
    unit: Unit, lists: Sequence[Mapping[str, Any]], refused: Mapping[str, EdgeError], id_: str
) -> None:
    """Record how a site's signed lists stand, where that is otherwise than it was recorded last."""
    body = {
        "lists": list(map(dict, lists[:_MOST])),
        "refused": [
            {"name": name, "code": error.code, "sentence": str(error)}
            for name, error in list(refused.items())[:_MOST]
        ],
    }
    last = newest_of(unit.db, _TYPE)
    before = last.body if last else {"lists": [], "refused": []}
    if {name: before.get(name) for name in body} != body:
        unit.append(_TYPE, body, id_=id_, by="nation")
