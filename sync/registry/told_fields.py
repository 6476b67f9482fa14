"""What a site is told of an entry of another, field by field; whatever is not named here is not.

A history is what was given and what bears on what comes next, with as much of the person as shows
that it is the right one. It holds no telephone number, address, guardian, identity number, code or
certificate, nobody of the other site's staff, no reason in somebody's own words, and not the
entry's place in its chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ENTRY = ("id", "type", "version", "at")
_PERSON = (
    "id",
    "name",
    "gender",
    "birthDate",
    "birthYear",
    "birthEarliest",
    "birthLatest",
)
_DOSE = ("person", "programme", "vaccine", "number", "total", "lot", "on", "facility")
TOLD: Mapping[str, tuple[str, ...]] = {
    "PersonRegistered": ("person",),
    "PersonCorrected": ("person", "changes"),
    "DoseGiven": _DOSE,
    "DoseReported": _DOSE,
    "DoseCorrected": ("dose", "changes"),
    "DoseWithdrawn": ("dose", "kind"),
    "ObservationRecorded": ("person", "code", "on", "until", "present"),
    "PersonStatusRecorded": ("person", "status", "on"),
    "PersonsMerged": ("kept", "merged"),
    "MergeUndone": ("merge", "origin"),
}
"""The fields of each type's body; types that are not here are not told at all."""
_INNER: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("PersonRegistered", "person"): _PERSON,
    ("PersonCorrected", "changes"): _PERSON[1:],
    ("DoseCorrected", "changes"): _DOSE[1:],
}


def told_entry(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give an entry with the fields that another site may see."""
    type_ = str(document.get("type"))
    body = document.get("body")
    told = _only(body, TOLD.get(type_, ())) if isinstance(body, Mapping) else {}
    for (of_type, name), fields in _INNER.items():
        if of_type == type_ and name in told:
            inner = told[name]
            told[name] = _only(inner, fields) if isinstance(inner, Mapping) else {}
    return {**_only(document, _ENTRY), "body": told}


def _only(document: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: document[name] for name in names if name in document}
