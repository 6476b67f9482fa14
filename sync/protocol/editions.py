"""Which version of a campaign is the newer one: at a site, and where it is published."""

from __future__ import annotations

import re

_RUN = re.compile(r"(\d+)|(\D+)")


def is_newer(version: str, than: str) -> bool:
    """Say whether a version is newer, number by number: 2026.9 is older than 2026.11."""
    return edition_rank(version) > edition_rank(than)


def edition_rank(version: str) -> list[tuple[int, int, str]]:
    """Give what versions are compared by: a number comes before a text in the same place."""
    runs = _RUN.findall(version.casefold())
    return [(0, int(digits), "") if digits else (1, 0, text) for digits, text in runs]
