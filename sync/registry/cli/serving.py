"""Serves the registry until it is stopped."""

from __future__ import annotations

import signal
from pathlib import Path
from types import FrameType

import click

from sync.own_files import private_folder
from sync.protocol.bundles.sealed import recipient_of
from sync.protocol.errors import SyncError
from sync.registry.cli.judge import judging
from sync.registry.cli.opening import opened
from sync.registry.cli.recipients import announce
from sync.registry.judging.worker import JudgingWorker
from sync.registry.keys import age_identities, operator_token, registry_key
from sync.registry.rate_limits import Limits, Load
from sync.registry.registry import Registry
from sync.registry.web.app import LARGEST_BODY, create_app
from sync.registry.web.office import office
from sync.registry.web.refusing import refusing
from sync.web.serving import Limits as ServerLimits
from sync.web.serving import Server

_THREADS = 8


def serve(
    data: Path,
    database: str | None,
    listen: str,
    codes: tuple[str, ...],
    schemas: Path | None,
    limits: Limits,
    behind: str | None,
) -> None:
    """Serve the sites and the office until a signal comes; ``listen`` is ``host:port``."""
    host, _, port = listen.rpartition(":")
    private_folder(data)
    store = opened(data, database, make=True)
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
    worker = JudgingWorker(judging(store, schemas))
    try:
        server = Server(
            app,
            host,
            int(port),
            threads=_THREADS,
            limits=ServerLimits(body=LARGEST_BODY),
            words=refusing(LARGEST_BODY),
            trusted=behind or "",
        )
    except OSError as error:
        raise SyncError(
            "listen.taken",
            "{listen} cannot be used: {reason}.",
            listen=listen,
            reason=error.strerror,
        ) from None
    load.watch(server.waiting)
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
