"""Doses a second through the whole HTTP path, against this machine's own limit.

The limit is bare SQLite: the same rows a dose leaves (two entries, the dose, the certificate, the
print job, the stock), the same pragmas, one commit a dose, nothing else.
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
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.demoland import fill
from edge.adapters.entropy import uuid7
from edge.adapters.settings import Settings
from edge.adapters.site_database import reading
from edge.cli.site import make_site
from edge.journal import database, views
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
        with multiprocessing.Pool(CLIENTS) as pool:
            results = pool.starmap(
                _client,
                [(port, token, ids[i * share : (i + 1) * share], seconds) for i in range(CLIENTS)],
            )
    finally:
        run.terminate()
        run.wait(30)
    times = sorted(one for times, _ in results for one in times)
    count = len(times)
    elapsed = max(spent for _, spent in results)
    one_row, same_rows = _bare(site, folder, rows=False), _bare(site, folder, rows=True)
    ours = count / elapsed
    return {
        "through HTTP, 8 clients, doses a second": ours,
        "bare SQLite, one row a commit, commits a second": one_row,
        "bare SQLite, the rows of a dose a commit, commits a second": same_rows,
        "ratio to one row a commit": ours / one_row,
        "ratio to the rows of a dose a commit": ours / same_rows,
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
            birth_year=1980,
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


def _bare(site: Path, folder: Path, *, rows: bool) -> float:
    """Write what a dose writes, as it was written, into an empty file with the same pragmas."""
    tables = ("entry", "dose", "certificate") if rows else ("dose",)
    with reading(site) as source:
        columns = {t: [row[1] for row in source.execute(f"PRAGMA table_info({t})")] for t in tables}
        data = {
            "dose": source.execute(
                "SELECT * FROM dose WHERE reported = 0 ORDER BY position LIMIT 3000"
            ).fetchall(),
            "certificate": source.execute(
                "SELECT * FROM certificate ORDER BY position LIMIT 3000"
            ).fetchall(),
            "entry": source.execute(
                "SELECT * FROM entry WHERE type IN ('DoseGiven', 'CertificateIssued')"
                " ORDER BY position LIMIT 6000"
            ).fetchall(),
        }
    path = folder / f"bare-{rows}.db"
    db = database.open_writer(path, bytes(32))
    for table in tables:
        db.execute(f"CREATE TABLE {table} ({', '.join(columns[table])})")
    db.execute("CREATE TABLE job (a, b)")
    count = len(data["dose"])
    execute = db.conn.execute
    inserts = {t: f"INSERT INTO {t} VALUES ({', '.join('?' * len(columns[t]))})" for t in tables}
    start = time.perf_counter()
    for index in range(count):
        execute("BEGIN IMMEDIATE")
        execute(inserts["dose"], data["dose"][index])
        if rows:
            execute(inserts["entry"], data["entry"][2 * index])
            execute(inserts["entry"], data["entry"][2 * index + 1])
            execute(inserts["certificate"], data["certificate"][index])
            execute("INSERT INTO job VALUES (?, ?)", ("queued", index))
        execute("COMMIT")
    spent = time.perf_counter() - start
    db.conn.close()
    return count / spent


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
