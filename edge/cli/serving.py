"""Serves a site's pages until it is stopped."""

from __future__ import annotations

import signal
from functools import partial
from types import FrameType

import click

from edge.adapters.control import Control
from edge.adapters.settings import FILE
from edge.domain.errors import Unavailable
from edge.node import Node
from edge.tasks import do_task
from edge.web.app import create_app
from edge.web.refusing import refusing
from edge.web.uploads import LARGEST
from sync.web.serving import Limits, Server

_THREADS = 16


def serve(node: Node) -> None:
    """Serve the tablets until a signal comes."""
    host, _, port = node.settings.listen.rpartition(":")
    backend = node.backend()
    try:
        server = Server(
            create_app(backend),
            host,
            int(port),
            threads=_THREADS,
            limits=Limits(body=LARGEST),
            words=refusing(backend.locale),
        )
    except OSError:
        raise Unavailable(
            "listen.taken",
            "The address {listen} is in use or not this machine's.",
            hint="Stop the other program, or change listen in {file}.",
            listen=node.settings.listen,
            file=FILE,
        ) from None

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    node.start()
    control = Control(node.folder, partial(do_task, node))
    click.echo(f"The site listens on http://{node.settings.listen}/")
    try:
        server.run()
    except KeyboardInterrupt:
        pass  # it came before the server looked out for it
    finally:
        control.close()
        server.close()
    click.echo("Stopped.")
