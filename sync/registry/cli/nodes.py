"""``divoc-registry nodes`` and ``move``: the sites, what each has delivered, and where it is."""

from __future__ import annotations

from pathlib import Path

import click

from sync.commands.answers import json_option, show_json
from sync.registry.cli.opening import (
    by_option,
    checked_name,
    data_option,
    database_option,
    instant,
    opened,
    opening,
)


@click.command()
@data_option
@database_option
@json_option
def nodes(data: Path, database: str | None, as_json: bool) -> None:
    """List the sites, and what each has delivered."""
    from sync.registry.nodes import all_nodes

    store = opened(data, database)
    found = list(all_nodes(store))
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


@click.command()
@click.argument("node")
@click.argument("facility", callback=checked_name)
@by_option
@data_option
@database_option
def move(node: str, facility: str, by: str, data: Path, database: str | None) -> None:
    """Move the site NODE to FACILITY: a site cannot do that itself."""
    from sync.protocol.errors import SyncError
    from sync.registry.enrolment_lists import tell_moved
    from sync.registry.store.records import AuditLine

    with opening(data, database) as store:
        known = store.node(node)
        if known is None:
            raise SyncError("node.unknown", "There is no site {node}.", node=node)
        now = instant()
        store.move(node, facility)
        tell_moved(store, known, facility, now)
        moved = f"{node} from {known.facility} to {facility}"
        store.audit(AuditLine(now, f"{by} (command line)", "moved a site", moved))
    click.echo(f"The site is at {facility} now. Write it as facility in its settings, too.")
