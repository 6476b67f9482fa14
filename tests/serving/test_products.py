"""The site and the registry as they are started: both stand behind the server that cannot be held."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from intruders import HALF, MANY, Crowd, asked, many_files, said, until

from edge.adapters.settings import Settings
from edge.cli.site import make_site
from edge.domain.errors import Unavailable
from edge.node import Node
from edge.web.refusing import refusing as site_words
from sync.registry.web.refusing import refusing as registry_words
from sync.web.serving import RefusedRequest
from sync.web.serving.refusals import BUSY, TOO_LARGE

ROOT = Path(__file__).parents[2]
LOCALE = ROOT / "config/locale"
REGISTRY = "from sync.registry.cli import main; main()"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


class Product:
    """One of the two in a process of its own."""

    def __init__(self, name: str, folder: Path) -> None:
        self.port, self.name = free_port(), name
        listen = f"127.0.0.1:{self.port}"
        if name == "site":
            make_site(folder / "data", Settings(facility="DEMO01", listen=listen))
            command = ["-m", "edge", "run", "--data", str(folder / "data")]
            self.ping = "/api/v1/ping"
        else:
            command = ["-c", REGISTRY, "run", "--data", str(folder / "data"), "--listen", listen]
            self.ping = "/v1"
        with (folder / "log").open("wb") as log:
            self.run = subprocess.Popen([sys.executable, *command], stdout=log, stderr=log)
        until(self._listens, 60)

    def _listens(self) -> bool:
        assert self.run.poll() is None
        try:
            return bool(asked(self.port, path=self.ping))
        except OSError:
            return False


@pytest.fixture(params=["site", "registry"])
def product(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Product]:
    product = Product(request.param, tmp_path)
    with many_files():
        yield product
    product.run.kill()
    product.run.wait(20)


@pytest.mark.slow  # processes of their own
def test_it_answers_beside_what_a_guest_holds_and_ends_when_it_is_told(product: Product) -> None:
    for attack in HALF.values():
        with Crowd(product.port, 101, attack), Crowd(product.port, 300, attack, MANY):
            for _ in range(3):
                assert asked(product.port, path=product.ping)
    with Crowd(product.port, 101, HALF["half a body"]):
        product.run.send_signal(signal.SIGTERM)
        assert product.run.wait(30) == 0


@pytest.mark.slow  # processes of their own
def test_it_says_in_its_own_words_what_is_too_large(product: Product) -> None:
    path, code = {
        "site": ("/api/v1/session", "request.too-large"),
        "registry": ("/v1/enrol", "frame.too-large"),
    }[product.name]
    sent = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n".encode()
    head, _, body = said(product.port, sent + bytes(9_000_000)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nServer:" not in head
    assert json.loads(body)["code"] == code


def test_a_site_whose_address_is_taken_says_so(tmp_path: Path) -> None:
    from edge.cli.serving import serve

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        make_site(tmp_path / "data", Settings(facility="DEMO01", listen=f"127.0.0.1:{port}"))
        node = Node(tmp_path / "data")
        try:
            with pytest.raises(Unavailable, match=f"127.0.0.1:{port} is in use"):
                serve(node)
        finally:
            node.close()


def test_a_full_site_says_so_in_the_tablets_language() -> None:
    words = site_words(LOCALE)
    media, body = words(BUSY, RefusedRequest("/api/v1/session", {"cookie": "language=fr"}))
    problem = json.loads(body)
    assert (media, problem["code"], problem["temporary"]) == (
        "application/json", "server.busy", True,
    )  # fmt: skip
    assert problem["sentence"].startswith("Trop de demandes attendent.")
    media, body = words(TOO_LARGE, RefusedRequest("/scan", {"accept-language": "fr-FR,en"}))
    assert media.startswith("text/plain")
    assert body.decode().startswith("La demande est trop grande. ")


def test_a_full_registry_says_so_as_the_protocol_has_it_and_in_an_operators_language() -> None:
    words = registry_words(8 * 1024 * 1024)
    media, body = words(BUSY, RefusedRequest("/v1/nodes/a", {}))
    assert (media, json.loads(body)["temporary"]) == ("application/json", True)
    assert json.loads(words(TOO_LARGE, RefusedRequest("/v1/enrol", {}))[1])["temporary"] is False
    _, body = words(BUSY, RefusedRequest("/alarms", {"cookie": "language=fr"}))
    assert body.decode().startswith("Trop de demandes attendent.")
