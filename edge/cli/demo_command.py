"""The command ``divoc-edge demo``; what it does is in ``demo``, which loads both ends."""

from __future__ import annotations

from pathlib import Path

import click

from sync.commands.numbers import PORT


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-data"),
    show_default=True,
    help="Where the demonstration keeps its data.",
)
@click.option("--fresh", is_flag=True, help="Empty that folder first.")
@click.option(
    "--port", type=PORT, default=8080, show_default=True, help="The site's port on this machine."
)
@click.option(
    "--registry-port", type=PORT, default=8900, show_default=True, help="The registry's port."
)
@click.option("--zone", default="UTC", show_default=True, help="The site's time zone.")
@click.option("--narrow", is_flag=True, help="A 58 mm printer instead of an 80 mm one.")
def demo(folder: Path, fresh: bool, port: int, registry_port: int, zone: str, narrow: bool) -> None:
    """Run a site, a national registry and a printer in software, with invented people."""
    from edge.cli.demo import demonstrate

    demonstrate(
        folder, fresh=fresh, port=port, registry_port=registry_port, zone=zone, narrow=narrow
    )
