"""A file that holds a table, wherever it lies, and the rows of cells in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, tzinfo
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from edge.domain.errors import BadInput

Cells = tuple[int, list[str]]
"""A row: the line of the file in which it begins (of a workbook its row), and its cells."""


class TableError(Exception):
    """A file that cannot be read on: what stands before the line can.

    ``line`` counts from 1. ``sentence`` and ``hint`` are templates for translation.
    """

    def __init__(self, line: int, code: str, sentence: str, hint: str, /, **values: object) -> None:
        super().__init__(code)
        self.line = line
        self.code = code
        self.sentence = sentence
        self.hint = hint
        self.values = values


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file by the name its owner knows it by; ``open`` gives its bytes anew each time.

    ``encoding`` is that of a text that is neither UTF-8 nor UTF-16, by the name that IANA has for
    it; empty for one that says it itself. ``zone`` is that of the site, for hours that are told as
    instants.
    """

    name: str
    open: Callable[[], BinaryIO]
    encoding: str = ""
    zone: tzinfo = UTC

    @classmethod
    def at(cls, path: Path, encoding: str = "") -> TableFile:
        """Make one of a file on the disk."""
        return cls(path.name, lambda: path.open("rb"), encoding)

    @classmethod
    def of(cls, name: str, content: bytes, encoding: str = "") -> TableFile:
        """Make one of bytes in memory."""
        return cls(name, lambda: BytesIO(content), encoding)


@contextmanager
def opened(file: TableFile) -> Iterator[BinaryIO]:
    """Open a file, or say in words why it cannot be; raises :class:`BadInput`."""
    try:
        stream = file.open()
    except FileNotFoundError:
        raise BadInput("csv.missing", "There is no file {file}.", file=file.name) from None
    except OSError:
        raise BadInput(
            "csv.unreadable", "The file {file} cannot be read.", file=file.name
        ) from None
    with stream:
        yield stream
