"""The files of a signed campaign as they come: in a letter, or in a folder on a stick."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from sync.protocol.campaign_parts import concerning
from sync.protocol.errors import ProtocolError
from sync.protocol.shapes import fit

LARGEST = 4 * 1024 * 1024
"""Bytes of all files together: they must go into one letter."""
_MOST_FILES = 300
_NAME = re.compile(r"(metadata|targets)/[A-Za-z0-9][A-Za-z0-9._-]{0,150}")


class _Body(msgspec.Struct):
    files: dict[str, str]


def read_files(body: Mapping[str, Any]) -> dict[str, bytes]:
    """Read the files that a letter carries; raises :class:`ProtocolError` for what is none."""
    files = fit(body, _Body, unreadable).files
    try:
        found = {name: text.encode() for name, text in files.items() if _NAME.fullmatch(name)}
    except UnicodeEncodeError:  # half a character
        raise unreadable() from None
    if len(files) > _MOST_FILES or sum(map(len, found.values())) > LARGEST:
        raise unreadable()
    return found


class FolderFiles(Mapping[str, bytes]):
    """The files of a folder, each read when it is asked for; what is named otherwise is not there.

    Raises :class:`ProtocolError` once more was read than a site takes.
    """

    def __init__(self, folder: Path) -> None:
        self._left = LARGEST
        self._read: dict[str, bytes] = {}
        found = [*(folder / "metadata").glob("*"), *(folder / "targets").glob("*")]
        names = {f"{path.parent.name}/{path.name}": path for path in sorted(found)}
        self._paths = {
            name: path
            for name, path in names.items()
            if _NAME.fullmatch(name) and not path.is_symlink() and path.is_file()
        }

    def __getitem__(self, name: str) -> bytes:
        if name not in self._read:
            with self._paths[name].open("rb") as file:
                content = file.read(self._left + 1)
            self._left -= len(content)
            if self._left < 0:
                raise unreadable()
            self._read[name] = content
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def files_in(folder: Path, facility: str = "") -> dict[str, bytes]:
    """Read the files of a folder that a site of a facility needs.

    Raises :class:`ProtocolError` for more, or larger ones, than a site takes.
    """
    found = concerning(FolderFiles(folder), facility)
    if len(found) > _MOST_FILES:
        raise unreadable()
    return found


def unreadable(_field: str = "") -> ProtocolError:
    """Say that something is no signed campaign."""
    return ProtocolError("campaign.form", "This is no signed campaign that can be read.")
