"""Tables in text: which letters, which delimiter, where each row begins."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from edge.campaign.files.table_file import Cells, TableError, TableFile, opened
from edge.domain.errors import BadInput

ENCODINGS: tuple[str, ...] = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1256", "cp874", "gb18030",
    "big5", "shift_jis", "euc_kr", "mac_roman", "iso8859_15",
)  # fmt: skip
"""Those that spreadsheets write besides UTF-8 and UTF-16, the likeliest first."""
_NO_CHARSETS = frozenset(
    {"utf-7", "idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"}
)
"""What Python calls an encoding, and no file is written in."""
_DELIMITERS = (",", ";", "\t", "|")
_SAID = (*_DELIMITERS, ":", "^", "~")
"""Delimiters that a first line ``sep=;`` may name."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PIECE = 64 * 1024
_LONGEST_LINE = 1024 * 1024
_UNCLOSED = "unexpected end of data"


def text_rows(file: TableFile, stream: BinaryIO, columns: Sequence[str]) -> Iterator[Cells]:
    """Give the rows of a text; blank lines are rows without cells."""
    lines = _Lines(file, stream)
    delimiter = _delimiter(lines, {name.casefold() for name in columns})
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        start = lines.count + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _broken(start, str(error)) from None
        yield start, cells


def check_encoding(name: str) -> str:
    """Give an encoding by the name Python has for it; raises :class:`BadInput`."""
    try:
        found = codecs.lookup(name).name
        "".encode(found)
        if found in _NO_CHARSETS:
            raise LookupError(found)
    except (LookupError, ValueError):
        raise BadInput(
            "csv.encoding",
            "The encoding {encoding} is not known.",
            hint="Choose one of: {known}.",
            field="encoding",
            encoding=name[:40],
            known=", ".join(ENCODINGS),
        ) from None
    return {"utf-16": "utf-16-le", "utf-32": "utf-32-le", "utf-8-sig": "utf-8"}.get(found, found)


class _Lines:
    """The lines of a text, their ends all ``\\n``; ``count`` is how many were given."""

    def __init__(self, file: TableFile, stream: BinaryIO) -> None:
        self._stream = stream
        self._mark, self._encoding = _encoding(file, stream.read(256))
        self.count = 0
        stream.seek(self._mark)
        self._lines = self._read()
        self._kept: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._kept.pop() if self._kept else next(self._lines)
        self.count += 1
        return line

    def put_back(self, line: str) -> None:
        """Give a line once more."""
        self._kept.append(line)
        self.count -= 1

    def _read(self) -> Iterator[str]:
        rest = ""
        for text in self._texts():
            *whole, rest = (rest + text).split("\n")
            for line in whole:
                yield line + "\n"
            if len(rest) > _LONGEST_LINE:
                raise TableError(
                    self.count + 1,
                    "csv.long-line",
                    "This line is longer than a line of a table can be.",
                    "Save the file again as CSV.",
                )
        if rest:
            yield rest

    def _texts(self) -> Iterator[str]:
        """Give the text in pieces; what stands before a broken place comes out before the error."""
        decoder = codecs.getincrementaldecoder(self._encoding)("strict")
        ends = io.IncrementalNewlineDecoder(None, translate=True)
        while True:
            piece = self._piece()
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                sound = error.object[: error.start].decode(self._encoding, "ignore")
                text = ends.decode(sound, final=True)
                # the line that is broken itself is told of, and not read
                yield text[: text.rfind("\n") + 1]
                raise self._not_text() from None
            yield ends.decode(text, final=not piece)
            if not piece:
                return

    def _piece(self) -> bytes:
        """Read on; a stick may be pulled out in the middle."""
        try:
            return self._stream.read(_PIECE)
        except OSError:
            raise TableError(
                self.count + 1,
                "csv.cut",
                "The file cannot be read from here on.",
                "Copy it to the computer, and take it in again.",
            ) from None

    def _not_text(self) -> TableError:
        if self._encoding == "utf-8":
            return TableError(
                self.count + 1,
                "csv.not-utf8",
                "The text from here on is not UTF-8.",
                "Name its encoding, perhaps {likely}; or save the file as CSV UTF-8.",
                likely=ENCODINGS[0],
            )
        return TableError(
            self.count + 1,
            "csv.not-in-encoding",
            "The text from here on is not in the encoding {encoding}.",
            "Name another encoding, or save the file as CSV UTF-8.",
            encoding=self._encoding,
        )


def _encoding(file: TableFile, first: bytes) -> tuple[int, str]:
    """Say how many bytes are a byte order mark, and what the rest is written in."""
    for mark, name in _MARKS:
        if first.startswith(mark):
            return len(mark), name
    if file.encoding:
        named = check_encoding(file.encoding)
        if named != "utf-8" and not named.startswith("utf-16") and _is_utf8(file):
            raise BadInput(
                "csv.is-utf8",
                "The file {file} is UTF-8: read as {encoding} its letters would be wrong ones.",
                hint="Leave the encoding out.",
                field="encoding",
                file=file.name,
                encoding=named,
            )
        return 0, named
    even, odd = first[::2].count(0), first[1::2].count(0)
    if max(even, odd) > len(first) // 4:
        return 0, "utf-16-le" if odd > even else "utf-16-be"
    return 0, "utf-8"


def _is_utf8(file: TableFile) -> bool:
    """Say whether a file has other letters than ASCII, and all of them in UTF-8."""
    decoder, plain = codecs.getincrementaldecoder("utf-8")("strict"), True
    with opened(file) as stream:
        try:
            while piece := stream.read(_PIECE):
                plain = plain and piece.isascii()
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return not plain


def _delimiter(lines: _Lines, known: set[str]) -> str:
    """Find what parts the cells: what the file says itself, else what parts the columns."""
    for line in lines:
        text = line.strip("\n")
        if len(text) == 5 and text.casefold().startswith("sep=") and text[4] in _SAID:
            return text[4]
        if not text.strip(' ,;\t|"'):
            continue
        lines.put_back(line)
        return max(_DELIMITERS, key=lambda delimiter: _columns(text, delimiter, known))
    return ","


def _columns(text: str, delimiter: str, known: set[str]) -> int:
    return sum(cell.strip().strip('"').casefold() in known for cell in text.split(delimiter))


def _broken(line: int, error: str) -> TableError:
    if "field larger" in error:
        return TableError(
            line,
            "csv.broken",
            "A cell in the row that begins here is longer than any can be.",
            "Perhaps a quotation mark is never closed. Mend it, and save the file again as CSV.",
        )
    if _UNCLOSED in error:
        return TableError(
            line,
            "csv.broken",
            "A quotation mark in the row that begins here is never closed.",
            "Close it, or take it out, and save the file again as CSV.",
        )
    return TableError(
        line,
        "csv.broken",
        "The row that begins here is not a row of a CSV table.",
        "Check its quotation marks, and save the file again as CSV.",
    )
