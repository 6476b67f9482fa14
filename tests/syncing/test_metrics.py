"""What Prometheus and the log are told of a registry: enough to watch it, nothing of anybody."""

from __future__ import annotations

import io
import json
import logging
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from delivering_nodes import NOW, Place, dose, person
from flask.testing import FlaskClient
from memory_journal import REGISTRY_KEY
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from tls_sites import free_ports

from sync.logs import LineFormat, logging_to
from sync.protocol.errors import DatabaseError
from sync.protocol.instants import read_instant
from sync.registry.cli import main
from sync.registry.judging.worker import SettleReport
from sync.registry.metrics import registry_metrics, serve_metrics
from sync.registry.registry import Registry
from sync.registry.store.interface import Store
from sync.registry.store.records import PendingStretch
from sync.registry.store.stores import embedded, migrate_store, open_store
from sync.registry.web.app import create_app
from sync.registry.web.office import office
from sync.web.request_log import log_requests, request_id

BEARER = {"Authorization": "Bearer operator"}


class Watched:
    def __init__(self, store: Store) -> None:
        self.store = store
        registry = Registry(store, REGISTRY_KEY, frozenset({"code"}))
        app = create_app(registry, office(registry, "operator"))
        log_requests(app, logging.getLogger("divoc_registry.requests"), lambda: "drawn")
        later = read_instant(NOW) + timedelta(minutes=5)
        self.metrics: CollectorRegistry = registry_metrics(
            app, store, lambda: SettleReport(5, 4), lambda: later
        )
        self.client: FlaskClient = app.test_client()

    def told(self) -> dict[tuple[str, ...], float]:
        text = generate_latest(self.metrics).decode()
        return {
            (sample.name.removeprefix("divoc_registry_"), *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


@pytest.fixture
def watched(store: Store) -> Watched:
    return Watched(store)


def test_the_metrics_say_what_is_held_and_how_far_judging_is_behind(watched: Watched) -> None:
    place, other = Place(watched.store, "a"), Place(watched.store, "b")
    place.deliver(person(), dose(2), dose(3))
    other.deliver(person(9))
    watched.store.set_state("b", "stopped", NOW)
    watched.store.settle(PendingStretch("b", other.epoch, 0, 1), [], [], [], NOW)
    told = watched.told()
    for name, value in {
        ("database_up",): 1, ("entries",): 4, ("entries_unjudged",): 3, ("oldest_unjudged_seconds",): 300,
        ("nodes", "active"): 1, ("nodes", "stopped"): 1, ("settles_tried_total",): 5,
        ("settles_won_total",): 4,
    }.items():  # fmt: skip
        assert told[name] == value, name


def test_requests_are_counted_by_route_and_nothing_of_a_site_or_a_query_is_told(
    watched: Watched,
) -> None:
    place = Place(watched.store, "a-node-of-a-site")
    place.deliver(person())
    for path in (f"/nodes/{place.node}", "/v1/entries?type=Secret", "/nowhere/Secret"):
        watched.client.get(path, headers=BEARER)
    watched.client.open("/v1/ping", method="SECRET")
    told = watched.told()
    assert told["requests_total", "GET", "/nodes/<node>", "200"] == 1
    assert told["requests_total", "GET", "none", "404"] == 1
    assert told["request_seconds_count", "/v1/entries"] == 1
    text = generate_latest(watched.metrics).decode()
    for secret in ("a-node-of-a-site", "Secret", "SECRET", "Riverside"):
        assert secret not in text


def test_while_the_database_is_away_the_metrics_say_so(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> Any:
        raise DatabaseError("registry.database", "It cannot be used now.")

    monkeypatch.setattr(watched.store, "counts", away)
    told = watched.told()
    assert told["database_up",] == 0
    assert ("entries",) not in told


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    with logging_to("json", "info", request_id, stream):
        yield stream


@pytest.mark.parametrize(("given", "kept"), [
    ("", "drawn"), ("proxy-1.A_b", "proxy-1.A_b"), ("a b", "drawn"), ("x" * 65, "drawn"),
    ("<script>", "drawn"),
])  # fmt: skip
def test_a_request_has_an_id_that_its_answer_and_its_log_line_carry(
    watched: Watched, log: io.StringIO, given: str, kept: str
) -> None:
    answer = watched.client.get(
        "/v1/entries?type=Secret&node=Secret", headers={**BEARER, "X-Request-Id": given}
    )
    assert answer.headers["X-Request-Id"] == kept
    (line,) = log.getvalue().splitlines()
    told = json.loads(line)
    assert (told["request"], told["message"], told["status"]) == (kept, "GET /v1/entries", 200)
    assert (told["level"], told["logger"]) == ("info", "divoc_registry.requests")
    assert read_instant(told["time"])
    assert "Secret" not in line


def test_a_line_of_the_log_is_one_line_and_never_has_the_text_of_an_error() -> None:
    record = logging.LogRecord("a.b", logging.ERROR, "", 0, "it\nbroke", None, None)
    try:
        int("a secret")
    except ValueError:
        record.exc_info = sys.exc_info()
    text, as_json = (LineFormat(form, lambda: "").format(record) for form in ("text", "json"))
    assert re.fullmatch(r"\S+Z error a\.b: it broke error=ValueError at \S+, line \d+", text)
    assert json.loads(as_json)["message"] == "it\nbroke"
    assert "secret" not in text + as_json


@pytest.mark.slow
def test_metrics_have_an_address_of_their_own_that_ends_with_the_registry(
    watched: Watched,
) -> None:
    (port,) = free_ports(1)
    end = serve_metrics(watched.metrics, "127.0.0.1", port)
    url = f"http://127.0.0.1:{port}/metrics"
    assert "divoc_registry_database_up 1.0" in requests.get(url, timeout=30).text
    with pytest.raises(OSError, match="in use"):
        serve_metrics(watched.metrics, "127.0.0.1", port)
    end()
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=30)


@pytest.mark.slow  # a process
def test_judging_has_a_process_of_its_own_that_ends_when_it_is_told_to(tmp_path: Path) -> None:
    address = embedded(tmp_path)
    migrate_store(address, NOW)
    store = open_store(address)
    Place(store, "a").deliver(person(), dose())
    run = subprocess.Popen(
        [sys.executable, "-c", "from sync.registry.cli import main; main()", "judge", "--keep-on", "--data", str(tmp_path)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert run.stdout
    assert run.stdout.readline() == "Judging, until it is stopped.\n"
    for _ in range(600):
        if not store.to_judge(1):
            break
        time.sleep(0.1)
    run.send_signal(signal.SIGTERM)
    out, _ = run.communicate(timeout=60)
    assert (run.returncode, out) == (0, "Settled 1 pieces of 1 tried.\n")
    assert store.to_judge(1) == []
    store.close()


def test_what_never_ends_has_no_answer_to_give_as_json(tmp_path: Path) -> None:
    words = ["judge", "--data", str(tmp_path), "--keep-on", "--json"]
    run = CliRunner().invoke(main, words)
    assert run.exit_code == 2
    assert "leave out --keep-on" in run.output


def test_the_level_of_the_log_is_one_of_those_there_are(tmp_path: Path) -> None:
    run = CliRunner().invoke(main, ["judge", "--data", str(tmp_path), "--log-level", "loud"])
    assert run.exit_code == 2
    assert "warning" in run.output
