"""Entries a second that the registry stores, against a bare COPY of the same rows, and judges.

The bare COPY goes into a table of the same shape (parts, keys, indexes), in the same batches, each
its own commit: what PostgreSQL itself can do with these rows on this machine.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.peers.records import records
from sync.protocol.entries import GENESIS, Link, canonical, chain_hash, linked
from sync.protocol.keys import node_id, public_text
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.judging.worker import Judging
from sync.registry.store.stores import embedded, migrate_store, open_store

NOW = "2026-11-24T12:00:00.000Z"
SETTINGS = ("shared_buffers=1GB", "max_wal_size=4GB")
_COLUMNS = "node, epoch, number, type, id, hash, content, received_at"
_TYPES = ("text", "text", "int8", "text", "text", "text", "text", "text")
_BATCHES_OF_A_NODE = 4
_ROUNDS = 3
"""Runs of each kind, in turn; the middle one counts."""
Links = list[tuple[Link, bytes, str]]


def measure(folder: Path, entries: int = 20_000) -> dict[str, float]:
    """Measure both stores; ``entries`` is how many each run stores."""
    sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "helpers"))
    from cluster import cluster, programs

    found: dict[str, float] = {}
    for size in (500, 1000):
        address = embedded(folder) + str(size)
        for workers in (1, 2):
            label = f"SQLite, batches of {size}, {workers} workers, entries a second"
            runs = [
                _run(f"{address}-{n}-{workers}", size, workers, entries, "store")[0]
                for n in range(_ROUNDS)
            ]
            found[label] = statistics.median(runs)
    found["SQLite, entries judged a second"] = _judged(embedded(folder) + "judged", entries)
    bin_ = programs()
    if bin_ is None:
        return found
    with cluster(bin_, *SETTINGS) as server:
        for size in (500, 1000):
            for workers in (1, 2, 4):
                rates: dict[str, list[float]] = {"bare": [], "store": [], "again": []}
                for _ in range(_ROUNDS):
                    for what in ("bare", "store"):
                        address = server.uri(server.fresh())
                        first, again = _run(address, size, workers, entries, what)
                        rates[what].append(first)
                        if what == "store":
                            rates["again"].append(again)
                bare, store, again = (statistics.median(one) for one in rates.values())
                label = f"PostgreSQL, batches of {size}, {workers} workers"
                found[f"{label}, entries a second"] = store
                found[f"{label}, all again, entries a second"] = again
                found[f"{label}, bare COPY, rows a second"] = bare
                found[f"{label}, ratio to the bare COPY"] = store / bare
        found.update(_weights(address))
        judged = _judged(server.uri(server.fresh()), entries)
        found["PostgreSQL, entries judged a second"] = judged
    return found


def _judged(address: str, entries: int) -> float:
    """Let one worker judge so many registrations of people, of one node, that it has stored."""
    migrate_store(address, NOW)
    store, key = open_store(address), Ed25519PrivateKey.generate()
    node = node_id(key.public_key())
    store.enrol(node, public_text(key.public_key()), "DEMO01", "Riverside", NOW)
    links: Links = []
    link = Link(node, f"{1:016x}", 1, GENESIS)
    for record in records(entries):
        content = canonical(linked(record, link))
        hash_ = chain_hash(content)
        links.append((link, content, hash_))
        link = Link(node, link.epoch, link.number + 1, hash_)
    for at in range(0, entries, 500):
        store.accept(links[at : at + 500], NOW)
    judging = Judging(store, Schemas(schemas_folder()), lambda: NOW)
    begin = time.monotonic()
    while judging.run():
        pass
    seconds = time.monotonic() - begin
    assert not store.verdicts(node)  # of one that is right there is none
    return entries / seconds


def _run(address: str, size: int, workers: int, entries: int, what: str) -> tuple[float, float]:
    """Let workers, each with nodes of its own, store so many entries; and once more."""
    migrate_store(address, NOW)
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(workers), context.Queue()
    share = entries // workers
    processes = [
        context.Process(
            target=_work,
            args=(address, what, f"{what[0]}{size}-{workers}-{w}", size, share, barrier, results),
        )
        for w in range(workers)
    ]
    for process in processes:
        process.start()
    spans = [results.get(timeout=300) for _ in processes]
    for process in processes:
        process.join(60)
    rates = []
    for index in (0, 1):
        begin, end = min(one[index][0] for one in spans), max(one[index][1] for one in spans)
        rates.append(share * workers / (end - begin))
    return rates[0], rates[1]


def _work(
    address: str, what: str, name: str, size: int, entries: int, barrier: Any, results: Any
) -> None:
    batches = make(name, size, entries)
    if what == "store":
        store = open_store(address)
        for node in sorted({links[0][0].node for links in batches}):
            store.enrol(node, "key", "DEMO01", "Riverside", NOW)
        works: list[Callable[[], Any]] = [partial(store.accept, links, NOW) for links in batches]
    else:
        connection = psycopg.connect(address)
        rows = [_rows(links) for links in batches]
        works = [partial(_copy, connection, one) for one in rows]
    spans = []
    for run in range(2):
        if run and what == "bare":
            spans.append(spans[0])
            continue
        barrier.wait(120)
        begin = time.monotonic()
        for work in works:
            work()
        spans.append((begin, time.monotonic()))
    results.put(spans)


def _copy(connection: psycopg.Connection[Any], rows: Sequence[tuple[Any, ...]]) -> None:
    sql = f"COPY entry ({_COLUMNS}) FROM STDIN (FORMAT BINARY)".encode()
    with connection.cursor() as cursor, cursor.copy(sql) as copy:
        copy.set_types(_TYPES)
        for row in rows:
            copy.write_row(row)
    connection.commit()


def _rows(links: Links) -> list[tuple[Any, ...]]:
    rows = []
    for link, content, hash_ in links:
        place = (link.node, link.epoch, link.number)
        rows.append((*place, "DoseGiven", f"{link.number:032x}", hash_, content.decode(), NOW))
    return rows


def make(name: str, size: int, entries: int) -> list[Links]:
    """Make batches of entries of 1 kB, of a node for every few batches, as they come in turn."""
    drawn = random.Random(name)
    nodes: list[list[Links]] = []
    for number in range(max(entries // (size * _BATCHES_OF_A_NODE), 1)):
        node, links, previous = f"{name}-{number:016}"[-24:], [], GENESIS
        for place in range(1, size * _BATCHES_OF_A_NODE + 1):
            link = Link(node, f"{number:016x}", place, previous)
            content = canonical(linked(_entry(drawn), link))
            previous = chain_hash(content)
            links.append((link, content, previous))
        nodes.append([links[at : at + size] for at in range(0, len(links), size)])
    return [one[turn] for turn in range(_BATCHES_OF_A_NODE) for one in nodes]


def _entry(drawn: random.Random) -> dict[str, Any]:
    """An entry of the weight of a dose with its certificate: 1 kB once it is linked."""
    return {
        "id": f"{drawn.getrandbits(128):032x}", "type": "DoseGiven", "version": 1, "at": NOW,
        "clock": "believed", "by": "V1", "cause": f"{drawn.getrandbits(128):032x}",
        "body": {
            "person": f"{drawn.getrandbits(128):032x}", "vaccine": "COVID-19 mRNA", "lot": "EX1234",
            "dose": 1, "site": "left deltoid", "signed": f"{drawn.getrandbits(1950):0488x}",
        },
    }  # fmt: skip


def _weights(address: str) -> dict[str, float]:
    """Bytes an entry takes on the disk, with its keys and indexes."""
    with psycopg.connect(address) as connection:
        ((table, indexes, content),) = connection.execute(
            "SELECT sum(pg_table_size(inhrelid)), sum(pg_indexes_size(inhrelid)),"
            " (SELECT avg(length(content)) FROM entry)"
            " FROM pg_inherits WHERE inhparent = 'entry'::regclass"
        ).fetchall()
        ((count,),) = connection.execute("SELECT count(*) FROM entry").fetchall()
    return {
        "bytes of an entry": float(content),
        "PostgreSQL, bytes an entry takes in the table": float(table / count),
        "PostgreSQL, bytes an entry takes in keys and indexes": float(indexes / count),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=20_000, help="entries of a run (20000)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for label, value in measure(Path(folder), options.entries).items():
            print(f"  {label:74} {value:>12,.2f}")


if __name__ == "__main__":
    main()
