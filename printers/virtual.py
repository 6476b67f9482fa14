"""A printer in software: real bytes in over TCP, real answers out, and a picture of the paper.

python -m printers.virtual --port 9100 --width 576 --folder papers
"""

from __future__ import annotations

import argparse
import contextlib
import io
import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from printers.interpreter import Interpreter

_BUFFER = 4096
_KEPT = 50


@dataclass(frozen=True, slots=True)
class Paper:
    """One cut-off paper: its picture as PNG, and the bytes that made it."""

    number: int
    png: bytes
    data: bytes


@dataclass
class Faults:
    """What goes wrong, on request: counts are of bytes received since the printer was started."""

    paper_out: bool = False
    cover_open: bool = False
    silent: bool = False
    power_cut_at: int | None = None
    seconds_per_kilobyte: float = 0.0
    received: int = field(default=0)


class VirtualPrinter:
    """Listens on a TCP port of this machine and prints what comes; one connection at a time."""

    def __init__(
        self, width: int = 576, port: int = 0, host: str = "127.0.0.1", folder: Path | None = None
    ) -> None:
        self.width = width
        self.faults = Faults()
        self._folder = folder
        self._papers: list[Paper] = []
        self._count = 0
        self._data = b""
        self._connection: socket.socket | None = None
        self._listener = socket.create_server((host, port))
        self._lock = threading.Lock()
        self._interpreter = Interpreter(width, self._answer, self._cut)
        self._thread = threading.Thread(target=self._serve, name="virtual-printer", daemon=True)

    @property
    def port(self) -> int:
        """The TCP port it listens on."""
        number: int = self._listener.getsockname()[1]
        return number

    def start(self) -> None:
        """Switch it on."""
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._count = max(
                (int(path.stem) for path in self._folder.glob("*.png") if path.stem.isdigit()),
                default=0,
            )
        self._thread.start()

    def stop(self) -> None:
        """Switch it off."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def papers(self) -> list[Paper]:
        """Give the papers that came out, newest first."""
        with self._lock:
            return list(reversed(self._papers))

    def _serve(self) -> None:
        while True:
            try:
                self._connection, _ = self._listener.accept()
            except OSError:
                return
            with self._connection, contextlib.suppress(OSError):
                self._print_from(self._connection)
            self._connection = None

    def _print_from(self, connection: socket.socket) -> None:
        # a small window, so that a sender feels how slowly paper moves
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        while data := connection.recv(_BUFFER):
            faults = self.faults
            cut = faults.power_cut_at
            if cut is not None and faults.received + len(data) >= cut:
                self._take(data[: max(0, cut - faults.received)])
                faults.power_cut_at = None
                self._interpreter.reset()
                self._data = b""
                return
            self._take(data)
            time.sleep(faults.seconds_per_kilobyte * len(data) / 1024)
            while (faults.paper_out or faults.cover_open) and not self._status_only(connection):
                return

    def _status_only(self, connection: socket.socket) -> bool:
        """While it cannot print it answers how it is, and takes nothing else."""
        data = connection.recv(3)
        if not data:
            return False
        self._real_time(data)
        return True

    def _take(self, data: bytes) -> None:
        self.faults.received += len(data)
        self._data += data
        self._real_time(data)
        self._interpreter.feed(data)

    def _real_time(self, data: bytes) -> None:
        """Answer ``DLE EOT`` at once, wherever it stands in the stream, as printers do."""
        start = 0
        while (place := data.find(b"\x10\x04", start)) >= 0 and place + 2 < len(data):
            self._answer(bytes([self._status(data[place + 2])]))
            start = place + 3

    def _status(self, number: int) -> int:
        faults = self.faults
        bits = 0b00010010
        if number == 1 and (faults.paper_out or faults.cover_open):
            bits |= 0b00001000
        if number == 2:
            bits |= 0b00000100 * faults.cover_open | 0b00100000 * faults.paper_out
        if number == 4 and faults.paper_out:
            bits |= 0b01101100
        return bits

    def _answer(self, data: bytes) -> None:
        if self._connection is not None and not self.faults.silent:
            with contextlib.suppress(OSError):
                self._connection.sendall(data)

    def _cut(self, paper: Image.Image) -> None:
        buffer = io.BytesIO()
        paper.convert("1").save(buffer, format="PNG", dpi=(203, 203))
        with self._lock:
            self._count += 1
            self._papers.append(Paper(self._count, buffer.getvalue(), self._data))
            del self._papers[:-_KEPT]
        self._data = b""
        if self._folder is not None:
            temporary = self._folder / "paper.new"
            temporary.write_bytes(buffer.getvalue())
            temporary.replace(self._folder / f"{self._count:06d}.png")


def main() -> None:
    """Run a printer in software until Ctrl-C."""
    parser = argparse.ArgumentParser(description="A thermal printer in software.")
    parser.add_argument("--port", type=int, default=9100, help="TCP port on this machine (9100)")
    parser.add_argument("--width", type=int, default=576, help="dots across the paper (576)")
    parser.add_argument("--folder", type=Path, help="where to put a picture of each paper")
    options = parser.parse_args()
    printer = VirtualPrinter(options.width, options.port, folder=options.folder)
    printer.start()
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    printer.stop()


if __name__ == "__main__":
    main()
