"""The protocol's own number, and what an end can do: apart from the software's version."""

from __future__ import annotations

from typing import Any

from sync.protocol.errors import ProtocolError, raise_refusal
from sync.protocol.frames import DICTIONARIES

NEWEST = 6
"""It rises when an older end would misunderstand."""
OLDEST = 3
"""The first version whose every question proves which node asks it; a stick may bring it still."""
ONCE = 5
"""The first version whose questions cannot be asked again by who overheard them: by network no
older one is spoken."""

PRESENCE = 6
"""The first version in which who asks for people's histories proves that these were there."""


def capabilities() -> dict[str, Any]:
    """Say what this version speaks, as ``GET /v1`` gives it."""
    return {
        "protocol": {"min": OLDEST, "max": NEWEST},
        "codings": ["zlib", "zstd"],
        "dictionaries": list(DICTIONARIES),
    }


def check_version(version: Any, oldest: int = OLDEST) -> int:
    """Let through a version that is spoken here; raises :class:`ProtocolError` with the range."""
    if type(version) is not int or version < oldest:
        raise ProtocolError(
            "protocol.version",
            "The registry speaks the versions {oldest} to {newest} of the protocol, and this is an"
            " older one, which does not prove enough. The site's software needs an update.",
            oldest=oldest,
            newest=NEWEST,
        )
    if version > NEWEST:
        raise ProtocolError(
            "protocol.version",
            "The registry speaks the versions {oldest} to {newest} of the protocol, and this is a"
            " newer one. The registry's software needs an update.",
            oldest=oldest,
            newest=NEWEST,
        )
    return version


def agreed_version(theirs: Any, oldest: int = OLDEST) -> int:
    """Choose the newest version both ends speak, from the other's capabilities.

    An end that says nothing of itself is of the first version. Raises :class:`ProtocolError`
    ``protocol.apart`` when there is none, and whatever the other end refuses to say it with.
    """
    raise_refusal(theirs)
    least, most = _range(theirs.get("protocol"))
    if most < oldest:
        raise ProtocolError(
            "protocol.apart",
            "The registry speaks the protocol up to version {theirs}, this site from version {ours}"
            " on. The registry needs an update; until then nothing is sent, and nothing is lost.",
            theirs=most,
            ours=oldest,
        )
    if least > NEWEST:
        raise ProtocolError(
            "protocol.apart",
            "The registry speaks the protocol from version {theirs} on, this site up to version"
            " {ours}. This site needs an update; until then nothing is sent, and nothing is lost.",
            theirs=least,
            ours=NEWEST,
        )
    return min(most, NEWEST)


def _range(spoken: Any) -> tuple[int, int]:
    """Read the least and the newest version of an end; one that does not say is of the first."""
    if isinstance(spoken, dict):
        least, most = spoken.get("min"), spoken.get("max")
        if type(least) is int and type(most) is int:
            return least, most
    return 1, 1
