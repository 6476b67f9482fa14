"""A whole site with TLS as it is served, on ports of this machine."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping
from pathlib import Path

from site_factory import fill

from edge.adapters.settings import Settings
from edge.adapters.tls.profile import authority_pem
from edge.cli.serving import pages_server, plain_server
from edge.cli.site import make_site
from edge.node import Node

HOST = "clinic-12.local"


def free_ports(count: int) -> list[int]:
    """Give ports that nobody listens on."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


class TlsSite:
    """A filled site with TLS and plain HTTP; as it is made by ``divoc-edge run``, without signals."""

    def __init__(self, folder: Path) -> None:
        self.port, self.plain_port = free_ports(2)
        settings = Settings(
            facility="DEMO01",
            listen=f"127.0.0.1:{self.port}",
            tls=True,
            name="clinic-12",
            plain=f"127.0.0.1:{self.plain_port}",
            announce=False,
        )
        make_site(folder, settings)
        self.folder, self.node = folder, Node(folder)
        fill(self.node)
        backend = self.node.backend()
        plain = plain_server(settings, backend)
        assert plain is not None
        self.servers = (pages_server(settings, backend), plain)
        self._threads = [threading.Thread(target=one.run, daemon=True) for one in self.servers]
        for thread in self._threads:
            thread.start()

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}"

    def trusting(self) -> ssl.SSLContext:
        """Give a client's context that trusts this site's authority and nobody else."""
        assert self.node.tls is not None
        return ssl.create_default_context(cadata=authority_pem(self.node.tls.authority()).decode())

    def pairing(self, name: str = "Tablet 1") -> str:
        """Give the link of a set-up sheet."""
        return f"{self.url}/pair#{self.node.devices.invite(name, 'S1').secret}"

    def close(self) -> None:
        for server in self.servers:
            server.close()
        for thread in self._threads:
            thread.join(20)
        self.node.close()


def asked(
    port: int,
    path: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    tls: ssl.SSLContext | None = None,
    host: str = HOST,
) -> tuple[int, dict[str, str], bytes]:
    """Ask once, as exactly as it is said; give status, headers by small letters (lines), body."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}:{port}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
        line = tls.wrap_socket(plain, server_hostname=host) if tls else plain
        with line:
            line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
            answer = b""
            while part := line.recv(65536):
                answer += part
    head, _, content = answer.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    named: dict[str, str] = {}
    for name, _, value in (line.partition(":") for line in rest):
        before = f"{named[name.lower()]}\n" if name.lower() in named else ""
        named[name.lower()] = before + value.strip()
    return int(first.split()[1]), named, content
