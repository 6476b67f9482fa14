"""``divoc-registry histories``: which site asked for whose history, and by which proof."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.commands.answers import json_option, printable, show_json
from sync.commands.numbers import ROWS
from sync.registry.cli.opening import data_option, database_option, opening

if TYPE_CHECKING:
    from sync.registry.store.interface import Store
    from sync.registry.store.records import AuditLine

_PREFIX = "history "


@click.command()
@click.option("--node", default="", help="Of one site only.")
@click.option(
    "--without-paper", is_flag=True, help="Only those for whom nothing was shown: ask the site."
)
@click.option(
    "--most", type=ROWS, default=200, show_default=True, help="How many, the newest first."
)
@data_option
@database_option
@json_option
def histories(
    node: str, without_paper: bool, most: int, data: Path, database: str | None, as_json: bool
) -> None:
    """List which site was told of whom, by which proof; and what was refused.

    The person is named by the asking site's own id and by those of other sites.
    """
    with opening(data, database) as store:
        found: list[tuple[AuditLine, str]] = []
        for line in _lines(store):
            if len(found) == most:
                break
            kind = line.what.removeprefix(_PREFIX)
            if (not node or line.who == node) and (not without_paper or kind == "without paper"):
                found.append((line, kind))
        facilities = {line.who: store.node(line.who) for line, _ in found}
    for line, kind in found:
        record = facilities[line.who]
        facility = record.facility if record else ""
        if as_json:
            told = {"at": line.at, "node": line.who, "facility": facility}
            show_json({**told, "proof": kind, "person": line.whom})
        else:
            click.echo(f"{line.at[:16]}  {facility:12} {kind:16} {printable(line.whom)}")
    if not found and not as_json:
        click.echo("No site has been told of anybody.")


def _lines(store: Store) -> Iterator[AuditLine]:
    before = None
    while page := store.audits(1000, before):
        yield from (line for line in page if line.what.startswith(_PREFIX))
        before = page[-1]
