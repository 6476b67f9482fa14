"""Finds a member of staff by a code as somebody typed it, or as another system writes it."""

from __future__ import annotations

from edge.domain.catalogue import Catalogue, Staff
from edge.domain.numbers import in_ascii_digits


def by_code(catalogue: Catalogue, code: str) -> Staff | None:
    """Find a member of staff by a code; capitals or not, in the digits of any script.

    Where that names one alone.
    """
    if code in catalogue.staff:
        return catalogue.staff[code]
    typed = _as_typed(code)
    alike = [staff for known, staff in catalogue.staff.items() if _as_typed(known) == typed]
    return alike[0] if len(alike) == 1 else None


def _as_typed(code: str) -> str:
    return in_ascii_digits(code).upper()
