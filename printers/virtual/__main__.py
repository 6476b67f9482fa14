"""``python -m printers.virtual --port 9100 --width 576 --folder papers``."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path

from printers.virtual.habits import HABITS
from printers.virtual.model import Model
from printers.virtual.panel import obey_all
from printers.virtual.printer import VirtualPrinter


def main() -> None:
    """Run a printer in software until Ctrl-C; lines on standard input are its switches."""
    parser = argparse.ArgumentParser(description="A thermal printer in software.")
    parser.add_argument("--port", type=int, default=9100, help="TCP port on this machine (9100)")
    parser.add_argument("--serial", action="store_true", help="a pseudo-terminal, not a port")
    parser.add_argument("--width", type=int, default=576, help="dots across the paper (576)")
    parser.add_argument("--folder", type=Path, help="where to put a picture of each paper")
    parser.add_argument(
        "--habit", choices=sorted(HABITS), help="a bad habit, which decides over the width, too"
    )
    options = parser.parse_args()
    model = Model(options.width, serial=options.serial)
    if options.habit:
        model = replace(HABITS[options.habit].model, serial=options.serial)
    printer = VirtualPrinter(port=options.port, folder=options.folder, model=model)
    printer.start()
    print(f"{printer.uri}   help: what can go wrong with it", flush=True)  # noqa: T201
    with contextlib.suppress(KeyboardInterrupt):
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)
        with contextlib.suppress(OSError):  # a terminal cannot be read from the background
            for said in obey_all(sys.stdin, printer):
                print(said, flush=True)  # noqa: T201
        threading.Event().wait()
    printer.stop()


if __name__ == "__main__":
    main()
