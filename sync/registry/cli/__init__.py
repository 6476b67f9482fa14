"""The command ``divoc-registry``."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click
from waitress.server import create_server

from sync.protocol.bundles.sealed import recipient_of
from sync.protocol.errors import SyncError
from sync.registry.cli.authority import authority
from sync.registry.cli.opening import data_option, database_option, opened, stores
from sync.registry.cli.people import code, operator
from sync.registry.cli.publish import publish
from sync.registry.cli.revocations import revocations
from sync.registry.cli.stick import announce, stick
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.judging.worker import Judging, JudgingWorker
from sync.registry.keys import age_identities, operator_token, registry_key
from sync.registry.pace import Limits, Load
from sync.registry.registry import Registry, instant
from sync.registry.store.interface import Store
from sync.registry.store.records import NodeRecord
from sync.registry.store.stores import embedded, migrate_store
from sync.registry.web.app import LARGEST_BODY, create_app
from sync.registry.web.office import office

_THREADS = 8
_LIMITS = Limits()

_schemas = click.option(
    "--schemas",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder with the entries' JSON Schemas; those that came with the software by default.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="divoc-edge")
def main() -> None:
    """The national registry: takes what sites deliver, and signs for it."""


@main.command()
@data_option
@database_option
@click.option("--listen", default="127.0.0.1:8900", show_default=True, help="host:port")
@_schemas
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
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        raise click.BadParameter("write it as host:port", param_hint="--listen")
    data.mkdir(parents=True, exist_ok=True)
    store = opened(data, database, make=True)
    limits = Limits(
        entries_a_day=entries_a_day,
        passes_a_minute=passes_a_minute,
        histories_a_day=histories_a_day,
        morning_window=morning_window,
    )
    load = Load(_THREADS)
    registry = Registry(
        store,
        registry_key(data),
        frozenset(codes),
        limits,
        recipient=recipient_of(age_identities(data)[0]),
        load=load,
    )
    announce(registry)
    app = create_app(registry, office(registry, operator_token(data)))
    worker = JudgingWorker(_judging(store, schemas))
    try:
        # No Server header: it would weigh more than a receipt's number on a slow line.
        server = create_server(
            app,
            host=host,
            port=int(port),
            threads=_THREADS,
            ident=None,
            max_request_body_size=2 * LARGEST_BODY,  # up to there the application says it in words
            **(
                {
                    "trusted_proxy": behind,
                    "trusted_proxy_headers": "x-forwarded-for x-forwarded-proto",
                }
                if behind
                else {}
            ),
        )
    except OSError as error:
        raise click.ClickException(f"{listen} cannot be used: {error.strerror}.") from None
    load.watch(lambda: len(server.task_dispatcher.queue))
    click.echo(f"The registry listens on http://{listen}/")
    click.echo(f"The operator token is in {data / 'operator.token'}")
    if not codes:
        click.echo("Sites enrol with a code: divoc-registry code add FACILITY")

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    worker.start()
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
        worker.close()
        store.close()


@main.command()
@data_option
@database_option
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def nodes(data: Path, database: str | None, as_json: bool) -> None:
    """List the sites, and what each has delivered."""
    store = opened(data, database)
    found = list(_all_nodes(store))
    if as_json:
        document = [
            {
                "node": one.node,
                "facility": one.facility,
                "name": one.name,
                "entries": one.entries,
                "heardAt": one.heard_at,
                "alarms": one.alarms,
                "heads": [
                    {"epoch": head.epoch, "number": head.number, "hash": head.hash}
                    for head in store.heads(one.node)
                ],
            }
            for one in found
        ]
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        for one in found:
            click.echo(
                f"{one.facility:12} {one.entries:8} entries   heard {one.heard_at or 'never'}"
            )
        if not found:
            click.echo("No site has enrolled yet.")
    store.close()


@main.command()
@data_option
@database_option
@_schemas
def judge(data: Path, database: str | None, schemas: Path | None) -> None:
    """Judge once what is not judged yet, and what is held; also while the registry runs."""
    store = opened(data, database)
    judging = _judging(store, schemas)
    judged = 0
    while found := judging.run():
        judged += found
    released = judging.sweep()
    click.echo(f"Judged {judged} entries; {released} that were held are held no more.")
    store.close()


@main.command()
@data_option
@database_option
def migrate(data: Path, database: str | None) -> None:
    """Bring the registry's database up to date; what is up to date is left as it is.

    Run it once with each new version before the workers are started again.
    """
    if database is None:
        data.mkdir(parents=True, exist_ok=True)
    try:
        applied = migrate_store(database or embedded(data), datetime.now(UTC).isoformat(), stores())
    except SyncError as error:
        raise click.ClickException(str(error)) from None
    for name in applied:
        click.echo(f"Applied: {name}")
    click.echo("The database is up to date.")


def _judging(store: Store, schemas: Path | None) -> Judging:
    try:
        folder = schemas or schemas_folder()
        return Judging(store, Schemas(folder), lambda: instant(datetime.now(UTC)))
    except (OSError, ValueError, KeyError) as error:
        raise click.ClickException(f"The schemas cannot be read: {error}.") from None


def _all_nodes(store: Store) -> Iterator[NodeRecord]:
    after = ""
    while page := store.nodes(after):
        yield from page
        after = page[-1].node


for group in (operator, code, publish, authority, revocations, stick):
    main.add_command(group)
