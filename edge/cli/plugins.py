"""``divoc-edge plugins``: what installed packages add, and what was left out."""

from __future__ import annotations

from dataclasses import asdict

import click

from sync.commands.answers import json_option, show_json
from sync.commands.exits import Exit


@click.command()
@json_option
def plugins(as_json: bool) -> None:
    """List what installed packages add: table, name, package, version, and whether it is used."""
    from edge.plugins import installed

    found = installed().found
    if as_json:
        show_json([asdict(plugin) for plugin in found])
    else:
        for plugin in found:
            origin = f"{plugin.package} {plugin.version}"
            click.echo(f"{plugin.kind:12} {plugin.name:20} {origin}  {plugin.state}")
            if plugin.reason:
                click.echo(f"{'':12} {plugin.reason}")
        if not found:
            click.echo("No installed package adds anything.")
    if any(plugin.reason for plugin in found):
        raise SystemExit(Exit.FAILED)
