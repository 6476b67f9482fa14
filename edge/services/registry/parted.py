"""Doses that were told of another with whom a person was one, once the two are two again.

The registry tells a site that knows one of two what was given to both. After the merge is undone it
tells of the other no more: what was told of that one is taken back here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from edge.domain.names.texts import tidied
from edge.journal import views
from edge.journal.derived_ids import derived_id
from edge.journal.histories import told_entries
from edge.journal.unit import Unit
from sync.protocol.histories import ForeignEntry

if TYPE_CHECKING:
    from sqlite_utils import Database

PARTED = "other-person"
"""The kind of withdrawal it is."""


def take_back_of_parted(unit: Unit, asked: str, told: Sequence[ForeignEntry], by: str) -> None:
    """Write ``DoseWithdrawn`` for what was told of somebody from whom a person is parted now.

    Before ``told``, what the registry says of the person now, takes the place of what it said.
    """
    undone = [entry.entry for entry in told if entry.entry.get("type") == "MergeUndone"]
    if not undone:
        return
    before = told_entries(unit.db, asked)
    still = {str(entry.entry.get("id")) for entry in told}
    for undoing in undone:
        others = _parted(undoing, before)
        for entry in before:
            body = _body(entry)
            gone = entry.get("type") in ("DoseGiven", "DoseReported") and entry["id"] not in still
            if gone and body.get("person") in others - {asked}:
                _take_back(unit, asked, entry, undoing, by)


def local_dose(db: Database, origin: str, person: str) -> str:
    """Give the id under which a dose that others told of is recorded here.

    Another one after it was taken back because two were parted: they may be one again.
    """
    id_ = derived_id("history dose", {"entry": origin, "person": person})
    while (record := views.recorded(db, id_)) and record.withdrawn:
        if record.withdrawn.kind != PARTED:
            break
        id_ = derived_id("history dose", {"entry": origin, "person": person, "after": id_})
    return id_


def _take_back(
    unit: Unit, asked: str, entry: Mapping[str, Any], undoing: Mapping[str, Any], by: str
) -> None:
    dose = local_dose(unit.db, str(entry["id"]), asked)
    record = views.recorded(unit.db, dose)
    if record is None or record.withdrawn:
        return
    withdrawal = {
        "dose": dose,
        "kind": PARTED,
        "reason": tidied(str(_body(undoing).get("reason") or ""), 200) or "registry",
        "source": "registry",
        "origin": str(undoing.get("id", "")),
    }
    id_ = derived_id("history withdrawal", {"entry": withdrawal["origin"], "dose": dose})
    unit.append("DoseWithdrawn", withdrawal, id_=id_, by=by)


def _parted(undoing: Mapping[str, Any], known: Iterable[Mapping[str, Any]]) -> set[str]:
    """Give all who were one with somebody by a merge that is undone now."""
    pairs = {
        str(entry["id"]): {str(_body(entry).get("kept")), str(_body(entry).get("merged"))}
        for entry in known
        if entry.get("type") == "PersonsMerged"
    }
    named = (_body(undoing).get(name) for name in ("merge", "origin"))
    found = set[str]().union(*(pairs.get(str(name), set()) for name in named))
    while more := {id_ for pair in pairs.values() if pair & found for id_ in pair} - found:
        found |= more
    return found


def _body(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    body = entry.get("body")
    return body if isinstance(body, Mapping) else {}
