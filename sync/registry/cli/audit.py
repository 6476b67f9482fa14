"""``divoc-registry audit``: how long it is kept who did or looked at what."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from sync.commands.answers import json_option, show_json
from sync.commands.numbers import MOST_DAYS
from sync.registry.cli.opening import by_option, data_option, database_option, opening
from sync.registry.lifetimes import AUDIT_DAYS, LEAST_AUDIT_DAYS


@click.group()
def audit() -> None:
    """The audit: who did or looked at what in the registry."""


@audit.command()
@click.option(
    "--days",
    type=click.IntRange(LEAST_AUDIT_DAYS, MOST_DAYS),
    default=AUDIT_DAYS,
    show_default=True,
    help="What is older is forgotten.",
)
@by_option
@data_option
@database_option
@json_option
def trim(days: int, by: str, data: Path, database: str | None, as_json: bool) -> None:
    """Forget the lines of the audit that are older than so many days; a line says so.

    A registry that runs does it by itself, once a day: divoc-registry run --audit-days.
    """
    from sync.registry.audit import trim as trim_audit

    with opening(data, database) as store:
        count = trim_audit(store, days, f"{by} (command line)", datetime.now(UTC))
    if as_json:
        show_json({"forgotten": count, "days": days})
    else:
        click.echo(f"{count} lines were older than {days} days, and are forgotten.")
