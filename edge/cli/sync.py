"""``divoc-edge sync``: deliver now, say how it stands, prove a day."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from edge.cli.at_site import opened
from edge.cli.common import data_folder, data_option
from edge.domain.errors import BadInput, Conflict
from sync.commands.answers import json_option, show_json
from sync.commands.exits import Exit

if TYPE_CHECKING:
    from edge.node import Node

_STATES = {
    "synced": "The registry holds everything.",
    "unreachable": "The registry was not reached.",
    "refused": "The registry refuses.",
    "diverged": "The registry holds another history of this site.",
}


@click.group()
def sync() -> None:
    """Deliver to the national registry, and prove what it holds."""


@sync.command()
@data_option
@json_option
def now(data: Path, as_json: bool) -> None:
    """Make one pass now: push, then pull. For a site that is not running."""
    with opened(data) as node:
        if not node.settings.registry:
            raise Conflict(
                "registry.none",
                "This site has no registry.",
                hint="Write its address under registry in {file}.",
                file=data / "site.toml",
            )
        if not node.settings.has_line:
            raise Conflict(
                "registry.stick",
                "This site delivers by stick.",
                hint="Use divoc-edge sync export and divoc-edge sync import.",
            )
        done = node.registry.run()
        if done.state == "synced":
            node.history.ask_ahead(node.clock.now())
    if as_json:
        show_json(
            {
                "state": done.state,
                "sent": done.sent,
                "bytes": done.bytes,
                "letters": done.letters,
                "code": done.code,
                "trouble": done.trouble.format(**done.values),
            }
        )
    else:
        click.echo(f"Sent {done.sent} entries in {done.bytes} bytes, took {done.letters} letters.")
        click.echo(_STATES[done.state])
        if done.trouble:
            click.echo(done.trouble.format(**done.values))
    if done.state != "synced":
        raise SystemExit(Exit.TRY_LATER if done.state == "unreachable" else Exit.FAILED)


@sync.command()
@data_option
@click.option("--day", default="", help="Year-month-day; today by default.")
@json_option
def prove(data: Path, day: str, as_json: bool) -> None:
    """Prove that the doses of a day are in the registry, hash for hash; also while it runs."""
    from edge.adapters.settings import read_settings
    from edge.adapters.site_database import reading
    from edge.journal.delivery import prove as proof_of

    settings = read_settings(data_folder(data))
    try:
        on = date.fromisoformat(day) if day else datetime.now(ZoneInfo(settings.zone)).date()
    except ValueError:
        raise BadInput(
            "date.form", "The date must be written as year-month-day.", field="day"
        ) from None
    with reading(data) as db:
        found = proof_of(db, on)
    if as_json:
        show_json(
            {
                "day": on,
                "doses": found.doses,
                "proven": found.proven,
                "recorded": found.recorded,
                "covered": found.covered,
                "receipt": found.receipt.whole() if found.receipt else None,
            }
        )
    else:
        word = f"All {found.doses}" if found.complete else f"{found.proven} of {found.doses}"
        click.echo(f"{word} doses of {on} are in the registry.")
        if found.receipt:
            click.echo(found.receipt.line())
        else:
            click.echo("There is no receipt of the registry that fits this journal.")
    if not found.complete:
        raise SystemExit(Exit.TRY_LATER)


_folder = click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))


@sync.command()
@_folder
@data_option
@json_option
def export(folder: Path | None, data: Path, as_json: bool) -> None:
    """Write all that the registry has not receipted to a stick, sealed to the registry.

    FOLDER is the stick's; by default the one in site.toml. For a site that is not running; a
    running one does it by itself when a stick is mounted on the folder in its site.toml.
    """
    with opened(data) as node:
        done = node.sticks.export(_stick(folder, node))
    if as_json:
        show_json(
            {
                "parts": done.parts,
                "bytes": done.bytes,
                "entries": done.entries,
                "after": done.after,
            }
        )
    else:
        click.echo(f"{done.entries} entries are on the stick, in {done.parts} files.")
        click.echo("Nothing counts as delivered before the registry's answer is back.")


@sync.command(name="import")
@_folder
@data_option
@click.option(
    "--registry",
    default="",
    help="The registry's fingerprint, for an older registry's invitation: its code has none.",
)
@json_option
def import_(folder: Path | None, data: Path, registry: str, as_json: bool) -> None:
    """Take in the registry's answer, or its invitation, from a stick.

    FOLDER is the stick's; by default the one in site.toml. An old stick changes nothing.
    """
    with opened(data) as node:
        done = node.sticks.take_in(_stick(folder, node), registry)
        stands = node.registry.state()
    heard, missing = done.heard, sum(expected.missing for expected in stands.lists)
    if as_json:
        show_json(
            {
                "invited": done.invited,
                "at": heard.at if heard else "",
                "moved": heard.moved if heard else "",
                "letters": heard.letters if heard else 0,
                "recorded": stands.recorded,
                "delivered": stands.delivered,
                "pieces": done.pieces,
                "missingPieces": missing,
            }
        )
        return
    if done.invited:
        click.echo("The registry's invitation is taken. Next: divoc-edge sync export FOLDER")
    if heard:
        click.echo(f"Took {heard.letters} letters, by stick, as of {heard.at}.")
        if heard.moved == "back":
            click.echo("The registry holds less than before; the next export brings the rest.")
        click.echo(f"In the registry: {stands.delivered} of {stands.recorded} entries.")
    for expected in stands.lists:
        click.echo(f"Expected, {expected.name}: {expected.taken} of {expected.people} people.")
    if missing:
        click.echo(f"{missing} pieces are missing; the next export asks for them.")


def _stick(folder: Path | None, node: Node) -> Path:
    found = folder or node.settings.stick_folder
    if found is None:
        raise BadInput(
            "stick.which",
            "Which folder is the stick's?",
            hint="Write it behind the command, or as stick in site.toml.",
            field="folder",
        )
    return found
