"""A line between two programs that counts what passes, and can be slow: TCP, both ways."""

from __future__ import annotations

import multiprocessing
import queue
import socket
import threading
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Speed:
    """Bytes a second each way (0: as fast as it goes), and seconds from one end to the other."""

    rate: float = 0
    delay: float = 0


class Line:
    """Listens on ``port`` and passes everything on to ``target``, in a process of its own."""

    def __init__(self, target: int, speed: Speed = Speed()) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self._up = multiprocessing.Value("q", 0)
        self._down = multiprocessing.Value("q", 0)
        self._process = multiprocessing.Process(
            target=_serve, args=(self.port, target, speed, self._up, self._down), daemon=True
        )
        self._process.start()
        for _ in range(500):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    break
            time.sleep(0.01)
        time.sleep(0.2)
        self.take()

    def take(self) -> tuple[int, int]:
        """Give the bytes up and down since the last time."""
        with self._up, self._down:
            found = self._up.value, self._down.value
            self._up.value = self._down.value = 0
        return found

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.join(5)


def _serve(port: int, target: int, speed: Speed, up, down) -> None:  # type: ignore[no-untyped-def]
    server = socket.create_server(("127.0.0.1", port), backlog=64)
    while True:
        near, _ = server.accept()
        threading.Thread(target=_join, args=(near, target, speed, up, down), daemon=True).start()


def _join(near: socket.socket, target: int, speed: Speed, up, down) -> None:  # type: ignore[no-untyped-def]
    time.sleep(2 * speed.delay)  # the handshake's round trip
    far = socket.create_connection(("127.0.0.1", target))
    for one in (near, far):
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=_pass, args=(near, far, speed, up), daemon=True).start()
    threading.Thread(target=_pass, args=(far, near, speed, down), daemon=True).start()


def _pass(source: socket.socket, sink: socket.socket, speed: Speed, counted) -> None:  # type: ignore[no-untyped-def]
    waiting: queue.Queue[tuple[float, bytes]] = queue.Queue(64)
    threading.Thread(target=_deliver, args=(waiting, sink), daemon=True).start()
    size = 65536 if not speed.rate else 1024
    free = time.monotonic()
    while True:
        try:
            data = source.recv(size)
        except OSError:
            data = b""
        with counted:
            counted.value += len(data)
        now = time.monotonic()
        free = max(free, now) + len(data) / speed.rate if speed.rate else now
        waiting.put((free + speed.delay, data))
        if not data:
            return


def _deliver(waiting: queue.Queue[tuple[float, bytes]], sink: socket.socket) -> None:
    while True:
        moment, data = waiting.get()
        time.sleep(max(0.0, moment - time.monotonic()))
        try:
            if not data:
                sink.shutdown(socket.SHUT_WR)
                return
            sink.sendall(data)
        except OSError:
            return
