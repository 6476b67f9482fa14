"""Two networks with a bad line between them, for a test: the site's and the registry's."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import shaper

SITE, REGISTRY = "192.0.2.1", "192.0.2.2"
"""Addresses of documentation (RFC 5737); they exist only inside the two networks."""


class Impossible(Exception):
    """This kernel does not let us have networks of our own; the text says what it refuses."""


@dataclass(frozen=True, slots=True)
class Link:
    """A line: bit/s (0: no bound), seconds one way, shares of packets, bytes that may wait."""

    rate: int = 0
    delay: float = 0.0
    jitter: float = 0.0
    loss: float = 0.0
    duplication: float = 0.0
    queue: int = 65536


def lacking() -> str:
    """Name what this machine lacks for such networks, or nothing."""
    if sys.platform != "linux":
        return "Linux"
    if os.geteuid() != 0:
        return "root, which may make networks,"
    return next((name for name in ("ip", "nsenter", "setpriv") if not shutil.which(name)), "")


class Networks:
    """The two networks, ``site`` and ``registry``, for as long as the shaper's process lives."""

    def __init__(self, seed: int, captured: Path, congestion: str = "") -> None:
        """``congestion`` is TCP's congestion control, such as ``reno``; the machine's own if empty."""
        self.captured = captured
        ends = f"{SITE}/30", f"{REGISTRY}/30"
        self._shaper = subprocess.Popen(
            [sys.executable, shaper.__file__, str(seed), *ends, congestion, str(captured)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._shaper.stdout is not None
        told = json.loads(self._shaper.stdout.readline() or '{"impossible": "the shaper died"}')
        if "impossible" in told:
            self.close()
            raise Impossible(told["impossible"])
        files = [f"/proc/{self._shaper.pid}/fd/{one}" for one in told["networks"]]
        self._files = dict(zip(("site", "registry"), files, strict=True))

    def close(self) -> None:
        """End the shaper; the kernel takes the networks away with it."""
        assert self._shaper.stdin is not None
        self._shaper.stdin.close()
        try:
            self._shaper.wait(10)
        except subprocess.TimeoutExpired:
            self._shaper.kill()
            self._shaper.wait()
        assert self._shaper.stdout is not None
        self._shaper.stdout.close()

    def start(self, where: str, command: Sequence[str], **more: Any) -> subprocess.Popen[bytes]:
        """Start a program inside a network; it ends with whoever started it."""
        inside = ["setpriv", "--pdeathsig", "TERM", "nsenter", f"--net={self._files[where]}"]
        return subprocess.Popen([*inside, "--", *command], **more)

    def connect(self, where: str, address: tuple[str, int]) -> socket.socket:
        """Open a connection inside a network."""
        with self._inside(where):
            return socket.create_connection(address, 30)

    def listen(self, where: str, address: tuple[str, int]) -> socket.socket:
        """Wait for connections inside a network."""
        with self._inside(where):
            return socket.create_server(address)

    def line(self, link: Link) -> None:
        """Let the line be like this from now on."""
        self._order(shape=asdict(link))

    def hole(self, swallows: bool) -> None:
        """Let the line swallow everything, without a word; or no longer."""
        self._order(hole=swallows)

    def script(self, *items: dict[str, Any]) -> None:
        """Say what happens next, one after the other.

        ``what`` is ``cut`` (every connection there is was forgotten) or ``hole``; when is either
        ``way`` (``up`` from the site, ``down`` to it) with ``bytes`` more than at the item before,
        or ``seconds`` from now.
        """
        self._order(script=items)

    def count(self, *, reset: bool = False) -> dict[str, Any]:
        """Give bytes sent ``up`` and ``down`` (IP packets, also lost ones), and what befell them.

        ``first`` and ``last`` are when the first and the last packet came, in seconds.
        """
        return self._order(reset=reset)

    def _order(self, **order: Any) -> dict[str, Any]:
        assert self._shaper.stdin is not None
        assert self._shaper.stdout is not None
        self._shaper.stdin.write(json.dumps(order) + "\n")
        self._shaper.stdin.flush()
        answer: dict[str, Any] = json.loads(self._shaper.stdout.readline())
        return answer

    @contextmanager
    def _inside(self, where: str) -> Iterator[None]:
        """Put this thread into a network for a moment: its sockets stay there for good."""
        set_network: Callable[[int, int], int] = ctypes.CDLL(None, use_errno=True).setns
        files = [os.open("/proc/thread-self/ns/net", os.O_RDONLY)]
        files.append(os.open(self._files[where], os.O_RDONLY))
        try:
            if set_network(files[1], shaper.CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "cannot enter the network")
            yield
        finally:
            if set_network(files[0], shaper.CLONE_NEWNET):
                os._exit(70)  # nothing else may ever run in there
            for file in files:
                os.close(file)
