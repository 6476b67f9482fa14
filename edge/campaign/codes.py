"""DIVOC's code lists: which ICD-11 code belongs to a vaccine's name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge.domain.errors import BadInput
from sync.bounded_files import MB, read_bounded_text


def read_codes(vaccine_icd: Path, icd: Path) -> dict[str, tuple[str, str]]:
    """Read ``VACCINE_ICD.json`` and ``ICD.json``: name in the list to (code, prophylaxis)."""
    names, terms = _json(vaccine_icd), _json(icd)
    if not isinstance(names, list) or not isinstance(terms, dict):
        raise _wrong(vaccine_icd)
    found = {}
    for item in names:
        if not isinstance(item, dict) or not {"vaccineName", "icd11Code"} <= set(item):
            raise _wrong(vaccine_icd)
        term = terms.get(item["icd11Code"], {})
        found[str(item["vaccineName"])] = (item["icd11Code"], term.get("icd11Term", ""))
    return found


def with_codes(
    vaccine: Mapping[str, Any], codes: Mapping[str, tuple[str, str]]
) -> dict[str, Any] | None:
    """Fill in a vaccine's missing code as DIVOC looks it up; none when nothing changes.

    The list's name must be part of the vaccine's, without spaces and case; the first one counts.
    """
    name = _plain(vaccine["name"])
    for listed, (code, prophylaxis) in codes.items():
        if _plain(listed) in name:
            filled = {"icd11": code, "prophylaxis": prophylaxis}
            whole = {**filled, **{key: value for key, value in vaccine.items() if value}}
            return whole if whole != dict(vaccine) else None
    return None


def _plain(name: str) -> str:
    return name.replace(" ", "").casefold()


def _json(path: Path) -> Any:
    try:
        return json.loads(read_bounded_text(path, 4 * MB))
    except (OSError, ValueError, RecursionError):
        raise _wrong(path) from None


def _wrong(path: Path) -> BadInput:
    return BadInput(
        "codes.file",
        "The code list {file} cannot be read.",
        hint="Give DIVOC's VACCINE_ICD.json and ICD.json.",
        file=path.name,
    )
