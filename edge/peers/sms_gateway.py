"""A gateway for messages in software: it takes them, or fails where it is told to."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Mood = Literal[
    "", "error-in-200", "wrong-number", "busy", "no-account", "failed", "hangs-up", "garbage",
    "elsewhere", "rejects", "cut", "slow",
]  # fmt: skip


@dataclass
class SoftwareGateway:
    """What it was sent, in order; ``arrived`` is what it reports of each by its id.

    ``cut``: its answers break off; ``slow``: they come byte by byte. ``looks`` counts how often it
    was asked of an arrival.
    ``otherwise`` is what it reports of those that have no word there.
    """

    mood: Mood = ""
    otherwise: str = "pending"
    taken: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    arrived: dict[str, str] = field(default_factory=dict)
    url: str = ""
    looks: int = 0

    def answer(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes] | None:
        """Answer a request; None: hang up."""
        if path.startswith("/report/"):
            self.looks += 1
            state = self.arrived.get(path.rpartition("/")[2], self.otherwise)
            return 200, json.dumps({"status": state}).encode()
        self.headers.append(headers)
        refusal = _REFUSALS.get(self.mood)
        if refusal is not None:
            return refusal
        self.taken.append(json.loads(body) if body[:1] == b"{" else {"form": body.decode()})
        if self.mood == "hangs-up":
            return None
        if self.mood in ("failed", "garbage"):
            return (500, b"{}") if self.mood == "failed" else (200, b"<html>Welcome</html>")
        told = {"messages": [{"id": f"g{len(self.taken)}", "status": "queued"}]}
        return 200, json.dumps(told).encode()


_REFUSALS: dict[str, tuple[int, bytes]] = {
    "error-in-200": (200, b'{"messages": [{"status": "rejected", "error": "E42"}]}'),
    "wrong-number": (200, b'{"messages": [{"status": "rejected", "error": "E21211"}]}'),
    "busy": (503, b""),
    "no-account": (402, b"{}"),
    "elsewhere": (302, b""),
    "rejects": (422, b'{"messages": [{"status": "no", "error": "E7"}]}'),
}


@contextlib.contextmanager
def gateway_on_loopback(gateway: SoftwareGateway) -> Iterator[str]:
    """Serve a gateway on a port of this machine alone; give its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            told = gateway.answer(self.path, self.rfile.read(length), dict(self.headers))
            if told is None:
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(told[0])
            self.send_header("Content-Length", str(len(told[1])))
            if told[0] == 302:
                self.send_header("Location", "http://127.0.0.1:9/")
            self.end_headers()
            if gateway.mood == "slow":
                with contextlib.suppress(OSError):  # whoever asked has gone
                    for place in range(len(told[1])):
                        self.wfile.write(told[1][place : place + 1])
                        time.sleep(0.1)
                return
            self.wfile.write(told[1][: len(told[1]) // 2] if gateway.mood == "cut" else told[1])

        do_GET = do_POST  # noqa: N815  (http.server's own name)

        def log_message(self, *_: object) -> None:
            """Say nothing: an address may be in it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    gateway.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield gateway.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
