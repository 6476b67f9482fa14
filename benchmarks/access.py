"""What noting who saw whom costs: the same pages with and without it, in turn, in one process.

``python -m benchmarks.access``.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.demoland import fill
from edge.adapters.settings import Settings
from edge.cli.site import make_site
from edge.journal import access, views
from edge.node import Node
from edge.services.access_log import AccessLog
from edge.web.app import create_app

ROUNDS, CALLS = 7, 60


def measure(folder: Path) -> dict[str, float]:
    """Measure pages and a dose with and without the log (ms), and what the chain takes."""
    folder.mkdir(exist_ok=True)
    site = folder / "site"
    make_site(site, Settings(facility="DEMO01"))
    node = Node(site)
    fill(node)
    app = create_app(node.backend())
    browser = app.test_client()
    browser.post("/sign-in", data={"code": "S1", "pin": "2468"})
    with node.journal.reading() as db:
        person = views.find_people(db, "Grace Wanjiru")[0].id
    asked: dict[str, Callable[[], Any]] = {
        "a person's page": lambda: browser.get(f"/people/{person}"),
        "a person, by the API": lambda: browser.get(f"/api/v1/people/{person}"),
        "a search": lambda: browser.post("/api/v1/people/search", json={"text": "Grace"}),
        "the list of today": lambda: browser.get("/api/v1/doses"),
        "a registration": lambda: browser.put(
            f"/api/v1/entries/{node.site.ids.new()}",
            json={"type": "RegisterPerson", "name": "Somebody New", "gender": "Female",
                  "birthDate": "1990-05-05", "differentPerson": True},
        ),
    }  # fmt: skip
    node.start()
    found: dict[str, float] = {}
    real = AccessLog.note
    for name, ask in asked.items():
        times: dict[str, list[float]] = {"noted": [], "not noted": []}
        for turn in range(ROUNDS * 2):
            how = "noted" if turn % 2 else "not noted"
            AccessLog.note = real if turn % 2 else _nothing  # type: ignore[method-assign]
            for _ in range(CALLS):
                began = time.perf_counter()
                assert ask().status_code == 200
                times[how].append(time.perf_counter() - began)
        AccessLog.note = real  # type: ignore[method-assign]
        for how, taken in times.items():
            found[f"{name}, {how}, median ms"] = statistics.median(taken) * 1000
            found[f"{name}, {how}, p99 ms"] = statistics.quantiles(taken, n=100)[-1] * 1000
    node.use_cases.access.flush()
    for _ in range(10_000):
        node.use_cases.access.note("person", "V1", "address:192.0.2.10", [person], "/people/<id_>")
    began = time.perf_counter()
    node.use_cases.access.flush()
    found["2,000 records written at once, ms"] = (time.perf_counter() - began) * 1000
    with node.journal.reading() as db:
        began = time.perf_counter()
        check = access.check_access(db)
        found["records walked a second"] = check.records / (time.perf_counter() - began)
        began = time.perf_counter()
        access.page(db, person=person)
        found["a page of who saw somebody, ms"] = (time.perf_counter() - began) * 1000
    node.close()
    return found


def _nothing(*_: object, **__: object) -> None:
    """Note nothing."""


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        for label, figure in measure(Path(temporary)).items():
            print(f"{label:58} {figure:>12,.3f}")
