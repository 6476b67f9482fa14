"""The site as it is configured, in TLS, beside guests who hold connections: a dose is still given."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from intruders import ANOTHER, HALF, MANY, ONE, WHOLE, Crowd, many_files, until
from site_factory import filled_site
from tls_sites import asked, free_ports

from edge.adapters.entropy import Ids, SystemEntropy
from edge.adapters.keys import file_keys
from edge.adapters.settings import Settings
from edge.adapters.tls.profile import authority_pem
from edge.adapters.tls.site_tls import kept_authority

pytestmark = pytest.mark.slow  # a process of its own, and crowds

HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"
MOST_MEGABYTES = 300


class RunningSite:
    """``divoc-edge run`` over a filled site with TLS, and a paired vaccinator at it."""

    def __init__(self, folder: Path) -> None:
        self.port, self.plain_port = free_ports(2)
        self.folder = folder / "site"
        settings = Settings(
            facility="DEMO01",
            listen=f"127.0.0.1:{self.port}",
            tls=True,
            name="clinic-12",
            plain=f"127.0.0.1:{self.plain_port}",
            announce=False,
        )
        node = filled_site(self.folder, settings)
        self.key = node.devices.pair(node.devices.invite("Tablet 1", "S1").secret)
        self.ids = Ids(node.clock, SystemEntropy())
        node.close()
        authority = kept_authority(file_keys(self.folder))
        assert authority is not None
        self.tls = ssl.create_default_context(cadata=authority_pem(authority).decode())
        self.log = folder / "log"
        with self.log.open("wb") as log:
            command = [sys.executable, "-m", "edge", "run", "--data", str(self.folder)]
            self.run = subprocess.Popen(command, stdout=log, stderr=log)
        until(self._answers, 90)
        self.token = self.call("POST", "/session", {"code": "V1", "pin": "2468"})["token"]

    def _answers(self) -> bool:
        assert self.run.poll() is None, self.log.read_text()
        try:
            return asked(self.port, "/api/v1/ping", tls=self.tls)[0] == 200
        except OSError:
            return False

    def call(self, method: str, path: str, body: object = None) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Divoc-Device": self.key}
        if hasattr(self, "token"):
            headers["Authorization"] = f"Bearer {self.token}"
        data = b"" if body is None else json.dumps(body).encode()
        status, _, answer = asked(
            self.port, f"/api/v1{path}", method=method, headers=headers, body=data, tls=self.tls
        )
        assert status == 200, answer
        found: dict[str, str] = json.loads(answer)
        return found

    def give_dose(self) -> None:
        """Register somebody new, and give a dose."""
        id_ = self.ids.new()
        person = {
            "type": "RegisterPerson", "name": f"Zuberi {id_[-6:]}", "gender": "Male",
            "birthYear": 1980, "differentPerson": True,
        }  # fmt: skip
        self.call("PUT", f"/entries/{id_}", person)
        dose = {"programme": "covid-19", "vaccine": "coviprotect", "lot": "CP2611A"}
        given = {"type": "GiveDose", "person": id_, **dose}
        self.call("PUT", f"/entries/{self.ids.new()}", given)

    def most_megabytes(self) -> int:
        """Give the most memory that the process had."""
        status = Path(f"/proc/{self.run.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) // 1024


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    with many_files():
        made = RunningSite(tmp_path_factory.mktemp("held"))
        yield made
        made.run.kill()
        made.run.wait(20)


class SecureCrowd:
    """Connections whose TLS is whole, and on which something is sent once."""

    def __init__(
        self, site: RunningSite, count: int, sent: bytes, addresses: tuple[str, ...]
    ) -> None:
        self._crowd = Crowd(site.port, count, b"", addresses)
        self._site, self._sent = site, sent
        self._held: list[ssl.SSLSocket] = []

    def __enter__(self) -> SecureCrowd:
        for one in self._crowd.held:
            one.settimeout(5)
            with contextlib.suppress(OSError):  # the site has ended it already
                tls = self._site.tls.wrap_socket(one, server_hostname="clinic-12.local")
                tls.sendall(self._sent)
                self._held.append(tls)
        return self

    def __exit__(self, *_: object) -> None:
        for tls in self._held:
            tls.close()
        self._crowd.__exit__()


@pytest.mark.parametrize("attack", [b"", HELLO[:3], HELLO], ids=["connects", "3 bytes", "hello"])
@pytest.mark.parametrize("addresses", [ONE, MANY], ids=["of one", "of many"])
def test_300_half_open_connections_do_not_stop_a_dose(
    site: RunningSite, attack: bytes, addresses: tuple[str, ...]
) -> None:
    with Crowd(site.port, 300, attack, addresses):
        for _ in range(3):
            site.give_dose()
    assert site.most_megabytes() < MOST_MEGABYTES


@pytest.mark.parametrize(
    ("attack", "addresses"),
    [*((half, ONE) for half in HALF.values()), *((whole, ANOTHER) for whole in WHOLE.values())],
    ids=[*HALF, *WHOLE],
)
def test_300_who_speak_tls_and_then_wait_do_not_stop_a_dose(
    site: RunningSite, attack: bytes, addresses: tuple[str, ...]
) -> None:
    with SecureCrowd(site, 300, attack, addresses):
        for _ in range(3):
            site.give_dose()
    assert site.most_megabytes() < MOST_MEGABYTES


@pytest.mark.parametrize("attack", HALF.values(), ids=HALF.keys())
def test_who_holds_plain_http_holds_neither_it_nor_a_dose(site: RunningSite, attack: bytes) -> None:
    with Crowd(site.plain_port, 300, attack, MANY):
        site.give_dose()
        assert asked(site.plain_port, "/trust")[0] == 200


def test_a_flood_of_guesses_at_pairing_codes_does_not_stop_a_dose(site: RunningSite) -> None:
    body = b"secret=AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"
    asks = (
        b"POST /pair HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    with SecureCrowd(site, 100, asks * 20, ANOTHER):
        site.give_dose()


def test_it_stops_when_it_is_told_and_no_secret_is_in_its_log(site: RunningSite) -> None:
    with Crowd(site.port, 100, HELLO), Crowd(site.plain_port, 100, HALF["half a body"]):
        site.run.send_signal(signal.SIGTERM)
        assert site.run.wait(30) == 0
    log = site.log.read_text()
    assert "Stopped." in log
    for hidden in (site.key, site.token, "2468", "AAAA-AAAA", "Zuberi"):
        assert hidden not in log
