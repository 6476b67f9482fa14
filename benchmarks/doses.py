"""Doses a second through the whole HTTP path, against this machine's own limit.

The limit is bare SQLite: the same rows a dose leaves (two entries, the dose, the certificate and
its code, the place in the queue), the same tables, indexes and pragmas, one commit a dose, nothing
else; by one process, and by as many as there are clients.

python -m benchmarks.doses
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import bare
from benchmarks.demoland import fill
from edge.adapters.entropy import uuid7
from edge.adapters.settings import Settings
from edge.cli.site import make_site
from edge.journal import views
from edge.node import Node
from edge.services.commands import ReceiveStock, RegisterPerson

CLIENTS = 8


def measure(folder: Path, seconds: float, people: int = 12_000) -> dict[str, float]:
    site = folder / "site"
    port = _free_port()
    make_site(site, Settings(facility="DEMO01", listen=f"127.0.0.1:{port}"))
    ids = _prepare(site, people)
    run = subprocess.Popen(
        [sys.executable, "-m", "edge", "run", "--data", str(site)], stdout=subprocess.DEVNULL
    )
    try:
        _wait(port)
        token = _sign_in(port)
        share = people // CLIENTS
        before = _processor(run.pid)
        with multiprocessing.Pool(CLIENTS) as pool:
            results = pool.starmap(
                _client,
                [(port, token, ids[i * share : (i + 1) * share], seconds) for i in range(CLIENTS)],
            )
        spent = _processor(run.pid) - before
    finally:
        run.terminate()
        run.wait(30)
    times = sorted(taken for several, _ in results for taken in several)
    count = len(times)
    ours = count / max(elapsed for _, elapsed in results)
    rows = bare.written(site)
    one_row = bare.one_row(rows, folder / "row.db")
    alone = bare.commits(rows, folder / "alone.db")
    together = bare.commits(rows, folder / "together.db", CLIENTS)
    return {
        "through HTTP, 8 clients, doses a second": ours,
        "the site's processor for a dose, milliseconds": spent / count * 1000,
        "bare SQLite, one row a commit, commits a second": one_row,
        "bare SQLite, a dose's rows a commit, commits a second": alone,
        "bare SQLite, the same by 8 clients, commits a second": together,
        "ratio to one row a commit": ours / one_row,
        "ratio to a dose's rows a commit": ours / alone,
        "ratio to a dose's rows a commit, 8 clients each": ours / together,
        "median of a dose, milliseconds": statistics.median(times) * 1000,
        "p99 of a dose, milliseconds": times[int(count * 0.99)] * 1000,
        "slowest dose, milliseconds": times[-1] * 1000,
        "doses given": float(count),
    }


def _prepare(site: Path, count: int) -> list[str]:
    node = Node(site)
    fill(node)
    with node.journal.reading() as db:
        staff = node.site.catalogues.current(db).staff
        held = views.lot(db, "coviprotect", "CP2611A")
    assert held is not None
    enough = ReceiveStock(vaccine=held.vaccine, lot=held.lot, quantity=count, expiry=held.expiry)
    node.desk.take(node.site.ids.new(), enough, staff["T1"])
    ids = []
    for number in range(count):
        command = RegisterPerson(
            name=f"Person {number:05d}",
            gender="Other",
            birth_year=1936 + number % 64,
            phone=f"7{number:07d}",
            different_person=True,
        )
        ids.append(node.desk.take(node.site.ids.new(), command, staff["R1"]).id)
    node.close()
    return ids


def _client(port: int, token: str, people: list[str], seconds: float) -> tuple[list[float], float]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    times, start = [], time.perf_counter()
    for person in people:
        body = json.dumps(
            {
                "type": "GiveDose",
                "person": person,
                "programme": "covid-19",
                "vaccine": "coviprotect",
                "lot": "CP2611A",
            }
        )
        path = f"/api/v1/entries/{uuid7(datetime.now(UTC), os.urandom(10))}"
        before = time.perf_counter()
        connection.request("PUT", path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        times.append(time.perf_counter() - before)
        assert answer.status == 200, text
        if time.perf_counter() - start > seconds:
            break
    return times, time.perf_counter() - start


def _processor(pid: int) -> float:
    """Give the seconds of processor time that a process took so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _wait(port: int) -> None:
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the site did not start")


def _sign_in(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/api/v1/session", json.dumps({"code": "V1", "pin": "2468"}))
    token: str = json.loads(connection.getresponse().read())["token"]
    return token


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for label, value in measure(Path(folder), 8).items():
            print(f"{label:58} {value:>12,.3f}")


if __name__ == "__main__":
    main()
