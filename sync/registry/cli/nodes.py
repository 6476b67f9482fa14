"""``divoc-registry nodes``: the sites, and what each has delivered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.commands.answers import json_option, show_json
from sync.registry.cli.opening import data_option, database_option, opened

if TYPE_CHECKING:
    from sync.registry.store.interface import Store
    from sync.registry.store.records import NodeRecord


@click.command()
@data_option
@database_option
@json_option
def nodes(data: Path, database: str | None, as_json: bool) -> None:
    """List the sites, and what each has delivered."""
    store = opened(data, database)
    found = list(_all_nodes(store))
    if as_json:
        document = [
            {
                "node": record.node,
                "facility": record.facility,
                "name": record.name,
                "entries": record.entries,
                "heardAt": record.heard_at,
                "alarms": record.alarms,
                "heads": [
                    {"epoch": head.epoch, "number": head.number, "hash": head.hash}
                    for head in store.heads(record.node)
                ],
            }
            for record in found
        ]
        show_json(document)
    else:
        for record in found:
            heard = record.heard_at or "never"
            click.echo(f"{record.facility:12} {record.entries:8} entries   heard {heard}")
        if not found:
            click.echo("No site has enrolled yet.")
    store.close()


def _all_nodes(store: Store) -> Iterator[NodeRecord]:
    after = ""
    while page := store.nodes(after):
        yield from page
        after = page[-1].node
