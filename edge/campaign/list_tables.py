"""A campaign's staff and facilities as a table: rows for a spreadsheet, and items from its rows."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.campaign.list_edit import GONE
from edge.campaign.mistakes import Mistake
from edge.campaign.quick_yaml import Lines
from edge.campaign.tables import Row, Source, ValidRow, read_table
from edge.campaign.typed_values import truth_meant
from edge.campaign.yaml_files import YamlFile, check_yaml
from edge.domain.nearest import did_you_mean

_ADDRESS = ("addressLine1", "addressLine2", "district", "state", "pincode", "country")
_PARTED = re.compile(r"[\s,;]+")
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class ListTable:
    """A list of a campaign as a table: its columns, those with several values, and its key."""

    name: str
    columns: tuple[str, ...]
    several: frozenset[str]
    key: str = "code"

    @property
    def file(self) -> str:
        """The list's file in the campaign's folder."""
        return f"{self.name}.yaml"


STAFF = ListTable(
    "staff", ("code", "name", "facilities", "roles", "active"), frozenset({"facilities", "roles"})
)
FACILITIES = ListTable(
    "facilities",
    ("code", "name", *_ADDRESS, "session_days", "closed_days", "active"),
    frozenset({"session_days", "closed_days"}),
)
TABLES = {table.name: table for table in (STAFF, FACILITIES)}

VACCINES = ListTable(
    "vaccines", ("code", "name", "manufacturer", "prophylaxis", "icd11", "active"), frozenset()
)


def schema_of(table: ListTable, schemas: Path) -> dict[str, Any]:
    """Give the schema of a list."""
    path = schemas / "campaign" / f"{table.name}.schema.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def to_rows(table: ListTable, items: Sequence[Mapping[str, Any]]) -> Iterator[list[str]]:
    """Give the names of the columns, and each item's cells; PINs are in no table."""
    yield list(table.columns)
    for item in items:
        yield [_cell(_value(item, column)) for column in table.columns]


def as_csv(rows: Iterator[list[str]]) -> str:
    """Write rows as CSV (RFC 4180), which no spreadsheet takes for formulas."""
    text = io.StringIO()
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def as_workbook(rows: Iterator[list[str]]) -> bytes:
    """Write rows as a workbook (.xlsx) in which every cell is text, so that 007 stays 007."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    for number, row in enumerate(rows, start=1):
        for place, cell in enumerate(row, start=1):
            written = sheet.cell(number, place)
            written.value, written.number_format, written.data_type = cell, "@", "s"
    sheet.freeze_panes = "A2"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def read_rows(
    table: ListTable, source: Source, schemas: Path, known: Mapping[str, Collection[str]],
    existing: Mapping[str, Mapping[str, Any]],
) -> tuple[list[dict[str, Any]], list[Mistake]]:  # fmt: skip
    """Read a table into what each row says of its item, with every mistake by row and column.

    ``known`` are the codes that a column may have; ``existing`` the items by key, whose fields a
    row may leave out.
    """
    rows: list[dict[str, Any]] = []
    numbers: list[int] = []
    mistakes: list[Mistake] = []
    optional = tuple(column for column in table.columns if column != table.key)
    name = source.name
    for row in read_table(source, [(table.key,)], lambda row: _said(table, row), optional=optional):
        if isinstance(row, ValidRow):
            rows.append(row.value)
            numbers.append(row.row)
        else:
            mistakes.append(row)
    items = [_whole(existing.get(row.get(table.key, ""), {}), row) for row in rows]
    places: dict[str | int, tuple[int, Lines | None]] = {
        index: (number, None) for index, number in enumerate(numbers)
    }
    if rows:
        mistakes += check_yaml(YamlFile(name, items, Lines(places)), schema_of(table, schemas))
    mistakes += _twice(table, name, rows, numbers)
    for column, codes in known.items():
        mistakes += _unknown(name, column, rows, numbers, codes)
    return rows, mistakes


def _said(table: ListTable, row: Row) -> dict[str, Any]:
    """Give what a row says, of the columns that the table has; an empty cell takes a field away."""
    found: dict[str, Any] = {}
    for column in table.columns:
        if column not in row:
            continue
        cell = row[column].removeprefix("'") if row[column][1:2] in _FORMULA else row[column]
        value: Any = cell or GONE
        if cell and column in table.several:
            value = [part for part in _PARTED.split(cell) if part]
        elif cell and column == "active":
            meant = truth_meant(cell) or {"1": "true", "0": "false"}.get(cell, "")
            value = {"true": GONE, "false": False}.get(meant, cell)
        if column in _ADDRESS:
            found.setdefault("address", {})[column] = value
        else:
            found[column] = value
    return found


def _whole(item: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Give an item as it would be with what a row says."""
    merged = dict(item)
    for field, value in row.items():
        if value is GONE:
            merged.pop(field, None)
        elif isinstance(value, Mapping):
            merged[field] = _whole(merged.get(field, {}), value)
        else:
            merged[field] = value
    return merged


def _twice(
    table: ListTable, name: str, rows: Sequence[Mapping[str, Any]], numbers: Sequence[int]
) -> Iterator[Mistake]:
    first: dict[str, int] = {}
    for row, number in zip(rows, numbers, strict=True):
        code = str(row.get(table.key, ""))
        if first.setdefault(code.casefold(), number) != number:
            yield Mistake(name, number, "code.twice", "The code {code} is used twice; first in row"
                          " {first}.", {"code": code, "first": first[code.casefold()]},
                          table.key)  # fmt: skip


def _unknown(
    name: str, column: str, rows: Sequence[Mapping[str, Any]], numbers: Sequence[int],
    known: Collection[str],
) -> Iterator[Mistake]:  # fmt: skip
    for row, number in zip(rows, numbers, strict=True):
        cell = row.get(column, ())
        for code in cell if isinstance(cell, list) else ():
            if code not in known:
                hint, values = did_you_mean(code, known)
                yield Mistake(name, number, "staff.facility",
                              "The facility {code} is not in facilities.yaml.",
                              {"code": code, **values}, column, hint)  # fmt: skip


def _value(item: Mapping[str, Any], column: str) -> Any:
    if column in _ADDRESS:
        return item.get("address", {}).get(column, "")
    return item.get(column, True if column == "active" else "")


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
