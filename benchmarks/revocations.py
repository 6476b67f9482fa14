"""Ten million revoked certificates: how long a look takes, and how much memory."""

from __future__ import annotations

import hashlib
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from edge.adapters.trust_store import TrustStore
from edge.credentials.revocation import Lookup
from edge.credentials.revocation_files import RevocationKeys

NOW = datetime(2026, 11, 24, tzinfo=UTC)
ENTRIES = 10_000_000


def key(number: int) -> bytes:
    return hashlib.sha256(number.to_bytes(8)).digest()[:16]


def entries(count: int) -> Iterator[RevocationKeys]:
    for number in range(count):
        yield RevocationKeys(key(number))


def measure(folder: Path, count: int = ENTRIES) -> dict[str, float]:
    """Import in one process, look in a fresh one: its memory is what a site needs."""
    path = folder / "trust.db"
    start = time.perf_counter()
    store = TrustStore(path)
    store.put_revocations("nation", ["hcert:XD"], entries(count), NOW, NOW)
    store.close()
    took = time.perf_counter() - start
    code = f"from benchmarks.revocations import look; look({str(path)!r}, {count})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300
    )
    return {
        "entries": float(count),
        "seconds to import": took,
        "MB on disk": path.stat().st_size / 1e6,
        **json.loads(done.stdout),
    }


def look(path: str, count: int) -> None:
    """Look for revoked and for other certificates, and say how it was."""
    store, chance, times = TrustStore(Path(path)), random.Random(1), []
    before = memory()
    for number in range(4000):
        revoked = number % 2 == 0
        chosen = key(chance.randrange(count) if revoked else count + number)
        others = tuple(hashlib.sha256(bytes([index]) + chosen).digest()[:16] for index in range(5))
        start = time.perf_counter()
        found = store.standing(Lookup("hcert:XD", (chosen, *others)))
        times.append((time.perf_counter() - start) * 1000)
        assert found.revoked is revoked
    print(
        json.dumps(
            {
                "median look, ms": statistics.median(times),
                "p99 look, ms": statistics.quantiles(times, n=100)[98],
                "slowest look, ms": max(times),
                "MB the looks took": memory() - before,
                "MB of the whole process": memory(),
            }
        )
    )


def memory() -> float:
    """Resident memory now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        for label, figure in measure(Path(place)).items():
            print(f"{label:40} {figure:14,.3f}")
