"""What Prometheus is told of a registry: counts and durations, nothing of a person or a site."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from sync.protocol.errors import SyncError
from sync.protocol.instants import read_instant
from sync.registry.judging.worker import SettleReport
from sync.registry.store.interface import Store
from sync.web.request_log import route

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})
_SECONDS = (0.005, 0.02, 0.05, 0.15, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Bounds of the durations that are told apart."""


class StoreWatch(Collector):
    """Asks the store when Prometheus does; while it is away, says only that."""

    def __init__(
        self, store: Store, tally: Callable[[], SettleReport], now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._tally = tally
        self._now = now

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        """Give what is measured now."""
        tally = self._tally()
        for name, value in (("tried", tally.tried), ("won", tally.won)):
            yield _counter(f"settles_{name}", "Pieces of entries this worker settled", value)
        try:
            found = self._store.counts()
        except SyncError:
            yield _gauge("database_up", "Whether the database answers", 0)
            return
        yield _gauge("database_up", "Whether the database answers", 1)
        yield _gauge("entries_unjudged", "Entries that are not judged yet", found.unjudged)
        age = 0.0
        if found.oldest_unjudged:
            received = read_instant(found.oldest_unjudged)
            age = max(0.0, (self._now().astimezone(UTC) - received).total_seconds())
        yield _gauge("oldest_unjudged_seconds", "Age of the oldest entry not judged yet", age)
        for label, counts in (("nodes", found.nodes), ("verdicts", found.verdicts)):
            family = GaugeMetricFamily(
                f"divoc_registry_{label}", f"{label} by state", labels=["state"]
            )
            for state, count in sorted(counts.items()):
                family.add_metric([state], count)
            yield family
        yield _gauge("entries", "Entries that are held", found.entries)
        yield _gauge("entries_waiting", "Entries that sites said they still have", found.waiting)


def measure_requests(app: Flask, metrics: CollectorRegistry) -> None:
    """Count an application's requests by route and status, and how long they took."""
    counted = Counter(
        "divoc_registry_requests", "Requests", ["method", "route", "status"], registry=metrics
    )
    took = Histogram(
        "divoc_registry_request_seconds", "Seconds", ["route"], buckets=_SECONDS, registry=metrics
    )

    def begin() -> None:
        g.measured_from = time.perf_counter()

    def end(response: Response) -> Response:
        method = request.method if request.method in _METHODS else "other"
        counted.labels(method, route(), str(response.status_code)).inc()
        if "measured_from" in g:
            took.labels(route()).observe(time.perf_counter() - g.measured_from)
        return response

    app.before_request_funcs.setdefault(None, []).insert(0, begin)
    app.after_request(end)


def registry_metrics(
    app: Flask, store: Store, tally: Callable[[], SettleReport], now: Callable[[], datetime]
) -> CollectorRegistry:
    """Make what is told of one registry, and measure its application's requests from now on."""
    metrics = CollectorRegistry()
    metrics.register(StoreWatch(store, tally, now))
    measure_requests(app, metrics)
    return metrics


def serve_metrics(metrics: CollectorRegistry, host: str, port: int) -> Callable[[], None]:
    """Answer ``/metrics`` at an address of its own; give what ends it.

    Raises :class:`OSError` where the address cannot be used.
    """
    server, thread = start_http_server(port, addr=host, registry=metrics)

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join(5)

    return end


def _gauge(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"divoc_registry_{name}", told, value=value)


def _counter(name: str, told: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(f"divoc_registry_{name}", told, value=value)
