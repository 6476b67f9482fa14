"""The seam for USB couriers: a stick carries what the line does not."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from country import Country

KNOWN = find_spec("sync.bundles") is not None
"""Whether this version of the software has bundles at all."""


def courier(country: Country) -> None:
    """Carry one site's bundle to the nation and the nation's answer back; later, or never."""
    if not KNOWN:
        return
