"""Serves a site's pages until it is stopped."""

from __future__ import annotations

import logging
import signal
from types import FrameType

import click
from waitress.server import create_server

from edge.adapters.settings import FILE
from edge.domain.errors import Unavailable
from edge.node import Node
from edge.web.app import create_app

_THREADS = 16


def serve(node: Node) -> None:
    """Serve the tablets until a signal comes."""
    host, _, port = node.settings.listen.rpartition(":")
    try:
        server = create_server(
            create_app(node.backend()), host=host, port=int(port), threads=_THREADS, ident=None
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
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a short queue is no news
    node.start()
    click.echo(f"The site listens on http://{node.settings.listen}/")
    try:
        server.run()
    except KeyboardInterrupt:
        pass  # waitress swallows most of them itself
    finally:
        server.close()
    click.echo("Stopped.")
