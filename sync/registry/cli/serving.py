"""Serves the registry until it is stopped."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import FrameType

import click
from flask import Flask

from sync.logs import logging_to
from sync.own_files import private_folder
from sync.protocol.bundles.sealed import recipient_of
from sync.protocol.errors import SyncError
from sync.registry.addresses import registry_address
from sync.registry.audit import AuditWorker
from sync.registry.campaigns.told_root import told_root
from sync.registry.cli.judge import judging
from sync.registry.cli.opening import opened, waited_for
from sync.registry.cli.provider_options import ProviderOptions
from sync.registry.cli.recipients import announce
from sync.registry.codes import whole_code
from sync.registry.judging.running import JudgingWorker
from sync.registry.judging.worker import SettleReport
from sync.registry.keys import age_identities, operator_token, registry_key
from sync.registry.locker.papers import locker_papers
from sync.registry.locker.settings import LockerSettings
from sync.registry.provider import ProviderRoles, ProviderSignIn
from sync.registry.rate_limits import Limits, Load
from sync.registry.registry import Registry
from sync.registry.store.addresses import leaves_in_clear
from sync.registry.store.interface import Store
from sync.registry.web.app import LARGEST_BODY, create_app
from sync.registry.web.locker_api import Locker, locker_api
from sync.registry.web.office import office
from sync.registry.web.refusing import refusing
from sync.sign_in.fetching import BoundedFetch
from sync.sign_in.openid import OpenIdClient, ProviderSettings
from sync.web.request_log import log_requests, request_id
from sync.web.serving import Limits as ServerLimits
from sync.web.serving import Server

_log = logging.getLogger("divoc_registry.requests")
_THREADS = 8
_PROVIDER_SECONDS = 5.0
"""Of each question to an identity provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingOptions:
    """How the registry is to be served: the options of ``divoc-registry run``.

    ``listen`` and ``metrics`` are ``host:port``, ``log`` its form and level.
    """

    data: Path
    database: str | None
    listen: str
    codes: tuple[str, ...]
    schemas: Path | None
    limits: Limits
    audit_days: int
    address: str
    behind: str | None
    metrics: str | None
    judging: bool
    log: tuple[str, str]
    locker: LockerSettings | None
    provider: ProviderOptions | None


def serve(asked: ServingOptions) -> None:
    """Serve the sites and the office until a signal comes."""
    with logging_to(*asked.log, request_id):
        _serve(asked)


def _serve(asked: ServingOptions) -> None:
    private_folder(asked.data)
    store = waited_for(partial(opened, asked.data, asked.database, make=True))
    load = Load(_THREADS)
    registry = _registry(asked, store, load)
    announce(registry)
    app = _application(asked, registry)
    engine = judging(store, asked.schemas)
    worker = JudgingWorker(engine)
    watching = _watched(asked, app, store, lambda: engine.tally)
    server = _server(app, asked.listen, asked.behind or "")
    load.watch(server.waiting)
    _tell(asked)
    _tell_codes(registry, asked.codes, asked.listen)

    keeper = AuditWorker(store, asked.audit_days)
    if asked.judging:
        worker.start()
    keeper.start()
    try:
        _until_stopped(server)
    finally:
        server.close()
        worker.close()
        keeper.close()
        watching()
        store.close()


def _application(asked: ServingOptions, registry: Registry) -> Flask:
    provider = _provider(registry, asked.provider)
    pages = [office(registry, operator_token(asked.data), provider=provider)]
    if asked.locker is not None:
        pages.append(locker_api(Locker(registry, asked.locker, locker_papers())))
    app = create_app(registry, *pages)
    log_requests(app, _log, lambda: secrets.token_hex(8))
    return app


def _watched(
    asked: ServingOptions, app: Flask, store: Store, tally: Callable[[], SettleReport]
) -> Callable[[], None]:
    """Answer Prometheus, if that was asked for; give what ends it."""
    if asked.metrics is None:
        return lambda: None
    try:
        from sync.registry.metrics import registry_metrics, serve_metrics
    except ImportError:
        raise SyncError(
            "metrics.package",
            "Metrics need one more Python package. Install it with:"
            " pip install 'divoc-edge[metrics]'",
        ) from None
    host, _, port = asked.metrics.rpartition(":")
    with _taken(asked.metrics):
        metrics = registry_metrics(app, store, tally, lambda: datetime.now(UTC))
        return serve_metrics(metrics, host, int(port))


def _server(app: Flask, listen: str, behind: str) -> Server:
    """Make what listens; raises :class:`SyncError` where the address is taken."""
    host, _, port = listen.rpartition(":")
    with _taken(listen):
        return Server(
            app,
            host,
            int(port),
            threads=_THREADS,
            limits=ServerLimits(body=LARGEST_BODY),
            words=refusing(LARGEST_BODY),
            trusted=behind,
        )


@contextlib.contextmanager
def _taken(listen: str) -> Iterator[None]:
    """Say which address cannot be used."""
    try:
        yield
    except OSError as error:
        raise SyncError(
            "listen.taken",
            "{listen} cannot be used: {reason}.",
            listen=listen,
            reason=error.strerror,
        ) from None


def _tell(asked: ServingOptions) -> None:
    if asked.database is not None and leaves_in_clear(asked.database, os.environ):
        click.echo(
            "Warning: the way to the database leaves this machine, and may do so without TLS:"
            " records can be read on it. Write sslmode=verify-full into the address.",
            err=True,
        )
    click.echo(f"The registry listens on http://{asked.listen}/")
    click.echo(f"The operator token is in {asked.data / 'operator.token'}")


def _until_stopped(server: Server) -> None:
    """Answer until a signal or the keyboard says that it is enough."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()


def _tell_codes(registry: Registry, codes: tuple[str, ...], listen: str) -> None:
    for code in codes:
        address, key = registry.address or f"http://{listen}", registry.key.public_key()
        whole = whole_code(code, address, key, registry.campaign_root())
        click.echo(f"Any site enrols with the code {whole}")
    if not codes:
        click.echo("Sites enrol with a code: divoc-registry code add FACILITY")


def _registry(asked: ServingOptions, store: Store, load: Load) -> Registry:
    data = asked.data
    identities = age_identities(data)
    return Registry(
        store,
        registry_key(data),
        frozenset(asked.codes),
        asked.limits,
        recipient=recipient_of(identities[0]),
        identities=identities,
        address=registry_address(data, asked.address),
        campaign_root=partial(told_root, data),
        load=load,
    )


def _provider(registry: Registry, asked: ProviderOptions | None) -> ProviderSignIn | None:
    if asked is None:
        return None
    settings = ProviderSettings(asked.issuer, asked.client, asked.secret)
    client = OpenIdClient(settings, BoundedFetch(_PROVIDER_SECONDS, asked.authority))
    return ProviderSignIn(client, ProviderRoles(asked.roles), registry.key, registry.now)
