"""Reads a table: streams its rows, and names what is wrong by row and column."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from edge.campaign.files.rows import rows_of
from edge.campaign.files.table_file import Cells, TableError, TableFile
from edge.campaign.mistakes import Mistake
from edge.domain.errors import BadInput, EdgeError
from sync.protocol.counted import Counted

T = TypeVar("T")
Row = Mapping[str, str]
Source = Path | TableFile
"""A file on the disk, or one that came another way."""
_LONGEST_CELL = 4096
_MOST_MISTAKES = 10_000
"""Wrong rows that are told of: a file of 8 MB can hold millions."""
_SHORTENED = re.compile(r"-?\d([.,]\d+)?E\+\d{2,3}")


@dataclass(frozen=True, slots=True)
class ValidRow(Generic[T]):
    """A row that makes sense, and its number (the header is row 1)."""

    row: int
    value: T


class RowError(Exception):
    """A cell that does not make sense; names its column."""

    def __init__(
        self, column: str, code: str, sentence: str, /, hint: str = "", **values: Any
    ) -> None:
        self.column = column
        self.code = code
        self.sentence = sentence
        self.hint = hint
        self.values = values
        super().__init__(code)


def read_table(
    source: Source,
    headers: Sequence[Sequence[str]],
    make: Callable[[Row], T],
    columns: Mapping[str, str] | None = None,
    optional: Sequence[str] = (),
) -> Iterator[ValidRow[T] | Mistake]:
    """Give each row as a value, or as the mistake in it; blank rows are passed over.

    ``headers`` are the sets of columns the table may have, in any order and case; those that are
    ``optional`` may be missing, and are empty then. ``columns`` translates the fields of domain
    errors into column names. Raises :class:`BadInput` for a file that is no such table; of one
    that breaks in the middle the last mistake says where, and is ``final``.
    """
    file = source if isinstance(source, TableFile) else TableFile.at(source)
    rows = rows_of(file, [*(name for header in headers for name in header), *optional])
    try:
        header = _header(file.name, _first(rows), headers, optional)
    except TableError as error:
        raise BadInput(
            error.code, error.sentence, hint=error.hint, field="file", **error.values
        ) from None
    try:
        yield from _until_too_many(_rows(file.name, rows, header, make, columns or {}))
    except TableError as error:
        yield Mistake(
            file.name,
            error.line,
            error.code,
            error.sentence,
            error.values,
            hint=error.hint,
            final=True,
        )


def _until_too_many(rows: Iterable[ValidRow[T] | Mistake]) -> Iterator[ValidRow[T] | Mistake]:
    """Stop behind the mistakes that anybody can mend by hand: each is kept to be told."""
    wrong = 0
    for row in rows:
        yield row
        wrong += isinstance(row, Mistake)
        if isinstance(row, Mistake) and wrong == _MOST_MISTAKES:
            raise TableError(
                row.line + 1,
                "csv.too-many-mistakes",
                "So many rows are wrong that nothing from here on was read.",
                "Perhaps it is another table, or a column is in the wrong place.",
            )


def _rows(
    name: str,
    rows: Iterable[Cells],
    header: Sequence[str],
    make: Callable[[Row], T],
    columns: Mapping[str, str],
) -> Iterator[ValidRow[T] | Mistake]:
    for row, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        found = _fitted(cells, len(header))
        if len(found) != len(header):
            yield Mistake(
                name,
                row,
                "csv.cells",
                Counted(
                    "The row has {found} cell, the header {wanted}.",
                    "The row has {found} cells, the header {wanted}.",
                    "found",
                ),
                {"found": len(found), "wanted": len(header)},
                hint="Perhaps a cell with the delimiter in it lacks its quotation marks.",
            )
            continue
        values = {
            key: unicodedata.normalize("NFC", cell.strip())
            for key, cell in zip(header, found, strict=True)
            if key
        }
        try:
            _check_cells(values)
            yield ValidRow(row, make(_Cells(values)))
        except RowError as error:
            yield Mistake(
                name, row, error.code, error.sentence, error.values, error.column, error.hint
            )
        except EdgeError as error:
            column = columns.get(error.field, error.field.rpartition(".")[2])
            yield Mistake(name, row, error.code, error.sentence, error.values, column, error.hint)


class _Cells(dict[str, str]):
    """A row's cells; a column that the table may have and has not is empty."""

    def __missing__(self, key: str) -> str:
        return ""


def _fitted(cells: list[str], wanted: int) -> list[str]:
    """Leave out the empty cells that a spreadsheet writes behind the last column."""
    while len(cells) > wanted and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def _check_cells(values: Row) -> None:
    for key, cell in values.items():
        if len(cell) > _LONGEST_CELL:
            raise RowError(key, "csv.too-long", "The cell is longer than 4096 characters.")
        if _SHORTENED.fullmatch(cell):
            raise RowError(
                key,
                "csv.shortened",
                "The spreadsheet has shortened the number in {column}.",
                hint="Make the column text there, and type the whole number again.",
                column=key,
            )


def _first(rows: Iterator[Cells]) -> list[str]:
    """Give the first row that has anything in it."""
    for _, cells in rows:
        if any(cell.strip() for cell in cells):
            return cells
    return []


def _header(
    file: str, found: Sequence[str], headers: Sequence[Sequence[str]], optional: Sequence[str]
) -> list[str]:
    spelled = {name.casefold(): name for header in headers for name in header}
    spelled |= {name.casefold(): name for name in optional}
    names = [spelled.get(cell.strip().casefold(), cell.strip()) for cell in found]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise BadInput("csv.empty", "The file {file} is empty.", file=file)
    own = [name for name in names if name not in optional]
    for wanted in headers:
        if set(own) == set(wanted) and len(set(names)) == len(names):
            return names
    nearest = min(headers, key=lambda wanted: len(set(wanted) ^ set(own)))
    missing = [name for name in nearest if name not in names]
    extra = [name or "(no name)" for name in own if name not in nearest]
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    told = [
        f"{what}: {', '.join(which)}"
        for what, which in (("missing", missing), ("not known", extra), ("twice", twice))
        if which
    ]
    raise BadInput(
        "csv.header",
        "The first row of {file} must name the columns: {wrong}.",
        hint="The columns are: {wanted}.",
        file=file,
        wrong="; ".join(told)[:500],
        wanted=",".join([*nearest, *optional]),
    )


def needed(row: Row, column: str) -> str:
    """Give a cell that must not be empty."""
    if not row[column]:
        raise RowError(column, "csv.cell-empty", "{column} is empty.", column=column)
    return row[column]
