"""What a backup says of itself: whose it is, of when, how far it goes, and every file in it."""

from __future__ import annotations

import re

import msgspec

from edge.domain.errors import BadInput, EdgeError

NAME = "manifest.json"
JOURNAL_KEY = "journal.key"
"""The member with the journal's key in hex: wherever the site keeps it, here it travels along."""
FORMAT = 1
_MEMBER = re.compile(r"(keys|fonts|printers|campaign)/[^/\0]{1,200}(/[^/\0]{1,200}){0,5}")
_ALONE = frozenset({"journal.db", "trust.db", "site.toml", JOURNAL_KEY})


class FileFacts(msgspec.Struct, frozen=True):
    """How long a file is, and the SHA-256 of it in hex."""

    bytes: int
    sha256: str


class LastEntry(msgspec.Struct, frozen=True):
    """The last entry in a backup; ``at`` is its instant."""

    epoch: str
    number: int
    hash: str
    at: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The first file in a backup; ``at`` is the instant at which it was begun."""

    format: int
    software: str
    facility: str
    node: str
    at: str
    entries: int
    last: LastEntry | None
    files: dict[str, FileFacts]


def read_manifest(content: bytes) -> Manifest:
    """Read the first file of a backup; raises :class:`BadInput` for a newer form, or none."""
    try:
        form = msgspec.json.decode(content, type=dict[str, msgspec.Raw]).get("format", b"")
        newer = int(bytes(form) or 0) > FORMAT
        if not newer:
            found = msgspec.json.decode(content, type=Manifest)
    except (msgspec.DecodeError, ValueError):
        raise damaged() from None
    if newer:
        raise BadInput(
            "backup.newer",
            "This backup was made by a newer version of DIVOC Edge.",
            hint="Install that version or a later one, then restore it.",
        )
    names = found.files.keys()
    if not all(is_member(name) for name in names) or not {"journal.db", "site.toml"} <= names:
        raise damaged()
    return found


def is_member(name: str) -> bool:
    """Say whether a file of this name may be in a backup: none that leads out of the folder."""
    parts = name.split("/")
    return name in _ALONE or (
        bool(_MEMBER.fullmatch(name)) and not {".", ".."} & set(parts) and "\\" not in name
    )


def damaged() -> EdgeError:
    """Say that a backup is not whole."""
    return EdgeError(
        "backup.damaged",
        "This backup is damaged or cut off: it cannot be restored.",
        hint="Take an older one, or one on another medium.",
    )
