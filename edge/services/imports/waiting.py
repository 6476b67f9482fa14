"""Files that were looked at and wait for somebody's word: in memory, for a while, of a few people.

A table of people is not written down in the clear, so it lies on no disk between the look and the
word.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.campaign.files.table_file import TableFile
from edge.domain.errors import NotFound, Unavailable
from edge.services.imports.tables import ImportRequest

_KEPT = timedelta(hours=1)
_MOST_BYTES = 32 * 1024 * 1024
"""Of all files together."""


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file as it was chosen, by whom, and what it was said to be."""

    staff: str
    asked: ImportRequest
    name: str
    content: bytes
    encoding: str
    since: datetime

    @property
    def file(self) -> TableFile:
        """The file as an import reads it."""
        return TableFile.of(self.name, self.content, self.encoding)


class WaitingFiles:
    """Keeps files by a number until they are taken in, or an hour is over."""

    def __init__(self, now: Callable[[], datetime], new_id: Callable[[], str]) -> None:
        self._now = now
        self._new_id = new_id
        self._lock = threading.Lock()
        self._files: dict[str, WaitingFile] = {}

    def keep(
        self, staff: str, asked: ImportRequest, name: str, content: bytes, encoding: str
    ) -> str:
        """Keep a file and give its number; another one that waits for the same person goes."""
        kept = WaitingFile(staff, asked, name, content, encoding, self._now())
        with self._lock:
            self._drop(staff)
            if sum(len(file.content) for file in self._files.values()) + len(content) > _MOST_BYTES:
                raise Unavailable(
                    "import.too-many",
                    "Too many files wait to be taken in.",
                    hint="Wait until the others are taken in, or use the command line.",
                )
            number = self._new_id()
            self._files[number] = kept
        return number

    def find(self, number: str, staff: str) -> WaitingFile:
        """Find a file of somebody; raises :class:`NotFound` for one that waits no more."""
        with self._lock:
            self._drop("")
            found = self._files.get(number)
        if found is None or found.staff != staff:
            raise NotFound(
                "import.gone",
                "This file is not here any more.",
                hint="Choose it again: what was taken in already is not taken twice.",
                field="file",
            )
        return found

    def _drop(self, staff: str) -> None:
        oldest = self._now() - _KEPT
        self._files = {
            number: file
            for number, file in self._files.items()
            if file.since >= oldest and file.staff != staff
        }
