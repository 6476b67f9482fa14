"""``divoc-edge access``: who saw whom, and whether that can be proven."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.adapters.site_database import reading
from edge.cli.common import data_folder, data_option
from edge.domain.errors import NotFound
from sync.commands.answers import json_option, show_json
from sync.commands.exits import Exit

if TYPE_CHECKING:
    from sqlite_utils import Database


@click.group()
def access() -> None:
    """Who saw whom at the site: its own chain, beside the journal."""


@access.command(name="list")
@click.option("--person", default="", help="The code or the id of somebody: who saw them.")
@click.option("--staff", default="", help="A staff code: what they saw and did.")
@click.option(
    "--before", default=0, type=click.IntRange(0, 2**62), help="Records before this number."
)
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="At most."
)
@data_option
@json_option
def list_(person: str, staff: str, before: int, limit: int, data: Path, as_json: bool) -> None:
    """List who saw whom and who signed in, newest first; people by their ids.

    What a running node noted in its last second is not in it yet.
    """
    from edge.journal import access as chain

    with reading(data_folder(data)) as db:
        known = _known(db, person) if person else ""
        found = chain.page(db, person=known, staff=staff, before=before, limit=limit)
    for row in found:
        one = row.access
        if as_json:
            show_json(
                {
                    "number": row.number,
                    "at": one.at,
                    "kind": one.kind,
                    "staff": one.staff,
                    "device": one.device,
                    "people": one.people,
                    "place": one.place,
                }
            )
        else:
            told = (str(row.number), one.at, one.kind, one.staff or "-", one.device or "-")
            click.echo("  ".join((*told, one.place, " ".join(one.people))).rstrip())


def _known(db: Database, person: str) -> str:
    """Give the id of somebody who is named by code or id, also one that nobody has any more."""
    from edge.journal import access as chain
    from edge.journal import views

    known = views.person_by_code(db, person) or views.person(db, person)
    if known is None and not chain.page(db, person=person, limit=1):
        raise NotFound(
            "person.unknown",
            "This person is not registered here.",
            hint="Name the person by the code on the paper, or by the id.",
            field="--person",
        )
    return known.id if known else person


@access.command()
@data_option
@json_option
def verify(data: Path, as_json: bool) -> None:
    """Walk the chain of who saw whom, and compare it with what the journal says of it."""
    from edge.journal.access import check_access

    with reading(data_folder(data)) as db:
        found = check_access(db)
    if as_json:
        show_json({"first": found.first, "records": found.records, "broken": found.reason})
    elif found.reason:
        click.echo(f"Broken: {found.reason}.", err=True)
    else:
        click.echo(f"All {found.records} records hold together, from number {found.first} on.")
    if found.reason:
        raise SystemExit(Exit.FAILED)
