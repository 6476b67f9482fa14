"""A copy of the journal on another disk: JSON lines, sealed with age, a file for each delivery.

Each line is an entry in canonical form, whose SHA-256 is its hash in the chain: who has the age
identity opens a file with any age tool, and proves it. An entry that is in two files is the same
twice. Only whole files get their names.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyrage

from edge.domain.errors import BadInput, Unavailable
from edge.followers.follower import Result, Verdict
from edge.journal.entry import Entry

_MOST, _EVERY = 1000, 60.0
_ENDING = ".jsonl.age"


class Copy:
    """Writes entries to a folder that must be there: a disk that is not mounted has none."""

    types = None
    most = _MOST
    every = _EVERY

    def __init__(self, folder: Path, recipient: str) -> None:
        self._folder = folder
        self._recipient = pyrage.x25519.Recipient.from_str(recipient)

    def deliver(self, entries: Sequence[Entry]) -> Result:
        """Write one file, of one epoch, and answer when it is on the disk."""
        if not self._folder.is_dir():
            raise Unavailable(
                "copy.folder",
                "There is no folder {folder} for the copy of the journal.",
                hint="Plug in the disk, or make the folder on it.",
                folder=self._folder,
            )
        first = entries[0]
        same = [entry for entry in entries if entry.epoch == first.epoch]
        last = same[-1]
        lines = "".join(f"{entry.content}\n" for entry in same).encode()
        name = f"{first.epoch}-{first.number:08}-{last.number:08}{_ENDING}"
        _write(self._folder / name, pyrage.encrypt(lines, [self._recipient]))
        return Result([Verdict()] * len(same))


def make(options: Mapping[str, Any], _surroundings: object) -> Copy:
    """Make it of its settings: ``folder``, a whole path, and ``recipient``, an age recipient."""
    unknown = options.keys() - {"folder", "recipient"}
    if unknown:
        raise _wrong(min(unknown), "is not a setting of a copy", "folder and recipient")
    folder, recipient = options.get("folder"), options.get("recipient")
    if not isinstance(folder, str) or not Path(folder).is_absolute():
        raise _wrong("folder", "is not a whole path", "for example /media/backup/divoc")
    if not isinstance(recipient, str):
        raise _wrong("recipient", "is missing", "what age-keygen shows: age1…")
    try:
        return Copy(Path(folder), recipient)
    except (pyrage.RecipientError, ValueError):
        raise _wrong("recipient", "is no age recipient", "what age-keygen shows: age1…") from None


def _wrong(field: str, what: str, instead: str) -> BadInput:
    return BadInput(
        "follower.setting",
        "The setting {name} {what}.",
        hint="Write {instead}.",
        field=field,
        name=field,
        what=what,
        instead=instead,
    )


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; what is begun and not ended takes no room."""
    new = path.with_suffix(".new")
    try:
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
