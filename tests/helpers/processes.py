"""A real site and a real registry, as processes in networks of their own."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from networks import REGISTRY, Networks
from site_factory import filled_site, vouch_for

from edge.adapters.settings import FILE, Settings
from edge.services.commands import RegisterPerson
from sync.protocol.keys import fingerprint
from sync.registry.keys import registry_key

PORT = 8900
SETTLED = ("synced", "unreachable", "refused", "diverged")
_SITE, _CODE = ("127.0.0.1", 8080), "network-test"


def until(what: Callable[[], Any], seconds: float, why: str) -> Any:
    """Wait until something is there, and give it; fail after so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.1)
    raise AssertionError(f"{why}: not within {seconds:.0f} seconds")


class End:
    """A program in a network, with its data folder."""

    command: tuple[str, ...]
    where: str
    address: tuple[str, int]

    def __init__(self, networks: Networks, folder: Path) -> None:
        self.networks = networks
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with (self.folder.parent / f"{self.where}.log").open("ab") as log:
            program = Path(sys.executable).with_name(self.command[0])
            self._process = self.networks.start(
                self.where,
                [str(program), *self.command[1:], "--data", str(self.folder)],
                stdout=log,
                stderr=log,
            )
        try:
            until(self._listens, 60, f"the {self.where} listens")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(90)  # a pass that runs is let go on to its own time-out
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def told(self, *command: str) -> list[Any]:
        """Run a command over the data folder; give the JSON it prints, line by line."""
        program = Path(sys.executable).with_name(self.command[0])
        line = [str(program), *command, "--data", str(self.folder), "--json"]
        run = subprocess.run(line, capture_output=True, text=True, timeout=120, check=True)
        return [json.loads(line) for line in run.stdout.splitlines()]

    def ask(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        """Call the program over HTTP from within its own network; give the JSON it answers."""
        connection = http.client.HTTPConnection(*self.address, timeout=60)
        connection.sock = self.networks.connect(self.where, self.address)
        try:
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
            data = None if body is None else json.dumps(body)
            connection.request(method, path, data, headers)
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status == 200, text[:500]
            return json.loads(text)
        finally:
            connection.close()

    def _listens(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"the {self.where} ended: {self._process.returncode}")
        try:
            self.networks.connect(self.where, self.address).close()
        except OSError:
            return False
        return True


class Site(End):
    """A vaccination site: ``divoc-edge run``."""

    command, where, address = ("divoc-edge", "run"), "site", _SITE

    def __enter__(self) -> Self:
        super().__enter__()
        self._token = self.signed_in("V1")
        return self

    def signed_in(self, code: str) -> str:
        """Sign a member of the staff in; give the session's token."""
        answer = self.ask("POST", "/api/v1/session", {"code": code, "pin": "2468"})
        return str(answer["token"])

    def give(self, person: str, id_: str) -> None:
        """Give a person a dose."""
        dose = {"programme": "covid-19", "vaccine": "coviprotect", "lot": "CP2611A"}
        self.ask(
            "PUT",
            f"/api/v1/entries/{id_}",
            {"type": "GiveDose", "person": person, **dose},
            self._token,
        )

    def sync(self) -> dict[str, Any]:
        """Say how the site stands with the registry, as its screen has it."""
        found: dict[str, Any] = self.ask("GET", "/api/v1/status", token=self._token)["sync"]
        return found

    def settles(self, seconds: float, *states: str) -> dict[str, Any]:
        """Wait until a pass has ended, in one of some states."""

        def settled() -> dict[str, Any] | None:
            found = self.sync()
            return found if found["state"] in (states or SETTLED) else None

        found: dict[str, Any] = until(settled, seconds, "a pass ends")
        return found


class Registry(End):
    """A national registry: ``divoc-registry run``."""

    where = "registry"

    def __init__(self, networks: Networks, folder: Path, port: int = PORT) -> None:
        super().__init__(networks, folder)
        self.address = REGISTRY, port
        listen = f"{REGISTRY}:{port}"
        self.command = "divoc-registry", "run", "--listen", listen, "--enrolment-code", _CODE

    def entries(self, node: str, epoch: str) -> list[dict[str, Any]]:
        """Give every entry of an epoch, in the order of its number."""
        token = (self.folder / "operator.token").read_text().strip()
        found: list[dict[str, Any]] = []
        while True:
            after = found[-1]["number"] if found else 0
            path = f"/v1/nodes/{node}/entries?epoch={epoch}&after={after}&limit=500"
            page = self.ask("GET", path, token=token)["entries"]
            if not page:
                return found
            found += page


def with_waiting_doses(networks: Networks, folder: Path, doses: int) -> None:
    """Make a site that has delivered everything, and has then given doses without a line.

    ``folder`` gets the data folders ``site`` and ``registry``, and ``people.json`` with the names
    of the invented people.
    """
    data = folder / "site"
    registry = f"http://{REGISTRY}:{PORT}"
    (folder / "registry").mkdir(exist_ok=True)
    settings = Settings(
        facility="DEMO01",
        registry=registry,
        registry_fingerprint=fingerprint(registry_key(folder / "registry").public_key()),
        enrolment_code=_CODE,
    )
    node = filled_site(data, settings)
    vouch_for(node, folder / "authority")
    with node.journal.reading() as db:
        registrar = node.site.catalogues.current(db).staff["R1"]
    names = [f"Zuberi Quillfeather {number:05d}" for number in range(doses)]
    people = [
        node.desk.take(
            node.site.ids.new(),
            RegisterPerson(
                name=name,
                gender="Other",
                birth_year=1980,
                phone=f"7{number:07d}",
                different_person=True,
            ),
            registrar,
        ).id
        for number, name in enumerate(names)
    ]
    requests = [node.site.ids.new() for _ in people]
    node.close()
    (folder / "people.json").write_text(json.dumps(names))
    with Site(networks, data) as site:
        with Registry(networks, folder / "registry"):
            site.settles(60, "synced")
        for person, request in zip(people, requests, strict=True):
            site.give(person, request)


def copied(networks: Networks, made: Path, folder: Path) -> tuple[Site, Registry]:
    """Take a copy of a site and its registry, to work with."""
    for name in ("site", "registry"):
        shutil.copytree(made / name, folder / name)
    return Site(networks, folder / "site"), Registry(networks, folder / "registry")


def set_up_again(site: Site, **settings: str | int) -> None:
    """Change settings in the site's file."""
    path = site.folder / FILE
    lines = [
        line for line in path.read_text().splitlines() if line.partition(" = ")[0] not in settings
    ]
    path.write_text(
        "\n".join([f"{k} = {json.dumps(v)}" for k, v in settings.items()] + lines) + "\n"
    )
