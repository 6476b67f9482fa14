"""``divoc-registry documents``: documents of the kinds that campaigns describe."""

from __future__ import annotations

from pathlib import Path

import click

from sync.commands.answers import json_option, printable, show_json
from sync.commands.numbers import ROWS
from sync.registry.cli.opening import data_option, database_option, instant, opening


@click.group()
def documents() -> None:
    """Documents that sites have recorded, of the kinds that their campaigns describe."""


@documents.command()
@click.argument("number")
@data_option
@database_option
@json_option
def find(number: str, data: Path, database: str | None, as_json: bool) -> None:
    """Show the document with the certificate NUMBER: what it says now, and whether it counts.

    Older certificates of it are found too, and so is its id.
    """
    from sync.protocol.errors import SyncError
    from sync.registry.documents import UNKNOWN, find_document

    with opening(data, database) as store:
        found = find_document(store, number)
    if found is None:
        raise SyncError("document.unknown", UNKNOWN)
    told = found.told()
    if as_json:
        show_json(told)
        return
    contents = told.pop("contents")
    for name, value in {**told, **contents}.items():
        click.echo(f"{name:18} {printable(_text(value))}")


@documents.command(name="list")
@click.option("--type", "type_", default="", help="Of one type only, by its name in the campaign.")
@click.option(
    "--most", type=ROWS, default=200, show_default=True, help="How many, the oldest first."
)
@data_option
@database_option
@json_option
def listed(type_: str, most: int, data: Path, database: str | None, as_json: bool) -> None:
    """List documents in the order in which they arrived, without what they say."""
    from sync.registry.documents import all_documents

    count = 0
    with opening(data, database) as store:
        for found in all_documents(store, instant()):
            if count == most:
                break
            if type_ not in ("", found.type):
                continue
            count += 1
            told = found.told()
            del told["contents"]
            if as_json:
                show_json(told)
            else:
                state = "revoked" if found.revoked_at else found.certificate or "-"
                click.echo(
                    f"{found.received_at[:16]}  {printable(found.facility):12}"
                    f" {printable(found.type):24} {printable(state)}"
                )
    if not count and not as_json:
        click.echo("No document has arrived.")


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
