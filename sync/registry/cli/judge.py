"""``divoc-registry judge`` and ``migrate``: the registry's database, brought up to date."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.commands.answers import json_option, show_json
from sync.logs import logging_to
from sync.own_files import private_folder
from sync.protocol.errors import SyncError
from sync.protocol.instants import instant
from sync.registry.cli.log_options import log_options
from sync.registry.cli.opening import (
    close_folder,
    data_option,
    database_option,
    opened,
    schemas_option,
    stores,
    waited_for,
)

if TYPE_CHECKING:
    from sync.registry.judging.worker import Judging
    from sync.registry.store.interface import Store


@click.command()
@data_option
@database_option
@schemas_option
@json_option
@click.option("--keep-on", is_flag=True, help="Go on until it is stopped, beside run --no-judging.")
@log_options
def judge(
    data: Path,
    database: str | None,
    schemas: Path | None,
    as_json: bool,
    keep_on: bool,
    log: str,
    log_level: str,
) -> None:
    """Judge what is not judged yet, and what is held; also while the registry runs."""
    if keep_on and as_json:
        raise click.UsageError("--json says what one round came to: leave out --keep-on.")
    with logging_to(log, log_level, str):
        if keep_on:
            store = waited_for(partial(opened, data, database))
            _keep_on(store, judging(store, schemas))
        else:
            store = opened(data, database)
            _judge_once(store, judging(store, schemas), as_json)


def _judge_once(store: Store, engine: Judging, as_json: bool) -> None:
    judged = 0
    while found := engine.run():
        judged += found
    released = engine.sweep()
    store.close()
    if as_json:
        show_json({"judged": judged, "released": released})
    else:
        click.echo(f"Judged {judged} entries; {released} that were held are held no more.")


def _keep_on(store: Store, engine: Judging) -> None:
    """Judge until a signal comes."""
    from sync.registry.judging.running import JudgingWorker

    worker = JudgingWorker(engine)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    click.echo("Judging, until it is stopped.")
    worker.run()
    store.close()
    tally = engine.tally
    click.echo(f"Settled {tally.won} pieces of {tally.tried} tried.")


@click.command()
@data_option
@database_option
@json_option
def migrate(data: Path, database: str | None, as_json: bool) -> None:
    """Bring the registry's database up to date; what is up to date is left as it is.

    Run it once with each new version before the workers are started again.
    """
    from sync.registry.store.stores import embedded, migrate_store

    if database is None:
        private_folder(data)
        close_folder(data)
    applied = migrate_store(database or embedded(data), instant(datetime.now(UTC)), stores())
    if as_json:
        show_json({"applied": list(applied)})
        return
    for name in applied:
        click.echo(f"Applied: {name}")
    click.echo("The database is up to date.")


def judging(store: Store, schemas: Path | None) -> Judging:
    """Make what judges entries, by the schemas in a folder or those of the software."""
    from sync.registry.judging.schemas import Schemas, schemas_folder
    from sync.registry.judging.worker import Judging

    try:
        folder = schemas or schemas_folder()
        return Judging(store, Schemas(folder), lambda: instant(datetime.now(UTC)))
    except (OSError, ValueError, KeyError) as error:
        raise SyncError(
            "schemas.unreadable", "The schemas cannot be read: {reason}.", reason=error
        ) from None
