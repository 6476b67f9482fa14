"""Three guests at once beside eight tablets: how long a dose takes, and what the site's memory is.

``python -m benchmarks.guests`` runs a whole site with TLS. One guest holds 300 connections half
open, one shows pictures that are heavy to read, four at a time, and one types PINs on a tablet that
was stolen, as fast as it is answered. Each tablet registers somebody and gives a dose, then waits.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import itertools
import json
import multiprocessing
import os
import random
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests/helpers"))

from intruders import Crowd, many_files  # noqa: E402
from photographs import maze, vast  # noqa: E402
from site_factory import filled_site  # noqa: E402
from tls_sites import free_ports  # noqa: E402

from edge.adapters.entropy import uuid7  # noqa: E402
from edge.adapters.keys import file_keys  # noqa: E402
from edge.adapters.settings import Settings  # noqa: E402
from edge.adapters.tls.profile import authority_pem  # noqa: E402
from edge.adapters.tls.site_tls import kept_authority  # noqa: E402

TABLETS, HALF_OPEN, SHOWING, PAUSE = 8, 300, 4, 2.0
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"
"""The first bytes of a client that begins with TLS."""
_PATIENCE, _BEFORE = 60.0, 3.0
"""Seconds in which anything is answered, and in which guests are there before the tablets."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where a site listens, whom a client trusts (PEM), and from which address it comes."""

    port: int
    authority: str
    address: str = "127.0.0.1"

    def opened(self) -> http.client.HTTPSConnection:
        """Give a connection that is not made yet."""
        tls = ssl.create_default_context(cadata=self.authority)
        tls.check_hostname = False
        return http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=_PATIENCE, context=tls, source_address=(self.address, 0)
        )


def measure(folder: Path, seconds: float = 30) -> dict[str, float]:
    """Give times of doses in ms and memory of the site in MB, without the guests and with them."""
    found: dict[str, float] = {}
    for label, guests in (("alone", False), ("with three guests", True)):
        with many_files():
            for name, value in _measured(folder / label, seconds, guests=guests).items():
                found[f"{label}: {name}"] = value
    found["load of the machine"] = os.getloadavg()[0]
    return found


def _measured(folder: Path, seconds: float, *, guests: bool) -> dict[str, float]:
    port, keys, authority = _made(folder)
    run = subprocess.Popen(
        [sys.executable, "-m", "edge", "run", "--data", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    ended = multiprocessing.Event()
    doors = [Door(port, authority, f"127.0.0.{number}") for number in range(10, 10 + TABLETS)]
    hostile: list[multiprocessing.Process] = []
    try:
        _wait(doors[0])
        tokens = [_signed_in(door, key) for door, key in zip(doors, keys, strict=False)]
        counts = multiprocessing.Manager().Queue()
        if guests:
            hostile = _guests(Door(port, authority), keys[TABLETS], ended, counts)
            time.sleep(_BEFORE)
        memory = _Memory(run.pid)
        with multiprocessing.Pool(TABLETS) as pool:
            asked = [
                (door, key, token, seconds)
                for door, key, token in zip(doors, keys, tokens, strict=False)
            ]
            times = sorted(itertools.chain.from_iterable(pool.starmap(_tablet, asked)))
        most = memory.most()
    finally:
        ended.set()
        for one in hostile:
            one.join(_PATIENCE)
        run.terminate()
        run.wait(_PATIENCE)
    answered: Counter[str] = Counter()
    while guests and not counts.empty():
        answered.update(counts.get())
    return {
        "doses given": len(times),
        "median of a dose": statistics.median(times) * 1000,
        "p99 of a dose": times[int(len(times) * 0.99)] * 1000,
        "slowest dose": times[-1] * 1000,
        "MB of the site and its decoder at most": most,
        **{f"answers to guests, {name}": float(count) for name, count in sorted(answered.items())},
    }


def _made(folder: Path) -> tuple[int, list[str], str]:
    """Make a site with a paired tablet for each nurse, and one that was stolen."""
    port, plain = free_ports(2)
    settings = Settings(
        facility="DEMO01",
        listen=f"127.0.0.1:{port}",
        tls=True,
        name="clinic-12",
        plain=f"127.0.0.1:{plain}",
        announce=False,
    )
    node = filled_site(folder, settings)
    devices = node.devices
    keys = [devices.pair(devices.invite(f"Tablet {n}", "S1").secret) for n in range(1, TABLETS + 2)]
    node.close()
    authority = kept_authority(file_keys(folder))
    assert authority is not None
    return port, keys, authority_pem(authority).decode()


def _wait(door: Door) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            one = door.opened()
            one.request("GET", "/api/v1/ping")
            one.getresponse().read()
            return
        time.sleep(0.2)
    raise SystemExit("The site did not start.")


def _signed_in(door: Door, key: str) -> str:
    headers = {"Content-Type": "application/json", "Divoc-Device": key}
    who = {"code": "V1", "pin": "2468"}
    return str(_asked(door.opened(), "POST", "/session", who, headers)["token"])


def _tablet(door: Door, key: str, token: str, seconds: float) -> list[float]:
    """Register somebody, give the dose and wait, on one connection; how long each dose took."""
    connection = door.opened()
    headers = {
        "Content-Type": "application/json",
        "Divoc-Device": key,
        "Authorization": f"Bearer {token}",
    }
    times, ends = [], time.monotonic() + seconds
    time.sleep(random.random() * PAUSE)  # tablets are not in step
    while time.monotonic() < ends:
        person = uuid7(datetime.now(UTC), os.urandom(10))
        registered = {
            "type": "RegisterPerson", "name": f"Zuberi {person[-8:]}", "gender": "Male",
            "birthYear": 1980, "differentPerson": True,
        }  # fmt: skip
        _asked(connection, "PUT", f"/entries/{person}", registered, headers)
        dose = {"type": "GiveDose", "person": person, "programme": "covid-19"}
        given = {**dose, "vaccine": "coviprotect", "lot": "CP2611A"}
        began = time.perf_counter()
        path = f"/entries/{uuid7(datetime.now(UTC), os.urandom(10))}"
        _asked(connection, "PUT", path, given, headers)
        times.append(time.perf_counter() - began)
        time.sleep(PAUSE)
    return times


def _asked(
    connection: http.client.HTTPSConnection,
    method: str,
    path: str,
    body: dict[str, Any],
    headers: dict[str, str],
) -> dict[str, Any]:
    connection.request(method, f"/api/v1{path}", json.dumps(body), headers)
    answer = connection.getresponse()
    told: dict[str, Any] = json.loads(answer.read())
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status} {told}")
    return told


def _guests(door: Door, stolen: str, ended: Event, counts: Any) -> list[multiprocessing.Process]:
    places = ("127.0.0.2", *["127.0.0.3"] * SHOWING, "127.0.0.4")
    showing = partial(_pictures, [vast(), maze()])
    work: list[Callable[..., None]] = [_half_open, *[showing] * SHOWING, _pins]
    made = [
        multiprocessing.Process(
            target=one, args=(Door(door.port, door.authority, place), stolen, ended, counts)
        )
        for one, place in zip(work, places, strict=True)
    ]
    for one in made:
        one.start()
    return made


def _half_open(door: Door, _stolen: str, ended: Event, _counts: Any) -> None:
    """Hold connections that begin with TLS and go no further; those that are ended come again."""
    with many_files():
        while not ended.is_set():
            with contextlib.suppress(OSError), Crowd(door.port, HALF_OPEN, HELLO, (door.address,)):
                ended.wait(3)


def _pictures(pictures: list[bytes], door: Door, _stolen: str, ended: Event, counts: Any) -> None:
    shown = itertools.cycle(pictures)
    _repeat(door, ended, counts, "pictures", "/api/v1/verify", lambda: next(shown), {})


def _pins(door: Door, stolen: str, ended: Event, counts: Any) -> None:
    headers = {"Content-Type": "application/json", "Divoc-Device": stolen}
    pins = itertools.count(1000)

    def typed() -> bytes:
        return json.dumps({"code": "S1", "pin": f"{next(pins) % 10_000:04d}"}).encode()

    _repeat(door, ended, counts, "PINs", "/api/v1/session", typed, headers)


def _repeat(
    door: Door,
    ended: Event,
    counts: Any,
    name: str,
    path: str,
    body: Callable[[], bytes],
    headers: dict[str, str],
) -> None:
    found: Counter[str] = Counter()
    while not ended.is_set():
        try:
            one = door.opened()
            one.request("POST", path, body(), headers)
            answer = one.getresponse()
            answer.read()
            found[f"{name}: {answer.status}"] += 1
            one.close()
        except (OSError, http.client.HTTPException):
            found[f"{name}: none"] += 1
            time.sleep(0.05)
    counts.put(found)


class _Memory:
    """Looks twice a second how much memory a process and its children have together."""

    def __init__(self, process: int) -> None:
        self._process, self._most = process, 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def most(self) -> float:
        """Stop, and give the most in MB."""
        self._ended.set()
        self._thread.join()
        return self._most / 1024

    def _watch(self) -> None:
        while not self._ended.wait(0.5):
            tasks = Path(f"/proc/{self._process}/task").glob("*/children")
            with contextlib.suppress(OSError):
                children = [child for task in tasks for child in task.read_text().split()]
                together = sum(map(_kilobytes, [str(self._process), *children]))
                self._most = max(self._most, together)


def _kilobytes(process: str) -> int:
    """Count its own pages, and its share of those that it has with others (proc(5), Pss)."""
    with contextlib.suppress(OSError):
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
        return int(text.partition("\nPss:")[2].split()[0])
    return 0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30, help="how long each half takes (30)")
    with tempfile.TemporaryDirectory() as folder:
        for label, value in measure(Path(folder), parser.parse_args().seconds).items():
            print(f"{label:60} {value:>10,.1f}", flush=True)


if __name__ == "__main__":
    main()
