"""A printer in software: real bytes in, real answers out, paper that takes its time.

``Machine`` is the printer as a pure machine, ``VirtualPrinter`` the same in real time behind a
TCP port or a pseudo-terminal, ``python -m printers.virtual`` one to play with.
"""

from printers.virtual.machine import Machine
from printers.virtual.model import KINDS, Fault, Kind, Model
from printers.virtual.printer import VirtualPrinter
from printers.virtual.roll import Paper

__all__ = ["KINDS", "Fault", "Kind", "Machine", "Model", "Paper", "VirtualPrinter"]
