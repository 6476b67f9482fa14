"""A nation's registry under load: how judging keeps up with what comes in, and what it weighs.

Sites deliver signed batches of people with a dose and a certificate, which one process takes into
PostgreSQL while workers judge, each in a process of its own; then national systems and operators
read. ``--entries 1000000`` is a large region's weeks; the default is a small one's.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.peers.records import records
from sync.protocol import frames
from sync.protocol.batches import encode_batch, make_batch
from sync.protocol.entries import GENESIS, Link, canonical, chain_hash, linked
from sync.protocol.keys import node_id, public_text
from sync.protocol.versions import NEWEST
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.judging.worker import Judging
from sync.registry.rate_limits import Limits
from sync.registry.registry import Registry
from sync.registry.store.stores import migrate_store, open_store
from sync.registry.web.app import create_app
from sync.registry.web.office import office

NOW = "2026-11-24T12:00:00.000Z"
SETTINGS = ("shared_buffers=1GB", "max_wal_size=8GB")
_BATCH = 500
_NODES = 200
_ASKED = 40


def measure(entries: int = 60_000, workers: tuple[int, ...] = (2, 4)) -> dict[str, float]:
    """Measure with so many workers that judge, each beside one that takes in."""
    sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "helpers"))
    from cluster import cluster, programs

    bin_ = programs()
    found: dict[str, float] = {}
    if bin_ is None:
        return found
    for count in workers:
        with cluster(bin_, *SETTINGS) as server:
            address = server.uri(server.fresh())
            migrate_store(address, NOW)
            found |= {
                f"{count} workers, {k}": v for k, v in _loaded(address, entries, count).items()
            }
            found |= {f"{count} workers, {k}": v for k, v in _read(address).items()}
            found |= {f"{count} workers, {k}": v for k, v in _weights(address, entries).items()}
    return found


def _loaded(address: str, entries: int, workers: int) -> dict[str, float]:
    """Take in and judge at once; rates, and how much judging was done for nothing."""
    context = multiprocessing.get_context("spawn")
    ready, stop, tallies = context.Barrier(workers + 2), context.Event(), context.Queue()
    intake = context.Process(target=_take_in, args=(address, entries, ready, tallies))
    judges = [
        context.Process(target=_judge, args=(address, ready, stop, tallies)) for _ in range(workers)
    ]
    for process in (intake, *judges):
        process.start()
    store = open_store(address)
    ready.wait(600)
    begin = time.monotonic()
    seconds = tallies.get(timeout=3600)
    backlog = store.counts().unjudged
    while store.counts().unjudged:
        time.sleep(0.2)
    judged_in = time.monotonic() - begin
    stop.set()
    tried = won = 0
    for _ in judges:
        one = tallies.get(timeout=120)
        tried, won = tried + one[0], won + one[1]
    for process in (intake, *judges):
        process.join(120)
    store.close()
    during = (entries - backlog) / seconds
    return {
        "entries taken in a second": entries / seconds,
        "entries judged a second meanwhile": during,
        "judged to taken in, meanwhile": during * seconds / entries,
        "entries judged a second, all in all": entries / judged_in,
        "pieces tried over won": tried / max(won, 1),
    }


def _take_in(address: str, entries: int, ready: Any, tallies: Any) -> None:
    store = open_store(address)
    limits = Limits(entries_a_day=10**9, passes_a_minute=10**9)
    registry = Registry(store, Ed25519PrivateKey.generate(), frozenset(), limits)
    for number in range(_NODES):
        key = _key(number).public_key()
        store.enrol(node_id(key), public_text(key), "DEMO01", f"Site {number}", NOW)
    batches = list(_batches(entries))
    ready.wait(3600)
    begin = time.monotonic()
    for node, batch in batches:
        registry.batch(node, batch)
    tallies.put(time.monotonic() - begin)
    store.close()


def _judge(address: str, ready: Any, stop: Any, tallies: Any) -> None:
    store = open_store(address)
    judging = Judging(store, Schemas(schemas_folder()), lambda: NOW)
    ready.wait(600)
    while not stop.is_set():
        if not judging.run():
            stop.wait(0.2)
    tallies.put((judging.tally.tried, judging.tally.won))
    store.close()


def _key(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(number.to_bytes(32))


def _batches(entries: int) -> Iterator[tuple[str, bytes]]:
    """Make the signed batches of all sites, as they are sent, in turn, as a morning brings them."""
    share = max(entries // _NODES, 3)
    chains = [list(_chain(number, share)) for number in range(_NODES)]
    for at in range(0, share, _BATCH):
        for number, chain in enumerate(chains):
            part, key = chain[at : at + _BATCH], _key(number)
            contents = [json.loads(content) for content, _ in part]
            batch = make_batch(contents, part[-1][1], key, NEWEST)
            yield node_id(key.public_key()), encode_batch(batch, frames.QUICK, short=False)


def _chain(number: int, share: int) -> Iterator[tuple[bytes, str]]:
    chance = random.Random(number)
    link = Link(node_id(_key(number).public_key()), f"{1:016x}", 1, GENESIS)
    for person in records(share // 3 + 1, seed=number):
        for entry in (person, *_dose(person, chance)):
            if link.number > share:
                return
            content = canonical(linked(entry, link))
            hash_ = chain_hash(content)
            yield content, hash_
            link = Link(link.node, link.epoch, link.number + 1, hash_)


def _dose(person: dict[str, Any], chance: random.Random) -> Iterator[dict[str, Any]]:
    """Make a person's dose and its certificate, as heavy as in DIVOC's format and as a DCC."""
    dose, issued = (
        f"{chance.getrandbits(32):08x}-0000-7000-8000-{chance.getrandbits(48):012x}"
        for _ in range(2)
    )
    rest = {name: person[name] for name in ("version", "at", "clock", "by", "command")}
    body: dict[str, Any] = {
        "person": person["id"], "vaccine": "covishield", "lot": "B1234", "number": 1,
        "total": 2, "expiry": "2027-06-30", "on": "2026-11-24", "programme": "covid-19",
        "facility": "DEMO01", "vaccinator": "V1",
    }  # fmt: skip
    yield {**rest, "id": dose, "type": "DoseGiven", "cause": dose, "body": body}
    credentials = [
        {"format": name, "credential": f"{chance.getrandbits(4 * length):0{length}x}"}
        for name, length in (("divoc", 2600), ("dcc", 420))
    ]
    certificate = {
        "certificate": issued[:13].upper(),
        "dose": dose,
        "person": person["id"],
        "credentials": credentials,
    }
    yield {**rest, "id": issued, "type": "CertificateIssued", "cause": dose, "body": certificate}


def _read(address: str) -> dict[str, float]:
    """Ask as operators and national systems do; milliseconds."""
    store = open_store(address)
    registry = Registry(store, Ed25519PrivateKey.generate(), frozenset())
    client = create_app(registry, office(registry, "operator")).test_client()
    bearer = {"Authorization": "Bearer operator"}
    paths = {
        "the fleet": "/",
        "a site": f"/nodes/{node_id(_key(7).public_key())}",
        "/v1/nodes?limit=200": "/v1/nodes?limit=200",
        "/v1/entries, 500 doses": "/v1/entries?type=DoseGiven&limit=500",
    }
    found = {}
    for name, path in paths.items():
        took = []
        for _ in range(_ASKED):
            with _timed(took):
                assert client.get(path, headers=bearer).status_code == 200
        found[f"p95 of {name}, milliseconds"] = statistics.quantiles(took, n=20)[-1]
    store.close()
    return found


@contextmanager
def _timed(took: list[float]) -> Iterator[None]:
    begin = time.perf_counter()
    yield
    took.append((time.perf_counter() - begin) * 1000)


def _weights(address: str, entries: int) -> dict[str, float]:
    """Bytes for a person with a dose and a certificate, of every table, and of the log."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("VACUUM")
        rows = connection.execute(
            "SELECT CASE WHEN relname LIKE 'entry%' THEN 'entry' ELSE relname END,"
            " sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace GROUP BY 1 ORDER BY 2 DESC"
        ).fetchall()
        ((log,),) = connection.execute(
            "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"
        ).fetchall()
    people = entries / 3
    found = {f"bytes a dose, table {name}": float(size) / people for name, size in rows[:4]}
    found["bytes a dose, all tables"] = sum(float(size) for _, size in rows) / people
    found["bytes a dose, log"] = float(log) / people
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=60_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[2, 4])
    options = parser.parse_args()
    for label, value in measure(options.entries, tuple(options.workers)).items():
        print(f"  {label:64} {value:>12,.2f}", flush=True)


if __name__ == "__main__":
    main()
