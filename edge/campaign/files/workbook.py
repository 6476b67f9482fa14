"""Tables in Excel's workbooks: the first sheet that has the columns.

openpyxl reads a sheet row by row, so that a stray cell in the last row and column takes no memory.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, BinaryIO

from edge.campaign.files.table_file import Cells, TableError
from edge.campaign.files.unpacking import TooLargeError, UnpackedFile

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LARGEST = 256 * 1024 * 1024
"""Bytes of everything in a workbook: what it may grow to when it is unpacked."""
_LAST_ROW, _LAST_COLUMN = 1_048_576, 256
_MOST_CELLS = 3_000_000
"""Cells that are read: 100,000 rows of the widest table; of a text each costs a tenth."""
_EXACT = 10**15
"""Excel keeps fifteen digits of a number, and zeros for the others."""
_HEAD = 20
"""Rows in which the columns' names are looked for."""


def is_workbook(first: bytes) -> bool:
    """Say by its first bytes whether a file is one of Excel's, old or new."""
    return first.startswith((_ZIP, _OLE))


def workbook_rows(stream: BinaryIO, columns: Sequence[str]) -> Iterator[Cells]:
    """Give the rows of the first sheet that has the columns, of the first if none has.

    Days are given as ISO 8601 writes them, numbers without what Excel put behind the point.
    """
    row = cells = 0
    try:
        _check_size(stream)
        book = _open(stream)
        sheet = _sheet(book, {name.casefold() for name in columns})
        for row, values in enumerate(_values(sheet), start=1):
            cells += len(values)
            if cells > _MOST_CELLS:
                row -= 1  # the last that was read
                raise TooLargeError
            yield row, [_text(value) for value in values]
            if row >= _LAST_ROW:
                return
    except (TableError, GeneratorExit):
        raise
    except TooLargeError:
        raise TableError(
            row + 1,
            "csv.large-workbook",
            "The workbook is too large.",
            "Save its table as CSV UTF-8.",
        ) from None
    except Exception:
        # whatever zip, XML and openpyxl make of a broken file
        raise TableError(
            row + 1,
            "csv.broken-workbook",
            "The workbook cannot be read from this row on.",
            "Open it and save it again as .xlsx, or as CSV UTF-8.",
        ) from None


def _open(stream: BinaryIO) -> Any:
    from openpyxl.reader.excel import ExcelReader

    reader = ExcelReader(stream, read_only=True, data_only=True, keep_links=False)
    reader.archive = UnpackedFile(stream)
    reader.read()
    return reader.wb


def _check_size(stream: BinaryIO) -> None:
    if stream.read(len(_OLE)).startswith(_OLE):
        raise TableError(
            1,
            "csv.old-workbook",
            "This is an old Excel file, or one with a password.",
            "Open it and save it again as .xlsx without a password, or as CSV UTF-8.",
        )
    stream.seek(0)
    if sum(part.file_size for part in zipfile.ZipFile(stream).infolist()) > _LARGEST:
        raise TooLargeError
    stream.seek(0)


def _sheet(book: Any, known: set[str]) -> Any:
    sheets = list(book.worksheets)
    for sheet in sheets:
        for row, values in enumerate(_values(sheet), start=1):
            if len({_text(value).strip().casefold() for value in values} & known) > 1:
                return sheet
            if row >= _HEAD:
                break
    return sheets[0]


def _values(sheet: Any) -> Iterator[tuple[Any, ...]]:
    """Read a sheet anew; what it says of its own size is often wrong."""
    sheet.reset_dimensions()
    for values in sheet.iter_rows(values_only=True):
        yield values[:_LAST_COLUMN]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return _number(value)
    return str(value)


def _number(value: float) -> str:
    if abs(value) >= _EXACT:
        return f"{value:.5E}"
    return str(int(value)) if value == int(value) else repr(value)
