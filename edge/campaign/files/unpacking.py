"""How much of a workbook is unpacked: what would fill the memory is refused before it does.

openpyxl makes a tree of every part but the sheets and their texts, and of these one row or text at
a time: of a file of 28 kB whose styles unpack to 16 MB it makes one of a gigabyte. Python's zipfile
gives no more of a part than the size it is listed with.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import IO, Any
from xml.parsers import expat

_WHOLE = 2 * 1024 * 1024
"""Bytes of a part that is read at once: the styles, the lists of parts."""
_MOST_ELEMENTS = 50_000
"""Elements of a row or text, and of all else in a part: Excel's widest row has 16,384 cells."""
_MOST_LETTERS = 4 * 1024 * 1024
"""Letters and attributes of them."""


class TooLargeError(Exception):
    """A workbook in which something is larger than any that people make."""


class UnpackedFile(zipfile.ZipFile):
    """The parts of a workbook, of which none takes more memory than it may."""

    def read(self, name: str | zipfile.ZipInfo, pwd: bytes | None = None) -> bytes:
        """Read a part of which a tree is made."""
        part = name if isinstance(name, zipfile.ZipInfo) else self.getinfo(name)
        if part.file_size > _WHOLE:
            raise TooLargeError
        with super().open(part, pwd=pwd) as stream:
            return stream.read()

    def open(self, name: Any, *_: Any, **__: Any) -> IO[bytes]:
        """Open a part that is read in pieces: a sheet or its texts."""
        return io.BufferedReader(_WatchedPart(super().open(name)))


class _WatchedPart(io.RawIOBase):
    """A part, looked at before it is given away."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream
        self._weight = _Weight()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._stream.read(len(buffer))
        self._weight.add(piece)
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Weight:
    """Counts what a part makes a reader hold: a row or text until its end, all else for ever."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._elements = self._letters = 0
        self._before = (0, 0)
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse

    def add(self, piece: bytes) -> None:
        """Look at the next piece; raises :class:`TooLargeError`."""
        if piece:  # whether the end is missing is for the reader to say
            self._parser.Parse(piece, False)

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if self._is_let_go(name):
            self._before = (self._elements, self._letters)
        self._path.append(name.rpartition(" ")[2])
        self._count(1, sum(map(len, attributes.values())))

    def _end(self, name: str) -> None:
        self._path.pop()
        if self._is_let_go(name):
            self._elements, self._letters = self._before

    def _text(self, text: str) -> None:
        self._count(0, len(text))

    def _is_let_go(self, name: str) -> bool:
        """Say whether the element at the path is one that a reader forgets at its end."""
        kind = name.rpartition(" ")[2]
        return (kind == "row" and self._path == ["worksheet", "sheetData"]) or (
            kind == "si" and self._path == ["sst"]
        )

    def _count(self, elements: int, letters: int) -> None:
        self._elements += elements
        self._letters += letters
        if self._elements > _MOST_ELEMENTS or self._letters > _MOST_LETTERS:
            self._refuse()

    def _refuse(self, *_: object) -> None:
        raise TooLargeError
