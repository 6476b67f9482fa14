"""Serves the registry until it is stopped."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType

import click
from flask import Flask

from sync.own_files import private_folder
from sync.protocol.bundles.sealed import recipient_of
from sync.protocol.errors import DatabaseError, SyncError
from sync.registry.addresses import registry_address
from sync.registry.audit import AuditWorker
from sync.registry.campaigns.told_root import told_root
from sync.registry.cli.judge import judging
from sync.registry.cli.opening import opened
from sync.registry.cli.provider_options import ProviderOptions
from sync.registry.cli.recipients import announce
from sync.registry.codes import whole_code
from sync.registry.judging.running import JudgingWorker
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
from sync.web.serving import Limits as ServerLimits
from sync.web.serving import Server

_THREADS = 8
_TRY_EVERY, _TOLD_EVERY = 2, 60
"""Seconds between tries to reach the database at the start, and between words about it."""
_PROVIDER_SECONDS = 5.0
"""Of each question to an identity provider."""


def serve(
    data: Path,
    database: str | None,
    listen: str,
    codes: tuple[str, ...],
    schemas: Path | None,
    limits: Limits,
    audit_days: int,
    address: str,
    behind: str | None,
    locker: LockerSettings | None,
    provider: ProviderOptions | None,
) -> None:
    """Serve the sites and the office until a signal comes; ``listen`` is ``host:port``."""
    private_folder(data)
    store = waited_for(partial(opened, data, database, make=True))
    load = Load(_THREADS)
    registry = _registry(data, store, codes, limits, address, load)
    announce(registry)
    pages = [office(registry, operator_token(data), provider=_provider(registry, provider))]
    if locker is not None:
        pages.append(locker_api(Locker(registry, locker, locker_papers())))
    app = create_app(registry, *pages)
    worker = JudgingWorker(judging(store, schemas))
    server = _server(app, listen, behind or "")
    load.watch(server.waiting)
    _tell(data, database, listen)
    _tell_codes(registry, codes, listen)

    keeper = AuditWorker(store, audit_days)
    worker.start()
    keeper.start()
    try:
        _until_stopped(server)
    finally:
        server.close()
        worker.close()
        keeper.close()
        store.close()


def waited_for(store: Callable[[], Store], sleep: Callable[[float], None] = time.sleep) -> Store:
    """Open a store; while its database does not answer, say so once a minute and try again.

    After a power cut a registry and its database start in any order.
    """
    for turn in itertools.count():
        try:
            return store()
        except DatabaseError as error:
            if turn % (_TOLD_EVERY // _TRY_EVERY) == 0:
                click.echo(f"{error} Waiting for it.", err=True)
            sleep(_TRY_EVERY)
    raise AssertionError("itertools.count ended")


def _server(app: Flask, listen: str, behind: str) -> Server:
    """Make what listens; raises :class:`SyncError` where the address is taken."""
    host, _, port = listen.rpartition(":")
    try:
        return Server(
            app,
            host,
            int(port),
            threads=_THREADS,
            limits=ServerLimits(body=LARGEST_BODY),
            words=refusing(LARGEST_BODY),
            trusted=behind,
        )
    except OSError as error:
        raise SyncError(
            "listen.taken",
            "{listen} cannot be used: {reason}.",
            listen=listen,
            reason=error.strerror,
        ) from None


def _tell(data: Path, database: str | None, listen: str) -> None:
    if database is not None and leaves_in_clear(database, os.environ):
        click.echo(
            "Warning: the way to the database leaves this machine, and may do so without TLS:"
            " records can be read on it. Write sslmode=verify-full into the address.",
            err=True,
        )
    click.echo(f"The registry listens on http://{listen}/")
    click.echo(f"The operator token is in {data / 'operator.token'}")


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


def _registry(
    data: Path, store: Store, codes: tuple[str, ...], limits: Limits, address: str, load: Load
) -> Registry:
    identities = age_identities(data)
    return Registry(
        store,
        registry_key(data),
        frozenset(codes),
        limits,
        recipient=recipient_of(identities[0]),
        identities=identities,
        address=registry_address(data, address),
        campaign_root=partial(told_root, data),
        load=load,
    )


def _provider(registry: Registry, asked: ProviderOptions | None) -> ProviderSignIn | None:
    if asked is None:
        return None
    settings = ProviderSettings(asked.issuer, asked.client, asked.secret)
    client = OpenIdClient(settings, BoundedFetch(_PROVIDER_SECONDS, asked.authority))
    return ProviderSignIn(client, ProviderRoles(asked.roles), registry.key, registry.now)
