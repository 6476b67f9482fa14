"""The paper: what was printed on it, in order, cut off or still in the printer."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image

from printers.interpreter.drawing import Band


@dataclass(frozen=True, slots=True)
class Strip:
    """Rows of a band that came out one behind the other."""

    band: Band
    top: int
    rows: int


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper, as it left the printer.

    ``data``: the bytes that made it; ``lines`` and ``codes``: what was printed whole as text and
    as QR codes of the printer's own; ``cut``: whether it was cut off.
    """

    number: int
    data: bytes
    lines: tuple[str, ...]
    codes: tuple[bytes, ...]
    strips: tuple[Strip, ...]
    width: int
    cut: bool

    @property
    def rows(self) -> int:
        """Rows of dots."""
        return sum(strip.rows for strip in self.strips)

    @property
    def image(self) -> Image.Image:
        """Draw it: black 0, white 255."""
        whole = Image.new("L", (self.width, max(1, self.rows)), 255)
        top = 0
        for strip in self.strips:
            if strip.band.paint is not None:
                box = (0, strip.top, self.width, strip.top + strip.rows)
                whole.paste(strip.band.paint().crop(box), (0, top))
            top += strip.rows
        return whole

    @property
    def png(self) -> bytes:
        """Draw it as PNG in one bit, 203 dots an inch."""
        buffer = io.BytesIO()
        self.image.convert("1").save(buffer, format="PNG", dpi=(203, 203))
        return buffer.getvalue()


class Roll:
    """Gathers strips into papers; ``keep`` papers are kept, of the text all."""

    def __init__(self, width: int, keep: int | None) -> None:
        self._width = width
        self._keep = keep
        self._strips: list[Strip] = []
        self._first_line = self._first_code = 0
        self.rows = 0
        self.count = 0
        self.papers: list[Paper] = []
        self.lines: list[str] = []
        self.codes: list[bytes] = []

    def print(self, band: Band, top: int, rows: int) -> None:
        """Put rows of a band on paper; its text is there when its last row is.

        Rows that follow on those before them are one strip: a band is drawn once for each.
        """
        before = self._strips[-1] if self._strips else None
        if before and before.band is band and before.top + before.rows == top:
            self._strips[-1] = Strip(band, before.top, before.rows + rows)
        else:
            self._strips.append(Strip(band, top, rows))
        self.rows += rows
        if top + rows == band.height:
            if band.text:
                self.lines.append(band.text.rstrip())
            if band.code:
                self.codes.append(band.code)

    def cut(self, data: bytes) -> None:
        """Cut off what is there; nothing there: nothing comes off."""
        if not self._strips:
            return
        self.count += 1
        self.papers.append(self._paper(self.count, data, cut=True))
        if self._keep is not None:
            del self.papers[: -self._keep]
        self._strips = []
        self._first_line, self._first_code = len(self.lines), len(self.codes)

    def remainder(self) -> Paper:
        """Give the piece that stays in the printer."""
        return self._paper(0, b"", cut=False)

    def _paper(self, number: int, data: bytes, *, cut: bool) -> Paper:
        lines, codes = self.lines[self._first_line :], self.codes[self._first_code :]
        strips = tuple(self._strips)
        return Paper(number, data, tuple(lines), tuple(codes), strips, self._width, cut)
