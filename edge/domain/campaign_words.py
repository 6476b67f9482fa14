"""A campaign's own words in one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CampaignWords:
    """What a campaign says in a language, by the English text; ``name`` is the language's own.

    ``rtl``: it is read from right to left.
    """

    name: str
    rtl: bool
    texts: Mapping[str, str]
