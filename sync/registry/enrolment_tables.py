"""Cuts DIVOC's table of enrolments by facility, row by row and unread: the site reads the rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sync.protocol.errors import SyncError

_FACILITY = "enrollmentscopeid"
_SEPARATORS = ",;\t|"
_LONGEST_ROW = 2000
"""Letters of a row."""
_MOST_ROWS = 1_000_000
_NAMED = 20
"""Lines with a mistake that are named."""


@dataclass(frozen=True, slots=True)
class EnrolmentFile:
    """The header, and of each facility the rows with the lines where they stand in the file.

    A facility goes by its code without regard to case (:func:`facility_key`); ``written`` is each
    code as the file first has it.
    """

    header: str
    rows: Mapping[str, Sequence[tuple[int, str]]]
    written: Mapping[str, str]


def facility_key(code: str) -> str:
    """Give by what a facility's code is known again however it is typed."""
    return code.strip().casefold()


def read_table(text: str, file: str) -> EnrolmentFile:
    """Read a table whole, or raise :class:`SyncError` naming the lines that are wrong by number."""
    rows = _rows(text, file)
    _, header = next(rows, (0, []))
    column = next(
        (place for place, name in enumerate(header) if facility_key(name) == _FACILITY), None
    )
    if column is None:
        raise SyncError(
            "enrolments.columns",
            "{file} has no column enrollmentScopeId, so nobody can say whose its people are. Save"
            " DIVOC's table of enrolments as CSV.",
            file=file,
        )
    found: dict[str, list[tuple[int, str]]] = {}
    codes: dict[str, str] = {}
    wrong: list[int] = []
    for count, (line, cells) in enumerate(rows):
        if count >= _MOST_ROWS:
            raise SyncError(
                "enrolments.too-many",
                "{file} has more than {most} rows. Publish it as several lists.",
                file=file,
                most=_MOST_ROWS,
            )
        written = _written(cells)
        if len(cells) != len(header) or not cells[column].strip() or len(written) > _LONGEST_ROW:
            wrong.append(line)
            continue
        key = facility_key(cells[column])
        codes.setdefault(key, cells[column].strip())
        found.setdefault(key, []).append((line, written))
    if wrong:
        raise SyncError(
            "enrolments.rows",
            "{count} rows of {file} have another number of columns, no enrollmentScopeId, or more"
            " than {most} letters: lines {lines}. Nothing was published; mend them.",
            count=len(wrong),
            file=file,
            most=_LONGEST_ROW,
            lines=", ".join(map(str, wrong[:_NAMED])) + (", …" if len(wrong) > _NAMED else ""),
        )
    if not found:  # as good as a withdrawal, which nobody asked for
        raise SyncError(
            "enrolments.empty",
            "{file} names nobody, so nothing was published. Take a list back with:"
            " divoc-registry enrolments withdraw",
            file=file,
        )
    return EnrolmentFile(_written(header), found, codes)


def _rows(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """Give each row that is not blank, with the line in which it begins."""
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    before = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield before + 1, cells
            before = reader.line_num
    except csv.Error:
        raise SyncError(
            "enrolments.broken",
            "{file} breaks behind line {line}: a quotation mark is missing, or a cell is too long.",
            file=file,
            line=before,
        ) from None


def _written(cells: Sequence[str]) -> str:
    """Write a row as one line, so that a site can name it by its place."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(" ".join(cell.split()) for cell in cells)
    return line.getvalue()
