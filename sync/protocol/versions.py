"""The protocol's own number, and what an end can do: apart from the software's version."""

from __future__ import annotations

from typing import Any

from sync.protocol.errors import ProtocolError
from sync.protocol.frames import DICTIONARIES

NEWEST = 4
"""It rises when an older end would misunderstand."""
OLDEST = 1
SIGNED = 3
"""From this version on every question proves which node asks it."""
BRIEF = 4
"""From this version on the idle question has a place and a word of its own, both short."""


def capabilities() -> dict[str, Any]:
    """Say what this version speaks, as ``GET /v1`` gives it."""
    return {
        "protocol": {"min": OLDEST, "max": NEWEST},
        "codings": ["zlib", "zstd"],
        "dictionaries": list(DICTIONARIES),
    }


def check_version(version: Any) -> int:
    """Let through a version that is spoken here; raises :class:`ProtocolError` with the range."""
    if type(version) is not int or not OLDEST <= version <= NEWEST:
        raise ProtocolError(
            "protocol.version",
            "The protocol is spoken here in the versions {oldest} to {newest}.",
            oldest=OLDEST,
            newest=NEWEST,
        )
    return version


def agreed_version(theirs: Any) -> int:
    """Choose the newest version both ends speak, from the other's capabilities.

    An end that says nothing of itself is of the first version. Raises :class:`ProtocolError`
    ``protocol.apart`` when there is none.
    """
    spoken = theirs.get("protocol") if isinstance(theirs, dict) else None
    if not isinstance(spoken, dict):
        return OLDEST
    least, most = spoken.get("min"), spoken.get("max")
    if type(least) is not int or type(most) is not int:
        return OLDEST
    best = min(most, NEWEST)
    if best < max(least, OLDEST):
        raise ProtocolError(
            "protocol.apart",
            "The registry and this site have no version of the protocol in common."
            " The older of the two needs an update.",
        )
    return best
