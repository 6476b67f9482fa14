"""Reads a table in CSV: streams its rows, and names what is wrong by row and column."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from edge.campaign.mistakes import Mistake
from edge.domain.errors import BadInput, EdgeError
from edge.domain.names.texts import composed

T = TypeVar("T")
Row = Mapping[str, str]
_LONGEST_CELL = 4096


@dataclass(frozen=True, slots=True)
class ValidRow(Generic[T]):
    """A row that makes sense, and its number (the header is row 1)."""

    row: int
    value: T


class RowError(Exception):
    """A cell that does not make sense; names its column."""

    def __init__(self, column: str, code: str, sentence: str, /, **values: Any) -> None:
        self.column = column
        self.code = code
        self.sentence = sentence
        self.values = values
        super().__init__(code)


def read_table(
    path: Path,
    headers: Sequence[Sequence[str]],
    make: Callable[[Row], T],
    columns: Mapping[str, str] | None = None,
) -> Iterator[ValidRow[T] | Mistake]:
    """Give each row as a value, or as the mistake in it; blank rows are passed over.

    ``headers`` are the sets of columns the table may have. ``columns`` translates the fields of
    domain errors into column names. Raises :class:`BadInput` for a file that is no such table.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = _header(path, next(reader, []), headers)
            yield from _rows(path.name, reader, header, make, columns or {})
    except FileNotFoundError:
        raise BadInput("csv.missing", "There is no file {file}.", file=path.name) from None
    except (IsADirectoryError, PermissionError):
        raise BadInput(
            "csv.unreadable", "The file {file} cannot be read.", file=path.name
        ) from None
    except UnicodeDecodeError:
        raise BadInput(
            "csv.not-utf8",
            "The file {file} is not UTF-8 text.",
            hint="Save it again as CSV in UTF-8.",
            file=path.name,
        ) from None
    except csv.Error:
        raise BadInput(
            "csv.broken",
            "The file {file} is not a readable CSV table.",
            hint="Check the quotation marks, and save it again as CSV.",
            file=path.name,
        ) from None


def _rows(
    name: str,
    reader: Any,
    header: Sequence[str],
    make: Callable[[Row], T],
    columns: Mapping[str, str],
) -> Iterator[ValidRow[T] | Mistake]:
    for cells in reader:
        row = reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            yield Mistake(
                name,
                row,
                "csv.cells",
                "The row has {found} cells, the header {wanted}.",
                {"found": len(cells), "wanted": len(header)},
            )
            continue
        values = {key: composed(cell) for key, cell in zip(header, cells, strict=True)}
        try:
            for key, cell in values.items():
                if len(cell) > _LONGEST_CELL:
                    raise RowError(key, "csv.too-long", "The cell is longer than 4096 characters.")
            yield ValidRow(row, make(values))
        except RowError as error:
            yield Mistake(name, row, error.code, error.sentence, error.values, error.column)
        except EdgeError as error:
            column = columns.get(error.field, error.field.rpartition(".")[2])
            yield Mistake(name, row, error.code, error.sentence, error.values, column)


def _header(path: Path, found: list[str], headers: Sequence[Sequence[str]]) -> list[str]:
    names = [name.strip() for name in found]
    if not any(names):
        raise BadInput("csv.empty", "The file {file} is empty.", file=path.name)
    for wanted in headers:
        if set(names) == set(wanted) and len(names) == len(wanted):
            return names
    nearest = min(headers, key=lambda wanted: len(set(wanted) ^ set(names)))
    missing = [name for name in nearest if name not in names]
    extra = [name for name in names if name not in nearest]
    twice = sorted({name for name in names if names.count(name) > 1})
    told = [
        f"{what}: {', '.join(which)}"
        for what, which in (("missing", missing), ("not known", extra), ("twice", twice))
        if which
    ]
    raise BadInput(
        "csv.header",
        "The first row of {file} must name the columns: {wrong}.",
        hint="The columns are: {wanted}.",
        file=path.name,
        wrong="; ".join(told),
        wanted=",".join(nearest),
    )


def needed(row: Row, column: str) -> str:
    """Give a cell that must not be empty."""
    if not row[column]:
        raise RowError(column, "csv.cell-empty", "{column} is empty.", column=column)
    return row[column]
