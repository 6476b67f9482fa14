"""What a load balancer or a supervisor asks: does it run, and can it be given requests."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response

from sync.registry.registry import Registry
from sync.registry.web.answering import as_json


def health(registry: Registry) -> Blueprint:
    """Make ``/health/live`` and ``/health/ready`` of one registry; anybody may ask."""
    routes = Blueprint("health", __name__, url_prefix="/health")
    routes.add_url_rule("/live", "live", live)
    routes.add_url_rule("/ready", "ready", partial(ready, registry))
    return routes


def live() -> Response:
    """Say that the process answers; it asks nothing of the database."""
    return as_json({"live": True})


def ready(registry: Registry) -> Response:
    """Say that database, its tables and the key are there; else 503 with the refusal's sentence.

    The key was read when the registry began: without it nothing listens.
    """
    registry.store.check()
    return as_json({"ready": True})
