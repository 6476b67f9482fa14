"""``python -m benchmarks.peers``: our sync beside PouchDB's and Morango's, in one run.

The peers are installed into a folder of their own (``--folder``), by name, from npm and PyPI.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import zstandard

from benchmarks.peers.line import Line, Speed
from benchmarks.peers.records import records

HERE = Path(__file__).parent
SLOW = Speed(rate=4000, delay=0.3)


class Site:
    """A contender's client: a process that takes commands and answers with seconds."""

    def __init__(self, command: list[str], environment: dict[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )

    def do(self, command: str) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f"the contender ended during {command!r}")
        return float(answer)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


Client = Callable[[Path, int], Site]


@contextmanager
def serving(command: list[str], **more: object) -> Iterator[str]:
    """Run a server until the block ends; give the first line it says."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **more)  # type: ignore[call-overload]
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def pouch(peers: Path, folder: Path, source: Path) -> Iterator[tuple[int, Client]]:
    port, modules = _free(), str(peers / "node_modules")
    server = ["node", str(HERE / "pouch_server.js"), str(port), str(folder)]
    with serving(server, cwd=peers, env={**os.environ, "NODE_PATH": modules}):

        def client(home: Path, line: int) -> Site:
            url = f"http://127.0.0.1:{line}/site-{home.name}"
            command = ["node", str(HERE / "pouch_client.js"), str(home), url, str(source)]
            return Site(command, {"NODE_PATH": modules})

        yield port, client


@contextmanager
def morango(peers: Path, folder: Path, source: Path) -> Iterator[tuple[int, Client]]:
    port, python = _free(), str(peers / "morango" / "bin" / "python")
    program = [python, str(HERE / "morango_site.py")]
    server = [*program, "server", str(folder), str(port), str(source)]
    with serving(server, env={**os.environ, "PARTITION": ""}) as root:

        def client(home: Path, line: int) -> Site:
            command = [*program, "client", str(home), str(line), str(source)]
            return Site(command, {"PARTITION": root})

        yield port, client


@contextmanager
def ours(_peers: Path, folder: Path, source: Path) -> Iterator[tuple[int, Client]]:
    port = _free()
    server = [sys.executable, "-u", "-c", "from sync.registry.cli import main; main()", "run"]
    server += ["--data", str(folder), "--listen", f"127.0.0.1:{port}"]
    with serving([*server, "--enrolment-code", "benchmark"]):

        def client(home: Path, line: int) -> Site:
            url = f"http://127.0.0.1:{line}"
            program = [sys.executable, "-m", "benchmarks.peers.our_site"]
            return Site([*program, str(home), url, str(source)])

        yield port, client


CONTENDERS = {"ours": ours, "PouchDB 9": pouch, "Morango 0.8": morango}


def run(count: int, peers: Path, only: str) -> dict[str, dict[str, float]]:
    """Measure every contender."""
    lines = [json.dumps(one, separators=(",", ":")) for one in records(count + 300)]
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary) / "records"
        source.write_text("\n".join(lines) + "\n")
        for name, contender in CONTENDERS.items():
            if only and only not in name:
                continue
            folder = Path(temporary) / name.replace(" ", "")
            folder.mkdir()
            with contender(peers, folder, source) as (port, client):
                found[name] = _measure(folder, port, client, count)
    return found | {"zstd -19": _floor(lines, count)}


def _floor(lines: list[str], count: int) -> dict[str, float]:
    """What zstd -19 makes of the JSON of 500 records at a time."""
    press = zstandard.ZstdCompressor(level=19)
    batches = ["[" + ",".join(lines[at : at + 500]) + "]" for at in range(0, count, 500)]
    weight = sum(len(press.compress(one.encode())) for one in batches)
    raw = statistics.mean(len(one) for one in lines)
    return {"bytes a record up": weight / count, "bytes of a record's JSON": raw}


def _measure(folder: Path, port: int, client: Client, count: int) -> dict[str, float]:
    found: dict[str, float] = {}
    line = Line(port)
    home = folder / "fast"
    home.mkdir()
    site = client(home, line.port)
    _meet(site)
    found["records saved a second, 500 a commit"] = count / site.do(f"save {count}")
    line.take()
    seconds = site.do("push")
    up, down = line.take()
    found["records pushed a second"] = count / seconds
    found["bytes a record up"] = up / count
    found["bytes a record down"] = down / count
    site.do("push")
    line.take()
    for label, saves in (("idle poll", 0), ("one record", 1)):
        ups, downs, times = [], [], []
        for _ in range(5):
            if saves:
                site.do(f"save {saves}")
            times.append(site.do("push"))
            up, down = line.take()
            ups.append(up)
            downs.append(down)
            if saves:  # what comes after it is no part of it
                site.do("push")
                line.take()
        found[f"{label}, bytes up"] = statistics.median(ups)
        found[f"{label}, bytes down"] = statistics.median(downs)
        found[f"{label}, seconds"] = statistics.median(times)
    site.close()
    line.close()
    found["bytes a record up, 500 on a line of 32 kB/s"] = _steady(folder, port, client)
    slow = Line(port, SLOW)
    home = folder / "slow"
    home.mkdir()
    site = client(home, slow.port)
    found["meeting on the slow line, seconds"] = _meet(site)
    site.do("save 100")
    found["100 records on the slow line, seconds"] = site.do("push")
    site.close()
    slow.close()
    return found


def _steady(folder: Path, port: int, client: Client) -> float:
    line = Line(port, Speed(rate=32_000, delay=0.05))
    home = folder / "steady"
    home.mkdir()
    site = client(home, line.port)
    _meet(site)
    site.do("save 500")
    line.take()
    site.do("push")
    weight = line.take()[0]
    site.close()
    line.close()
    return weight / 500


def _meet(site: Site) -> float:
    return site.do("meet")


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def install(folder: Path) -> None:
    """Install the peers, unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "node_modules" / "express-pouchdb").exists():
        packages = ["pouchdb@9", "express-pouchdb@4.2", "express@4"]
        subprocess.run(
            ["npm", "install", "--no-save", "--prefix", str(folder), *packages], check=True
        )
    if not (folder / "morango" / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / "morango")], check=True)
        pip = [str(folder / "morango" / "bin" / "pip"), "install", "-qq"]
        subprocess.run([*pip, "morango==0.8.*", "cheroot", "setuptools"], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "divoc-peers")
    parser.add_argument("--only", default="", help="a part of a contender's name")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    install(options.folder)
    found = run(options.records, options.folder, options.only)
    if options.json:
        print(json.dumps(found))
        return
    for name, figures in found.items():
        print(f"\n{name}")
        for label, value in figures.items():
            print(f"  {label:42} {value:>12,.2f}")


if __name__ == "__main__":
    main()
