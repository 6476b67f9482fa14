"""A small application behind the server of the product."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask, Response, request
from serving import Serving

LARGE = 8 * 1024 * 1024


class Site:
    """Says what it was asked; ``/wait`` is answered when ``go`` is set, ``/endless`` for ever."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun: list[str] = []
        self.put_away = threading.Event()
        self.app = app = Flask(__name__)

        @app.route("/", methods=["GET", "POST"])
        def echo() -> Response:
            return Response(request.get_data() or b"hello")

        @app.get("/large")
        def large() -> Response:
            return Response(bytes(LARGE))

        @app.get("/wait/<name>")
        def wait(name: str) -> str:
            self.begun.append(name)
            assert self.go.wait(60)
            return name

        @app.get("/endless")
        def endless() -> Response:
            return Response(self._endless())

        @app.get("/fails")
        def fails() -> str:
            raise RuntimeError("Zuberi Quillfeather")

        @app.route("/environment", methods=["GET", "POST"])
        def environment() -> dict[str, Any]:
            return {name: value for name, value in request.environ.items() if type(value) is str}

        app.config["PROPAGATE_EXCEPTIONS"] = True

    def _endless(self) -> Iterator[bytes]:
        try:
            while True:
                yield bytes(100_000)
        finally:
            self.put_away.set()


Serve = Callable[..., Serving]
"""Serves a site with limits and threads; its requests may be sent to ``port``."""
