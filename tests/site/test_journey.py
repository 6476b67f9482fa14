"""The whole way, in real processes: import, give, refuse, override, print, verify, sync, kill."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import zxingcpp

from edge.adapters.entropy import uuid7
from printers.interpreter import preview
from printers.virtual import VirtualPrinter
from sync.registry.codes import whole_code
from sync.registry.keys import registry_key
from sync.resources import resource

pytestmark = pytest.mark.slow  # processes that are killed and started again

DEMO = resource("config/demo")
Call = Callable[..., requests.Response]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def until(condition: Callable[[], Any], seconds: float = 30) -> Any:
    """Wait for something to become true; give it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            found = condition()
        except requests.RequestException:
            found = None
        if found:
            return found
        time.sleep(0.05)
    pytest.fail("it did not happen in time")


def command(*arguments: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    run = subprocess.run(
        [sys.executable, "-m", "edge", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if check:
        assert run.returncode == 0, run.stderr + run.stdout
    return run


class World:
    """A country: a registry, a site, a printer, each started and ended as a technician would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.site = folder / "site"
        self.port, self.registry_port = free_port(), free_port()
        self.printer = VirtualPrinter(576)
        self.printer.start()
        self.processes: list[subprocess.Popen[bytes]] = []

    def start_registry(self) -> subprocess.Popen[bytes]:
        run = self._start(
            "-c", "from sync.registry.cli import main; main()", "run",
            "--data", str(self.folder / "registry"),
            "--listen", f"127.0.0.1:{self.registry_port}",
            "--enrolment-code", "let-me-in",
        )  # fmt: skip
        until(lambda: requests.get(f"http://127.0.0.1:{self.registry_port}/v1/ping", timeout=1).ok)
        return run

    def start_node(self) -> subprocess.Popen[bytes]:
        run = self._start("-m", "edge", "run", "--data", str(self.site))
        until(lambda: requests.get(f"http://127.0.0.1:{self.port}/api/v1/ping", timeout=1).ok)
        return run

    def registry_nodes(self) -> list[dict[str, Any]]:
        run = subprocess.run(
            [sys.executable, "-c", "from sync.registry.cli import main; main()", "nodes",
             "--data", str(self.folder / "registry"), "--json"],
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        found: list[dict[str, Any]] = json.loads(run.stdout)
        return found

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self.folder / "log").open("ab")
        process = subprocess.Popen([sys.executable, *arguments], stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
                process.wait(20)
        self.printer.stop()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.end()


def new_id() -> str:
    return uuid7(datetime.now(UTC), os.urandom(10))


def test_one_dose_goes_from_the_import_to_the_registry_through_every_mishap(world: World) -> None:
    # the technician makes the site and imports everything, with one bad row among the good ones
    registry = world.start_registry()
    invitation = world.folder / "code"
    address = f"http://127.0.0.1:{world.registry_port}"
    key = registry_key(world.folder / "registry").public_key()
    invitation.write_text(f"{whole_code('let-me-in', address, key, '')}\n")
    command(
        "init", "--data", world.site, "--facility", "DEMO01",
        "--listen", f"127.0.0.1:{world.port}",
        "--enrolment-code-file", invitation,
        "--printer", f"desk=tcp://127.0.0.1:{world.printer.port}=virtual-80",
    )  # fmt: skip
    command("import", "campaign", DEMO / "campaign", "--data", world.site)
    command("import", "stock", DEMO / "data/stock.csv", "--data", world.site)
    table = (DEMO / "data/enrolments.csv").read_text().replace("1957-03-17", "1957-13-17")
    (world.folder / "people.csv").write_text(table)
    imported = command(
        "import", "enrolments", world.folder / "people.csv", "--programme", "covid-19",
        "--data", world.site, check=False,
    )  # fmt: skip
    assert imported.returncode == 1
    assert "people.csv, line 32, dob: dob is not a date." in imported.stderr
    assert "35 taken, 1 with mistakes." in imported.stdout

    node = world.start_node()
    base = f"http://127.0.0.1:{world.port}/api/v1"
    answer = requests.post(f"{base}/session", json={"code": "V1", "pin": "2468"}, timeout=10)
    session = {"Authorization": f"Bearer {answer.json()['token']}"}

    def call(method: str, path: str, **more: Any) -> requests.Response:
        return requests.request(method, base + path, headers=session, timeout=20, **more)

    def give(**more: object) -> requests.Response:
        body = {"type": "GiveDose", "person": person["id"], "programme": "covid-19",
                "vaccine": "coviprotect", "lot": "CP2611A", **more}  # fmt: skip
        return call("PUT", f"/entries/{new_id()}", json=body)

    def decided(**more: object) -> requests.Response:
        """Give a dose that is refused, each of what is named set aside by a supervisor."""
        named = [{"id": one["id"]} for one in give(**more).json()["objections"]]
        word = {"reason": "Leaves tomorrow", "supervisor": "S1", "pin": "2468"}
        return give(override={**word, "objections": named}, **more)

    # dose 1; dose 2 on the same day, with the date on which it is right; a supervisor overrides
    person = call("POST", "/people/search", json={"text": "Tendai"}).json()[0]
    first = give()
    assert first.status_code == 200
    today = date.fromisoformat(first.json()["dose"]["on"])
    refused = give()
    assert refused.status_code == 409
    assert refused.json()["code"] == "dose.same-day"
    assert refused.json()["earliest"] == (today + timedelta(days=28)).isoformat()
    override = {"reason": "Leaves tomorrow", "supervisor": "S1", "pin": "0000"}
    assert give(override=override).json()["code"] == "sign-in.wrong"
    second = decided()
    assert [one["type"] for one in second.json()["entries"]] == [
        "DoseGiven", "RuleOverridden", "RuleOverridden", "CertificateIssued",
    ]  # fmt: skip

    # the paper: the QR code is decoded out of the printed bytes, and verified by the command
    job = first.json()["printJob"]["id"]
    until(lambda: call("GET", f"/print-jobs/{job}").json()["state"] == "printed")
    until(lambda: len(world.printer.papers()) == 2)
    printed = world.printer.papers()[-1].data
    (code,) = zxingcpp.read_barcodes(preview(printed, 576))
    (world.folder / "qr.bin").write_bytes(bytes(code.bytes))
    verdict = json.loads(
        command("verify", world.folder / "qr.bin", "--json", "--data", world.site).stdout
    )
    assert (verdict["verdict"], verdict["claims"]["dose"]) == ("valid", 1)
    assert verdict["claims"]["certificateId"] == first.json()["certificate"]["id"]
    tampered = command("verify", world.folder / "qr.bin", "--data", world.folder, check=False)
    assert tampered.returncode == 1  # nobody is trusted there
    assert "UNKNOWN-ISSUER" in tampered.stdout

    # sync; the registry is killed in the middle of a pass and comes back: nothing lost or doubled
    until(lambda: call("GET", "/status").json()["sync"]["state"] == "synced")
    registry.send_signal(signal.SIGKILL)
    registry.wait(10)
    third = decided(vaccine="adenovax", lot="AV4417")
    assert third.status_code == 200
    until(lambda: call("GET", "/status").json()["sync"]["state"] == "unreachable")
    state = call("GET", "/status").json()["sync"]
    assert state["delivered"] < state["recorded"]
    world.start_registry()
    until(lambda: call("GET", "/status").json()["sync"]["state"] == "synced")

    # the node is killed too; after its restart the numbers and hashes of both ends are equal
    node.send_signal(signal.SIGKILL)
    node.wait(10)
    node = world.start_node()
    fourth = decided()
    assert fourth.status_code == 200

    # the first dose was somebody else's: it moves there, the others are numbered anew, and the
    # paper that was printed first is revoked on this site
    other = call("POST", "/people/search", json={"text": "Kwame"}).json()[0]
    moved = {"type": "TakeBackDose", "dose": first.json()["dose"]["id"], "kind": "other-person",
             "person": other["id"], "reason": "The wrong card was open"}  # fmt: skip
    would = call("POST", "/rehearsals", json=moved).json()
    assert first.json()["certificate"]["id"] in would["revoked"]
    assert [one["number"] for one in would["numbers"]] == [1, 2, 3]
    did = call("PUT", f"/entries/{new_id()}", json=moved)
    assert [one["type"] for one in did.json()["entries"]] == would["entries"]
    numbers = [one["number"] for one in call("GET", f"/people/{person['id']}").json()["doses"]]
    assert sorted(numbers) == [1, 2, 3]
    assert len(call("GET", f"/people/{other['id']}").json()["doses"]) == 1
    revoked = command("verify", world.folder / "qr.bin", "--data", world.site, check=False)
    assert "REVOKED" in revoked.stdout
    until(lambda: call("GET", "/status").json()["sync"]["state"] == "synced")
    node.terminate()
    assert node.wait(20) == 0
    here = json.loads(command("status", "--json", "--data", world.site).stdout)
    proof = json.loads(command("journal", "verify", "--json", "--data", world.site).stdout)
    (there,) = world.registry_nodes()
    assert proof["broken"] is None
    assert here["entries"] == here["delivered"] == there["entries"] == proof["entries"]
    (receipt,) = here["receipts"]
    assert receipt in there["heads"]
    assert proof["head"] in {one["hash"] for one in there["heads"]}
    assert there["alarms"] == 0
    log = (world.folder / "log").read_text()
    assert "Tendai" not in log
    assert "2468" not in log
