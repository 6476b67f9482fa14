"""A campaign's lists as rows: shown, changed a row at a time, or brought up to a spreadsheet."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from edge.campaign.files.table_file import TableFile
from edge.campaign.list_edit import edit_list
from edge.campaign.list_tables import (
    FACILITIES,
    STAFF,
    VACCINES,
    ListTable,
    as_csv,
    as_workbook,
    read_rows,
    schema_of,
    to_rows,
)
from edge.campaign.mistakes import Mistake
from edge.campaign.yaml_files import YamlFile, check_yaml, list_in
from edge.domain.errors import EdgeError
from edge.domain.phrases import label
from edge.office.wording import OfficeText
from edge.web.field_words import ROLE_WORDS
from edge.web.translations import Language
from sync.registry.drafts.tools import EditedList, FileMistake, ListColumn, ListPage
from sync.resources import resource

TABLES: Mapping[str, ListTable] = {table.file: table for table in (FACILITIES, STAFF, VACCINES)}
_FORM = "form.csv"
"""What a row that was typed into a form is called while it is read as a table of one row."""


_LABELS: Mapping[str, str] = {
    "code": label("Code"),
    "name": label("Name"),
    "facilities": label("Facilities"),
    "roles": label("Roles"),
    "active": label("Active"),
    "addressLine1": label("Address"),
    "addressLine2": label("Address, second line"),
    "district": label("District"),
    "state": label("State"),
    "pincode": label("Postal code"),
    "country": label("Country"),
    "session_days": label("Session days (Mon, Tue, or 2026-11-30)"),
    "closed_days": label("Closed days (2026-12-25)"),
    "manufacturer": label("Manufacturer"),
    "prophylaxis": label("Protects against, as on the certificate"),
    "icd11": label("Code of ICD-11"),
}
_MOST_CHOICES = 60
"""Facilities that a form offers one by one; of more their codes are typed."""


def view(files: Mapping[str, bytes], name: str, language: Language) -> ListPage | None:
    """Give a list's rows; None while its file cannot be read as one."""
    table, found = TABLES[name], _sound(files, name, [])
    if found is None:
        return None
    _, *rows = to_rows(table, found.value)
    columns = tuple(
        ListColumn(
            column,
            language.gettext(_LABELS[column]),
            column in table.several,
            _choices(files, column, language),
        )
        for column in table.columns
    )
    return ListPage(columns, tuple(map(tuple, rows)))


def _choices(
    files: Mapping[str, bytes], column: str, language: Language
) -> tuple[tuple[str, str], ...]:
    if column == "active":
        return tuple((value, language.gettext(value)) for value in ("yes", "no"))
    if column == "roles":
        return tuple((role, language.gettext(words)) for role, words in ROLE_WORDS.items())
    if column == "facilities":
        places = _sound(files, FACILITIES.file, [])
        if places is not None and len(places.value) <= _MOST_CHOICES:
            return tuple(
                (place["code"], f"{place['code']} {place['name']}") for place in places.value
            )
    return ()


def table_of(rows: Sequence[Mapping[str, str]]) -> tuple[str, bytes]:
    """Write rows that were typed as the table that they are read from."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    cells = ([row.get(column, "") for column in columns] for row in rows)
    return _FORM, as_csv(iter([columns, *cells])).encode()


def edited(
    files: Mapping[str, bytes],
    name: str,
    source: tuple[str, bytes],
    whole: bool,
    wording: OfficeText,
    language: str,
) -> EditedList:
    """Bring a list up to a table; where a row has a mistake, nothing is changed."""
    table, mistakes = TABLES[name], list[Mistake]()
    found = _sound(files, name, mistakes)
    if found is None:
        return EditedList(mistakes=wording.mistakes(language, mistakes))
    existing = {item[table.key]: item for item in found.value}
    known: dict[str, Collection[str]] = {}
    if table is STAFF:
        places = _sound(files, FACILITIES.file, mistakes)
        known["facilities"] = [place["code"] for place in places.value] if places else []
    try:
        rows, wrong = read_rows(
            table, TableFile.of(*source), resource("config/schemas"), known, existing
        )
        mistakes += wrong
        if mistakes:
            return EditedList(mistakes=wording.mistakes(language, mistakes))
        done = edit_list(found, table.key, rows, whole=whole)
    except EdgeError as error:
        said = wording.say(language, error.sentence, error.values)
        hint = wording.say(language, error.hint, error.values)
        return EditedList(mistakes=(FileMistake(source[0], 1, said, hint),))
    return EditedList(done.text.encode(), done.new, done.changed, done.removed)


def without(
    files: Mapping[str, bytes], name: str, code: str, wording: OfficeText, language: str
) -> EditedList:
    """Take the row with a code away."""
    table, mistakes = TABLES[name], list[Mistake]()
    found = _sound(files, name, mistakes)
    if found is None:
        return EditedList(mistakes=wording.mistakes(language, mistakes))
    rest = [{table.key: item[table.key]} for item in found.value if item[table.key] != code]
    done = edit_list(found, table.key, rest, whole=True)
    return EditedList(done.text.encode(), removed=done.removed)


def as_table(files: Mapping[str, bytes], name: str, kind: str) -> bytes:
    """Write a list as a workbook or as CSV, of one that cannot be read the columns alone."""
    table, found = TABLES[name], _sound(files, name, [])
    rows = to_rows(table, found.value if found else [])
    return as_workbook(rows) if kind == "xlsx" else as_csv(rows).encode("utf-8-sig")


def _sound(files: Mapping[str, bytes], name: str, mistakes: list[Mistake]) -> YamlFile | None:
    """Read a list that has no mistake by itself."""
    found = list_in(name, files.get(name, b""), mistakes)
    if found is not None:
        mistakes += check_yaml(found, schema_of(TABLES[name], resource("config/schemas")))
    return None if mistakes else found
