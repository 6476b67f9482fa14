"""What a site's process has in memory: at its start, in a busy day, and after recall lists.

``python -m benchmarks.memory`` runs ``divoc-edge run`` on a site with people, gives doses from
eight tablets with the pages that a nurse sees, then asks for the recall list of everybody. Of each
the process's own pages are counted and those of files that it has mapped (proc(5), ``smaps``); the
most at once beside them. ``modules`` is what a process has that loaded the program and no site.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import requests

from benchmarks.demoland import fill
from benchmarks.recall import fill_people
from edge.adapters.entropy import uuid7
from edge.adapters.keys import file_keys
from edge.adapters.settings import Settings
from edge.cli.site import make_site
from edge.journal import database
from edge.node import Node

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests/helpers"))

from tls_sites import free_ports  # noqa: E402

TABLETS, PATIENCE = 8, 60.0
_MODULES = "import edge.node, edge.web.app, sync.web.serving; print(flush=True); input()"


def measure(folder: Path, people: int = 10_000, doses: int = 400) -> dict[str, float]:
    """Give MiB: what is the process's own, what are pages of files, the most of both at once."""
    found = _of_modules()
    (port,) = free_ports(1)
    site = folder / "memory-site"
    _made(site, people, port)
    run = subprocess.Popen(
        [sys.executable, "-m", "edge", "run", "--data", str(site)],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url)
        found |= _memory("start", run.pid)
        with ThreadPoolExecutor(TABLETS) as tablets:
            signed_in = [_signed_in(url, "V1") for _ in range(TABLETS)]
            list(tablets.map(partial(_day, url, doses // TABLETS), signed_in))
        found |= _memory("busy day", run.pid)
        office = _signed_in(url, "S1")
        for path in ("/recall", "/recall/all", "/recall.csv"):
            _checked(office.get(url + path, timeout=PATIENCE * 10))
        found |= _memory("recall", run.pid)
    finally:
        run.terminate()
        run.wait(PATIENCE)
    return found


def _of_modules() -> dict[str, float]:
    run = subprocess.Popen(
        [sys.executable, "-c", _MODULES],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert run.stdout
    run.stdout.readline()
    found = _memory("modules", run.pid)
    run.communicate("\n", PATIENCE)
    return found


def _made(site: Path, people: int, port: int) -> None:
    settings = Settings(facility="DEMO01", listen=f"127.0.0.1:{port}", announce=False)
    make_site(site, settings)
    node = Node(site)
    fill(node)
    node.close()
    db = database.open_writer(site / "journal.db", file_keys(site).journal_key())
    fill_people(db, people)
    db.conn.close()


def _wait(url: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(requests.ConnectionError):
            _checked(requests.get(url + "/api/v1/ping", timeout=PATIENCE))
            time.sleep(3)  # for the work that is done once, beside the tablets'
            return
        time.sleep(0.2)
    raise SystemExit("The site did not start.")


def _day(url: str, doses: int, tablet: requests.Session) -> None:
    """Register and give doses, with the pages before and behind each, and the list at the end."""
    for _ in range(doses):
        person, dose = _id(), _id()
        newcomer = {
            "type": "RegisterPerson", "name": f"Zuberi {person[-8:]}", "gender": "Male",
            "birthYear": 1980, "differentPerson": True,
        }  # fmt: skip
        given = {
            "type": "GiveDose", "person": person, "programme": "covid-19",
            "vaccine": "coviprotect", "lot": "CP2611A",
        }  # fmt: skip
        entries, pages = f"{url}/api/v1/entries", (f"/people/{person}", "/?q=Zuberi")
        _checked(tablet.put(f"{entries}/{person}", json=newcomer, timeout=PATIENCE))
        for path in pages:
            _checked(tablet.get(url + path, timeout=PATIENCE))
        _checked(tablet.put(f"{entries}/{dose}", json=given, timeout=PATIENCE))
        _checked(tablet.get(f"{url}/doses/{dose}", timeout=PATIENCE))
    _checked(tablet.get(url + "/records", timeout=PATIENCE))


def _signed_in(url: str, code: str) -> requests.Session:
    """Sign in at the pages and at the API, on one connection."""
    session, who = requests.Session(), {"code": code, "pin": "2468"}
    _checked(session.post(url + "/sign-in", data=who, timeout=PATIENCE))
    token = session.post(url + "/api/v1/session", json=who, timeout=PATIENCE).json()["token"]
    session.headers["Authorization"] = f"Bearer {token}"
    return session


def _checked(answer: requests.Response) -> None:
    if answer.status_code != 200:
        raise SystemExit(f"{answer.url}: {answer.status_code} {answer.text[:200]}")


def _id() -> str:
    return uuid7(datetime.now(UTC), os.urandom(10))


def _memory(label: str, process: int) -> dict[str, float]:
    own, rss = (_kilobytes(process, "smaps_rollup", name) for name in ("Anonymous", "Rss"))
    most = _kilobytes(process, "status", "VmHWM")
    found: dict[str, Any] = {"its own": own, "pages of files": rss - own, "most at once": most}
    return {f"{label}: {name}, MiB": value / 1024 for name, value in found.items()}


def _kilobytes(process: int, file: str, name: str) -> int:
    text = Path(f"/proc/{process}/{file}").read_text(encoding="ascii")
    return int(text.partition(f"\n{name}:")[2].split()[0])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000, help="already at the site (10,000)")
    parser.add_argument("--doses", type=int, default=400, help="of the busy day (400)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for label, value in measure(Path(folder), options.people, options.doses).items():
            print(f"{label:60} {value:>10,.1f}", flush=True)


if __name__ == "__main__":
    main()
