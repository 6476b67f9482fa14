"""Serves a site's pages until it is stopped."""

from __future__ import annotations

import contextlib
import logging
import signal
import threading
from functools import partial
from types import FrameType

import click

from edge.adapters.addresses import site_addresses, trust_address
from edge.adapters.control import Control
from edge.adapters.settings import FILE, Settings
from edge.domain.errors import NotAllowed, Unavailable
from edge.node import Node
from edge.tasks import do_task
from edge.web.app import create_app
from edge.web.backend import Backend
from edge.web.plain_app import create_plain_app
from edge.web.refusing import refusing
from edge.web.uploads import LIMITS
from sync.resources import resource
from sync.web.serving import Limits, Server

_THREADS, _PLAIN_THREADS = 16, 2
_PLAIN = Limits(
    connections=64,
    connections_by_address=16,
    waiting=32,
    waiting_by_address=8,
    body=1024,
    held=1024 * 1024,
    idle_seconds=20.0,
)
"""Plain HTTP has one small page and its files."""
_log = logging.getLogger("divoc_edge")


def serve(node: Node) -> None:
    """Serve the tablets until a signal comes."""
    settings, backend = node.settings, node.backend()
    check_bare(settings)
    server = pages_server(settings, backend)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    plain = plain_server(settings, backend)
    node.start()
    control = _control(node)
    for address in site_addresses(settings)[:1]:
        tell(f"The site listens on {settings.listen}: {address}")
    if plain:
        threading.Thread(target=plain.run, name="plain HTTP", daemon=True).start()
        tell(f"Tablets learn to trust it at {trust_address(settings)}")
    try:
        server.run()
    except KeyboardInterrupt:
        pass  # it came before the server looked out for it
    finally:
        if control:
            control.close()
        if plain:
            plain.close()
        server.close()
    tell("Stopped.")


def tell(text: str) -> None:
    """Write a line for whoever looks; a log file on a full disk ends nobody's work."""
    with contextlib.suppress(OSError):
        click.echo(text)


def _control(node: Node) -> Control | None:
    """Hear commands; a disk that takes nothing may have no room for the socket."""
    try:
        return Control(node.folder, partial(do_task, node))
    except OSError as error:
        _log.error("commands are not heard while this runs: %s", error.strerror)
        return None


def check_bare(settings: Settings) -> None:
    """Refuse to speak plain HTTP to others than this machine, unless a setting says why."""
    if settings.is_bare:
        raise NotAllowed(
            "listen.bare",
            "At {listen} tablets would be spoken to without TLS: everybody on the network could"
            " read PINs and records.",
            hint="Switch TLS on with: divoc-edge tls on. Or, if something else protects the way,"
            ' write what in {file}: plain_http_reason = "…"',
            listen=settings.listen,
            file=FILE,
        )


def pages_server(settings: Settings, backend: Backend) -> Server:
    """Make what serves the pages; raises :class:`Unavailable` where the address is taken."""
    host, _, port = settings.listen.rpartition(":")
    try:
        return Server(
            create_app(backend),
            host,
            int(port),
            threads=_THREADS,
            limits=LIMITS,
            words=refusing(resource("config/locale")),
            trusted=settings.behind,
            tls=backend.tls.context if backend.tls else None,
        )
    except OSError:
        raise Unavailable(
            "listen.taken",
            "The address {listen} is in use or not this machine's.",
            hint="Stop the other program, or change listen in {file}.",
            listen=settings.listen,
            file=FILE,
        ) from None


def plain_server(settings: Settings, backend: Backend) -> Server | None:
    """Make what tells tablets how to trust the site; without it those who do already go on."""
    if not settings.plain:
        return None
    host, _, port = settings.plain.rpartition(":")
    try:
        return Server(
            create_plain_app(backend),
            host,
            int(port),
            threads=_PLAIN_THREADS,
            limits=_PLAIN,
            words=refusing(resource("config/locale")),
        )
    except OSError as error:
        _log.error("%s cannot be used for plain HTTP: %s", settings.plain, error.strerror)
        return None
