"""The printer in software in real time: a machine, an endpoint and a thread between them."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from printers.virtual.endpoints import PtyEndpoint, TcpEndpoint
from printers.virtual.machine import Machine
from printers.virtual.model import Fault, Kind, Model
from printers.virtual.roll import Paper

_KEPT = 50
_TICK, _LEAST = 0.02, 0.001


class VirtualPrinter:
    """Prints what comes over a TCP port of this machine, or over a pseudo-terminal.

    ``model`` decides over ``width``; a serial model gets a pseudo-terminal. ``folder`` gets a
    picture of each paper. ``clock`` gives seconds that only rise.
    """

    def __init__(
        self,
        width: int = 576,
        port: int = 0,
        host: str = "127.0.0.1",
        folder: Path | None = None,
        *,
        model: Model | None = None,
        seed: int = 0,
        keep: int | None = _KEPT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self.model = model or Model(width)
        self.width = self.model.width
        self.machine = Machine(self.model, seed=seed, keep=keep)
        self.faults = Faults(self)
        self._folder = folder
        self._shown = self._first = 0
        self._undrawn: queue.SimpleQueue[Paper | None] = queue.SimpleQueue()
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._door: TcpEndpoint | PtyEndpoint = (
            PtyEndpoint(clock)
            if self.model.serial
            else TcpEndpoint(host, port, refuse=self.model.second == "refused")
        )
        self._drawer = threading.Thread(
            target=self._draw, args=(folder,), name="virtual-printer-pictures", daemon=True
        )
        self._thread = threading.Thread(target=self._serve, name="virtual-printer", daemon=True)

    @property
    def port(self) -> int:
        """The TCP port it listens on."""
        if not isinstance(self._door, TcpEndpoint):
            raise TypeError("a printer on a pseudo-terminal has no port")
        return self._door.port

    @property
    def uri(self) -> str:
        """The address for a connection: ``tcp://host:port`` or ``serial:///dev/pts/n``."""
        if isinstance(self._door, TcpEndpoint):
            return self._door.address
        flow = "xonxoff" if self.model.xonxoff else "none"
        return f"serial://{self._door.address}?baud=115200&flow={flow}"

    @property
    def device(self) -> str:
        """The path of the pseudo-terminal."""
        return self._door.address

    def start(self) -> None:
        """Switch it on."""
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            numbers = (int(path.stem) for path in self._folder.glob("*.png") if path.stem.isdigit())
            self._first = max(numbers, default=0)
            self._drawer.start()
        self._thread.start()

    def stop(self) -> None:
        """Switch it off."""
        self._stopping.set()
        self._thread.join(5)
        self._undrawn.put(None)
        if self._drawer.is_alive():
            self._drawer.join(30)
        self._door.close()

    def papers(self) -> list[Paper]:
        """Give the papers that came out, newest first."""
        with self._lock:
            return list(reversed(self.machine.roll.papers))

    def tape(self) -> list[str]:
        """Give every line of text that came out whole, in order, on whatever paper."""
        with self._lock:
            return list(self.machine.roll.lines)

    def arm(self, fault: Fault) -> None:
        """Let something go wrong."""
        with self._lock:
            self.machine.arm(fault, self._clock())

    def clear(self, kind: Kind | None = None) -> None:
        """Put something right, or everything."""
        with self._lock:
            if kind is None:
                self.machine.clear_all(self._clock())
            else:
                self.machine.clear(kind, self._clock())

    def settle(self, seconds: float = 10.0) -> bool:
        """Wait until everything received is on paper; false: it is not."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with self._lock:
                if self.machine.idle:
                    return True
            time.sleep(_TICK / 4)
        return False

    def _serve(self) -> None:
        while not self._stopping.is_set():
            with self._lock:
                now = self._clock()
                self._door.say(self.machine, self.machine.advance(now))
                self._door.turn(self.machine, now)
                self._show()
                wake = self.machine.next_time()
            left = _TICK if wake is None else wake - self._clock()
            self._door.wait(self.machine, min(_TICK, max(_LEAST, left)))

    def _show(self) -> None:
        """Hand the new papers to the thread that draws them: meanwhile the printer answers."""
        for paper in self.machine.roll.papers:
            if paper.number > self._shown:
                self._shown = paper.number
                self._undrawn.put(paper)

    def _draw(self, folder: Path) -> None:
        while (paper := self._undrawn.get()) is not None:
            temporary = folder / "paper.new"
            temporary.write_bytes(paper.png)
            temporary.replace(folder / f"{self._first + paper.number:06d}.png")


class Faults:
    """The commonest faults as switches; counts are of bytes received since it was made."""

    def __init__(self, printer: VirtualPrinter) -> None:
        object.__setattr__(self, "_printer", printer)

    _printer: VirtualPrinter
    paper_out: bool
    cover_open: bool
    silent: bool
    power_cut_at: int | None
    seconds_per_kilobyte: float

    def __setattr__(self, name: str, value: float | None) -> None:
        kinds: dict[str, Kind] = {
            "paper_out": "paper-out",
            "cover_open": "cover-open",
            "silent": "silent",
            "power_cut_at": "power",
            "seconds_per_kilobyte": "slow",
        }
        kind = kinds[name]
        self._printer.clear(kind)
        if name == "power_cut_at":
            if value is not None:
                self._printer.arm(Fault(kind, at_byte=int(value)))
        elif value:
            seconds = float(value) if kind == "slow" else 0.0
            self._printer.arm(Fault(kind, seconds=seconds))
