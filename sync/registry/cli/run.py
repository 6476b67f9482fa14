"""``divoc-registry run``; what it does is in ``serving``, which loads the registry."""

from __future__ import annotations

from pathlib import Path

import click

from sync.registry.cli.opening import data_option, database_option, schemas_option
from sync.registry.pace import Limits

_LIMITS = Limits()


@click.command()
@data_option
@database_option
@click.option("--listen", default="127.0.0.1:8900", show_default=True, help="host:port")
@schemas_option
@click.option(
    "--enrolment-code", "codes", multiple=True, help="A code that enrols any site, any number."
)
@click.option(
    "--entries-a-day",
    default=_LIMITS.entries_a_day,
    show_default=True,
    help="Of a site; one of more than 4 kB counts for several.",
)
@click.option("--passes-a-minute", default=_LIMITS.passes_a_minute, show_default=True)
@click.option(
    "--histories-a-day",
    default=_LIMITS.histories_a_day,
    show_default=True,
    help="Questions of a site for people's histories.",
)
@click.option(
    "--morning-window",
    type=click.IntRange(0, 86400),
    default=0,
    show_default=True,
    help="Seconds over which sites are spread; 0: only while the registry is busy.",
)
@click.option("--behind", metavar="ADDRESS", help="The proxy whose X-Forwarded-For is believed.")
def run(
    data: Path,
    database: str | None,
    listen: str,
    codes: tuple[str, ...],
    schemas: Path | None,
    entries_a_day: int,
    passes_a_minute: int,
    histories_a_day: int,
    morning_window: int,
    behind: str | None,
) -> None:
    """Run the registry until it is stopped (Ctrl-C, or SIGTERM)."""
    from sync.registry.cli.serving import serve

    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        raise click.BadParameter("write it as host:port", param_hint="--listen")
    limits = Limits(
        entries_a_day=entries_a_day,
        passes_a_minute=passes_a_minute,
        histories_a_day=histories_a_day,
        morning_window=morning_window,
    )
    serve(data, database, listen, codes, schemas, limits, behind)
