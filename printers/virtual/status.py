"""How a printer is, and the bits in which it says so.

Source: Epson, ESC/POS application programming guide, ``DLE EOT``, ``GS a``, ``GS r``, ``GS I``.
Fixed bits tell the answers apart: ``0xx1xx10`` real-time, ``0xx1xx00`` and three ``0xx0xxxx``
automatic, ``0xx0xxxx`` status and identity of one byte.
"""

from __future__ import annotations

from dataclasses import dataclass

DRAWER, ONLINE, ERRORS, PAPER = 0x01, 0x02, 0x04, 0x08
"""What ``GS a`` asks to be told of."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What the sensors say."""

    paper_out: bool = False
    near_end: bool = False
    cover_open: bool = False
    cutter_error: bool = False
    overheated: bool = False
    broken: bool = False

    @property
    def error(self) -> bool:
        """Whether an error stops it, which is neither the paper nor the cover."""
        return self.cutter_error or self.overheated or self.broken

    @property
    def offline(self) -> bool:
        """Whether it stands still."""
        return self.paper_out or self.cover_open or self.error

    def real_time(self, number: int) -> int:
        """Give the byte that answers ``DLE EOT`` 1 to 4."""
        bits = {
            1: self.offline << 3,
            2: self.cover_open << 2 | self.paper_out << 5 | self.error << 6,
            3: self.cutter_error << 3 | self.broken << 5 | self.overheated << 6,
            4: (self.near_end or self.paper_out) * 0x0C | self.paper_out * 0x60,
        }
        return 0x12 | bits[number]

    def automatic(self) -> bytes:
        """Give the four bytes of ``GS a``."""
        first = 0x10 | self.offline << 3 | self.cover_open << 5
        second = self.cutter_error << 3 | self.broken << 5 | self.overheated << 6
        return bytes([first, second, self.paper(), 0])

    def paper(self) -> int:
        """Give the paper sensors as ``GS r`` 1 does."""
        return (self.near_end or self.paper_out) * 0x03 | self.paper_out * 0x0C

    def watched(self, mask: int) -> tuple[object, ...]:
        """Give what must change for ``GS a`` with this mask to be told."""
        return (
            mask & ONLINE and self.offline,
            mask & ONLINE and self.cover_open,
            mask & ERRORS and (self.cutter_error, self.overheated, self.broken),
            mask & PAPER and (self.paper_out, self.near_end),
        )
