"""``divoc-edge campaign staff`` and ``facilities``: a campaign's lists as spreadsheets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge.cli.common import naming_mistakes
from edge.domain.errors import BadInput
from sync.commands.answers import json_option, show_json

if TYPE_CHECKING:
    from edge.campaign.list_tables import ListTable
    from edge.campaign.yaml_files import YamlFile

_folder = click.argument("folder", type=click.Path(path_type=Path))
_file = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
_encoding = click.option(
    "--encoding", default="", help="Of a text that is neither UTF-8 nor UTF-16, such as cp1252."
)
_whole = click.option(
    "--whole", is_flag=True, help="The table is all there is: who is not in it is taken away."
)
_dry_run = click.option("--dry-run", is_flag=True, help="Only say what would change.")


@click.group()
def staff() -> None:
    """The staff of a campaign's folder as a spreadsheet."""


@click.group()
def facilities() -> None:
    """The facilities of a campaign's folder as a spreadsheet."""


@staff.command(name="export")
@_folder
@_file
@json_option
def export_staff(folder: Path, file: Path, as_json: bool) -> None:
    """Write the staff of the campaign in FOLDER to FILE (.xlsx or .csv), without PINs."""
    from edge.campaign.list_tables import STAFF

    _export(STAFF, folder, file, as_json)


@staff.command(name="import")
@_folder
@_file
@_whole
@_dry_run
@_encoding
@json_option
def import_staff(folder: Path, file: Path, **options: Any) -> None:
    """Bring the staff of the campaign in FOLDER up to the table in FILE (.xlsx, .csv).

    Comments, the order and what the table does not say stay. Nothing is written where a row has a
    mistake.
    """
    from edge.campaign.list_tables import STAFF

    _import(STAFF, folder, file, options)


@facilities.command(name="export")
@_folder
@_file
@json_option
def export_facilities(folder: Path, file: Path, as_json: bool) -> None:
    """Write the facilities of the campaign in FOLDER to FILE (.xlsx or .csv)."""
    from edge.campaign.list_tables import FACILITIES

    _export(FACILITIES, folder, file, as_json)


@facilities.command(name="import")
@_folder
@_file
@_whole
@_dry_run
@_encoding
@json_option
def import_facilities(folder: Path, file: Path, **options: Any) -> None:
    """Bring the facilities of the campaign in FOLDER up to the table in FILE (.xlsx, .csv).

    Comments, the order and what the table does not say stay. Nothing is written where a row has a
    mistake.
    """
    from edge.campaign.list_tables import FACILITIES

    _import(FACILITIES, folder, file, options)


def _export(table: ListTable, folder: Path, file: Path, as_json: bool) -> None:
    from edge.campaign.list_tables import as_csv, as_workbook, to_rows

    items = _list(table, folder).value
    rows = to_rows(table, items)
    if file.suffix.casefold() == ".xlsx":
        file.write_bytes(as_workbook(rows))
    elif file.suffix.casefold() == ".csv":
        file.write_text(as_csv(rows), encoding="utf-8-sig", newline="")
    else:
        raise BadInput(
            "campaign.table",
            "{file} is neither .xlsx nor .csv.",
            hint="Name it {table}.xlsx for a workbook, {table}.csv for text.",
            field="file",
            file=file.name,
            table=table.name,
        )
    if as_json:
        show_json({"file": file, "rows": len(items)})
    else:
        click.echo(f"{file}: {table.name} {len(items)}.")


def _import(table: ListTable, folder: Path, file: Path, options: dict[str, Any]) -> None:
    from edge.campaign.files.table_file import TableFile
    from edge.campaign.list_edit import edit_list
    from edge.campaign.list_tables import FACILITIES, STAFF, read_rows
    from edge.campaign.mistakes import CampaignErrors
    from sync.resources import resource

    found = _list(table, folder)
    known = {}
    if table is STAFF:
        places = _list(FACILITIES, folder)
        known["facilities"] = [facility["code"] for facility in places.value]
    existing = {item[table.key]: item for item in found.value}
    source = TableFile.at(file, options["encoding"])
    rows, mistakes = read_rows(table, source, resource("config/schemas"), known, existing)
    if mistakes:
        with naming_mistakes():
            raise CampaignErrors(mistakes)
    edited = edit_list(found, table.key, rows, whole=options["whole"])
    if not options["dry_run"] and edited.text != found.text:
        _replace(folder / table.file, edited.text)
    absent = len(existing.keys() - {row[table.key] for row in rows}) - len(edited.removed)
    if options["as_json"]:
        show_json(
            {
                "file": folder / table.file,
                "new": edited.new,
                "changed": edited.changed,
                "removed": edited.removed,
                "notInTable": absent,
                "written": not options["dry_run"],
            }
        )
        return
    would = " Nothing was written." if options["dry_run"] else ""
    click.echo(
        f"{table.file}: {len(edited.new)} new, {len(edited.changed)} changed,"
        f" {len(edited.removed)} taken away.{would}"
    )
    if absent:
        click.echo(f"Not in the table, and kept: {absent}. Take them away with --whole.")


def _list(table: ListTable, folder: Path) -> YamlFile:
    """Read a list of a campaign; raises what is wrong with its file."""
    from edge.campaign.list_tables import schema_of
    from edge.campaign.mistakes import CampaignErrors
    from edge.campaign.yaml_files import check_yaml, read_list
    from sync.resources import resource

    mistakes: list[Any] = []
    found = read_list(folder / table.file, mistakes)
    if found is not None:
        mistakes += check_yaml(found, schema_of(table, resource("config/schemas")))
    if mistakes or found is None:
        with naming_mistakes():
            raise CampaignErrors(mistakes)
    return found


def _replace(path: Path, text: str) -> None:
    """Put a file's new text in its place in one step."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8", newline="")
    beside.replace(path)
