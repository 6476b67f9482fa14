"""``divoc-registry audit``: how long it is kept who did or looked at what."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from sync.commands.answers import json_option, show_json
from sync.registry.audit import KEPT_DAYS, LEAST_DAYS
from sync.registry.cli.opening import data_option, database_option, opening


@click.group()
def audit() -> None:
    """The audit: who did or looked at what in the registry."""


@audit.command()
@click.option(
    "--days",
    type=click.IntRange(min=LEAST_DAYS),
    default=KEPT_DAYS,
    show_default=True,
    help="What is older is forgotten.",
)
@click.option("--by", required=True, help="Who decides: the officer's name, for the audit.")
@data_option
@database_option
@json_option
def trim(days: int, by: str, data: Path, database: str | None, as_json: bool) -> None:
    """Forget the lines of the audit that are older than so many days; a line says so.

    A registry that runs does it by itself, once a day: divoc-registry run --audit-days.
    """
    from sync.registry.audit import trim as trim_audit

    if not 0 < len(by) <= 100 or not by.isprintable():
        raise click.BadParameter("this name cannot be used", param_hint="--by")
    with opening(data, database) as store:
        count = trim_audit(store, days, f"{by} (command line)", datetime.now(UTC))
    if as_json:
        show_json({"forgotten": count, "days": days})
    else:
        click.echo(f"{count} lines were older than {days} days, and are forgotten.")
