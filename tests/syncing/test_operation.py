"""The registry as people run such things: its units, and TLS before it by the proxy's example."""

from __future__ import annotations

import logging
import re
import shlex
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import requests
from memory_journal import REGISTRY_KEY, enrolment
from requirements import missing
from tls_sites import free_ports

from sync.registry.cli import main
from sync.registry.registry import Registry
from sync.registry.store.stores import embedded, migrate_store, open_store
from sync.registry.web.app import LARGEST_BODY, create_app
from sync.registry.web.office import office
from sync.registry.web.refusing import refusing
from sync.resources import resource
from sync.web.request_log import log_requests
from sync.web.serving import Limits, Server

UNITS = ("divoc-registry.service", "divoc-registry-judge.service")
NOW = "2026-11-24T12:00:00.000Z"


def program(*names: str) -> str:
    found = next(
        filter(None, map(shutil.which, (*names, *(f"/usr/sbin/{name}" for name in names)))), None
    )
    return found or missing(names[0])


@pytest.mark.parametrize("name", UNITS)
def test_the_command_of_a_unit_is_one_that_the_registry_has(name: str) -> None:
    unit = resource(f"systemd/{name}").read_text().replace("\\\n", "")
    (line,) = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    _, command, *words = shlex.split(line)
    context = click.Context(main)
    found = main.get_command(context, command)
    assert found is not None
    made = found.make_context(command, words, parent=context)
    assert str(made.params["data"]) == "/var/lib/divoc-registry"
    assert made.params["log"] == "json"


@pytest.mark.slow
@pytest.mark.parametrize("name", UNITS)
def test_systemd_reads_a_unit_without_a_word_and_calls_it_safe(name: str, tmp_path: Path) -> None:
    analyze = program("systemd-analyze")
    text = resource(f"systemd/{name}").read_text()
    unit = tmp_path / name
    unit.write_text(re.sub(r"/opt/divoc-edge/bin/divoc-registry", "/bin/true", text))
    done = subprocess.run(
        [analyze, "verify", "--man=no", unit],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    own = [line for line in done.stderr.splitlines() if name in line]
    assert own == []
    safe = [analyze, "security", "--offline=true", "--threshold=20", str(unit)]
    told = subprocess.run(safe, capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, told.stdout[-400:]


class Proxied:
    """A registry behind nginx by the example; ``url`` is nginx's."""

    def __init__(self, folder: Path) -> None:
        self.port, own = free_ports(2)
        migrate_store(embedded(folder), NOW)
        self.store = open_store(embedded(folder))
        registry = Registry(self.store, REGISTRY_KEY, frozenset({"code"}))
        app = create_app(registry, office(registry, "operator"))
        log_requests(app, logging.getLogger("divoc_registry.requests"), lambda: "drawn")
        self.server = Server(
            app,
            "127.0.0.1",
            own,
            threads=2,
            limits=Limits(body=LARGEST_BODY),
            words=refusing(LARGEST_BODY),
            trusted="127.0.0.1",
        )
        threading.Thread(target=self.server.run, daemon=True).start()
        self.url, self.bare = f"https://localhost:{self.port}", f"http://127.0.0.1:{own}"
        self.authority = folder / "cert.pem"
        openssl = [
            *(program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(folder / "key.pem"), "-out", str(self.authority)),
        ]  # fmt: skip
        subprocess.run(openssl, check=True, capture_output=True, timeout=60)
        self.nginx = subprocess.Popen(
            [program("nginx"), "-p", folder, "-c", self._settings(folder, own), "-e", folder / "error.log"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._wait()

    def _settings(self, folder: Path, own: int) -> Path:
        """Put the example's server into a whole file, with this machine's ports and certificate."""
        server = resource("systemd/divoc-registry-nginx.conf").read_text()
        for pattern, value in (
            (r"listen 443 ssl http2;", f"listen 127.0.0.1:{self.port} ssl http2;"),
            (r"listen \[::\]:443 ssl http2;", ""),
            (r"server_name registry\.example;", "server_name localhost;"),
            (r"/etc/ssl/registry/fullchain\.pem", str(self.authority)),
            (r"/etc/ssl/registry/key\.pem", str(folder / "key.pem")),
            (r"127\.0\.0\.1:8900", f"127.0.0.1:{own}"),
        ):
            server, count = re.subn(pattern, value, server)
            assert count == 1, pattern
        kept = " ".join(
            f"{name}_temp_path {folder}/{name};"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        whole = folder / "nginx.conf"
        whole.write_text(
            f"daemon off; worker_processes 1; pid {folder}/nginx.pid; user root;\n"
            f"error_log {folder}/error.log;\n"
            f"events {{ worker_connections 64; }}\nhttp {{ access_log off; {kept}\n{server}}}\n"
        )
        return whole

    def _wait(self) -> None:
        for _ in range(300):
            try:
                self.get("/health/live")
            except requests.ConnectionError:
                assert self.nginx.poll() is None, "nginx ended"
                time.sleep(0.1)
            else:
                return
        raise AssertionError("nginx does not answer")

    def get(self, path: str, **more: object) -> requests.Response:
        return requests.get(self.url + path, verify=str(self.authority), timeout=60, **more)  # type: ignore[arg-type]

    def post(self, path: str, **more: object) -> requests.Response:
        return requests.post(self.url + path, verify=str(self.authority), timeout=60, **more)  # type: ignore[arg-type]

    def close(self) -> None:
        self.nginx.terminate()
        self.nginx.wait(30)
        self.server.close()
        self.store.close()


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    if ssl.OPENSSL_VERSION_INFO < (1, 1):
        missing("OpenSSL 1.1")
    made = Proxied(tmp_path_factory.mktemp("proxied"))
    yield made
    made.close()


@pytest.mark.slow
def test_through_the_proxy_of_the_example_sites_and_operators_reach_the_registry(
    proxied: Proxied,
) -> None:
    ready = proxied.get("/health/ready")
    assert (ready.status_code, ready.json()) == (200, {"ready": True})
    assert ready.headers["Strict-Transport-Security"]
    assert re.fullmatch("[0-9a-f]{32}", ready.headers["X-Request-Id"])
    assert "key" in proxied.post("/v1/enrol", json=enrolment()).json()
    signed_in = proxied.post(
        "/", data={"token": "operator"}, headers={"Origin": proxied.url}, allow_redirects=False
    )
    assert signed_in.status_code == 303
    assert "Secure" in signed_in.headers["Set-Cookie"]
    other = proxied.post(
        "/", data={"token": "operator"}, headers={"Origin": "https://other.example"}
    )
    assert other.status_code == 403


@pytest.mark.slow
def test_what_is_too_large_is_refused_in_the_registrys_words_and_not_the_proxys(
    proxied: Proxied,
) -> None:
    answer = proxied.post("/v1/nodes/x/batches", data=bytes(LARGEST_BODY + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "frame.too-large")
    whole = proxied.post("/v1/nodes/x/batches", data=bytes(LARGEST_BODY))
    assert whole.json()["code"] != "frame.too-large"
    assert proxied.get("/metrics").status_code == 404
