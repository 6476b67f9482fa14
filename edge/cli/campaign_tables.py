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


def list_commands(name: str) -> click.Group:
    """Make the commands of a list that is called so: its folder's file as a spreadsheet."""
    group = click.Group(name, help=f"The {name} of a campaign's folder as a spreadsheet.")

    @group.command(name="export")
    @_folder
    @_file
    @json_option
    def export(folder: Path, file: Path, as_json: bool) -> None:
        from edge.campaign.list_tables import TABLES

        _export(TABLES[name], folder, file, as_json)

    @group.command(name="import")
    @_folder
    @_file
    @_whole
    @_dry_run
    @_encoding
    @json_option
    def import_(folder: Path, file: Path, **options: Any) -> None:
        from edge.campaign.list_tables import TABLES

        _import(TABLES[name], folder, file, options)

    export.help = f"""Write the {name} of the campaign in FOLDER to FILE (.xlsx or .csv).

    PINs are in no table."""
    import_.help = f"""Bring the {name} in FOLDER up to the table in FILE (.xlsx or .csv).

    Comments, the order and what the table does not say stay. Nothing is written where a row has a
    mistake."""
    return group


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
