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
        show_json([asdict(one) for one in found])
    else:
        for one in found:
            click.echo(f"{one.kind:12} {one.name:20} {one.package} {one.version}  {one.state}")
            if one.reason:
                click.echo(f"{'':12} {one.reason}")
        if not found:
            click.echo("No installed package adds anything.")
    if any(one.reason for one in found):
        raise SystemExit(Exit.FAILED)
