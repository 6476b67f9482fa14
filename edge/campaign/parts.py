"""The parts of a campaign: which files and folders it has, and what is in each by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.domain.catalogue import LIST_KEYS

FILES = ("campaign", *LIST_KEYS, "slips")
OPTIONAL_FILES = (
    "eligibility",
    "questions",
    "lot_recalls",
    "identities",
    "payments",
    "distribution",
    "sign_in",
)
_LISTS = ("questions", "lot_recalls")
"""Optional files that are lists."""
_FOLDERS = {
    "schedules": "schedules",
    "templates": "slips",
    "documents": "documents",
    "words": "words",
    "pictures": "pictures",
}
"""The folders, by the field of a packed campaign that has what is in them."""
FOLDERS = (*_FOLDERS.values(), "trust")
"""Every folder that is read; the lists in trust are no part of a packed campaign."""
PACKED = frozenset((*FILES[1:], *OPTIONAL_FILES, *_FOLDERS))
"""Fields of a packed campaign that are files or folders of their own; others are campaign.yaml."""


def place_of(part: str) -> str:
    """Name the file, or the folder, in which a part of a packed campaign is written."""
    if part in _FOLDERS:
        return f"{_FOLDERS[part]}/"
    return f"{part}.yaml" if part in PACKED else "campaign.yaml"


def named_in(body: Mapping[str, Any]) -> dict[str, list[str]]:
    """Give the names of what is in each part of a packed campaign, also of lists of none.

    A part that only newer software knows is left out.
    """
    rules = body.get("eligibility", {})
    parts = {
        **{name: body.get(name, ()) for name in LIST_KEYS},
        "eligibility": [*rules.get("observations", {}), *rules.get("rules", ())],
        **{name: body[name] for name in _LISTS if name in body},
        "identities": [item["type"] for item in body.get("identities", {}).get("types", ())],
        "payments": body.get("payments", {}).get("payers", ()),
        "distribution": body.get("distribution", {}).get("texts", {}),
        "sign_in": [item["role"] for item in body.get("sign_in", {}).get("roles", ())],
        **{name: body[name] for name in (*_FOLDERS, "modules") if name in body},
    }
    found = {part: [_name(part, item) for item in items] for part, items in parts.items()}
    return {part: names for part, names in found.items() if names or part in LIST_KEYS}


def _name(part: str, item: Any) -> str:
    return str(item[LIST_KEYS.get(part, "code")]) if isinstance(item, Mapping) else str(item)
