"""The printer's own QR codes (``GS ( k``, functions 165 to 182)."""

from __future__ import annotations

from printers.interpreter import drawing
from printers.interpreter.drawing import Band, State
from printers.interpreter.tables import Abilities, Question


class Symbols:
    """The store of symbol data: ``data`` is what function 180 left there."""

    def __init__(self, width: int, abilities: Abilities) -> None:
        self._width = width
        self._abilities = abilities
        self.data = b""

    def takes(self, size: int) -> int:
        """Give how many of so many bytes the store takes; the rest spills."""
        most = self._abilities.native_qr
        spills = bool(most) and self._abilities.qr_excess == "text"
        return min(size, most) if spills and most is not None else size

    def function(self, body: bytes, state: State) -> Band | Question | None:
        """Set the size or the repair, print the symbol, or tell how large it would be."""
        most = self._abilities.native_qr
        if most == 0 or body[:1] != b"1":
            return None
        match body[1:2]:
            case b"C":
                state.qr_dots = max(1, body[2])
            case b"E":
                state.qr_level = body[2]
            case b"Q" | b"R" if self.data:
                side = drawing.qr_side(self.data, state)
                too_much = most is not None and len(self.data) > most
                fits = 0 < side <= self._width - state.margin and not too_much
                if body[1:2] == b"R":
                    size = str(side).encode()
                    known = size + b"\x1f" + size + b"\x1f1\x1f" + (b"0" if fits else b"1")
                    return Question("GS ( k", known)
                if fits:
                    return drawing.qr_band(self.data, state, self._width)
                if too_much and self._abilities.qr_excess == "blank" and side:
                    return Band(side)
        return None
