"""Gives each request an id, and a line in the log: what was asked, what came of it, how long."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable

from flask import Flask, Response, g, has_request_context, request

_HEADER = "X-Request-Id"
_FORM = re.compile("[A-Za-z0-9._-]{1,64}")


def request_id() -> str:
    """Give the id of the request at hand; empty where there is none."""
    return str(g.get("request_id", "")) if has_request_context() else ""


def log_requests(
    app: Flask,
    log: logging.Logger,
    new_id: Callable[[], str],
    clock: Callable[[], float] = time.perf_counter,
) -> None:
    """Have an application log each request: by its route, for paths and queries name people.

    An id that a proxy gave (``X-Request-Id``) is kept, any other is drawn by ``new_id``; the
    answer carries it.
    """

    def begin() -> None:
        given = request.headers.get(_HEADER, "")
        g.request_id = given if _FORM.fullmatch(given) else new_id()
        g.request_began = clock()

    def end(response: Response) -> Response:
        if "request_id" in g:
            response.headers[_HEADER] = g.request_id
            log.info(
                "%s %s",
                request.method,
                route(),
                extra={
                    "fields": {
                        "status": response.status_code,
                        "ms": round(1000 * (clock() - g.request_began), 1),
                    }
                },
            )
        return response

    app.before_request_funcs.setdefault(None, []).insert(0, begin)
    app.after_request(end)


def route() -> str:
    """Give the rule of the request at hand, such as ``/v1/nodes/<node>``."""
    return request.url_rule.rule if request.url_rule else "none"
