"""An application whose routes come and go with the modules that run: a campaign may switch them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Lock

from flask import Flask, Request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, MapAdapter

from edge.domain.modules import Needs, met


class ModularApp(Flask):
    """A Flask application that routes what the running modules have, and knows nothing else.

    ``needs`` says by endpoint of which modules each route is; it is filled before the first
    request. What is not routed is answered as an address that never was.
    """

    def __init__(self, templates: Path, running: Callable[[], frozenset[str]]) -> None:
        super().__init__(__name__, static_folder="static", template_folder=str(templates))
        self.needs: dict[str, Needs] = {}
        self._running = running
        self._routed = cache(self._routes_of)
        self._making = Lock()

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Look for a request's address among the routes of the modules that run now."""
        adapter = super().create_url_adapter(request)
        if adapter is not None:
            running = self._running()
            with self._making:  # werkzeug parses code for each rule: not in two threads at once,
                adapter.map = self._routed(running)  # where Python 3.11 fails with a SystemError
        return adapter

    def _routes_of(self, running: frozenset[str]) -> Map:
        routed = self.url_map_class()
        for rule in self.url_map.iter_rules():
            if met(self.needs.get(rule.endpoint, ()), running):
                own = rule.empty()
                # what Flask notes on a rule, beside what it was made of
                options = rule.provide_automatic_options  # type: ignore[attr-defined]
                own.provide_automatic_options = options  # type: ignore[attr-defined]
                routed.add(own)
        return routed


def is_routed(adapter: MapAdapter, path: str) -> bool:
    """Say whether there is a page or a form under a path; its query says nothing."""
    try:
        adapter.match(path.partition("?")[0], method="GET")
    except NotFound:
        return False
    except (MethodNotAllowed, HTTPException):
        return True
    return True
