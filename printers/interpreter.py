"""ESC/POS as a printer understands it: bytes in, dots on paper and answers out.

Drives the printer in software and the preview, so that both are drawn from the very bytes that
would be sent. What it does not know it passes over as printers do: letters are printed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import qrcode
from PIL import Image, ImageDraw, ImageFont
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.util import MODE_8BIT_BYTE, QRData

_CELL, _LINE = 12, 30
"""Dots: the width of font A and the usual line spacing."""
_LEVELS = {48: ERROR_CORRECT_L, 49: ERROR_CORRECT_M, 50: ERROR_CORRECT_Q, 51: ERROR_CORRECT_H}
_CODE_PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858"}


@dataclass
class _State:
    """What commands set and ``ESC @`` clears."""

    align: int = 0
    bold: bool = False
    scale: int = 0
    code_page: str = "cp437"
    line: list[tuple[str, bool, int]] = field(default_factory=list)
    qr_dots: int = 3
    qr_level: int = 48
    qr_data: bytes = b""


class Interpreter:
    """Reads a stream of ESC/POS in any pieces; keeps the paper that is being printed.

    ``answer`` takes the bytes the printer sends back, ``cut`` each finished paper as an image.
    """

    def __init__(
        self,
        width: int,
        answer: Callable[[bytes], None] = lambda data: None,  # noqa: ARG005
        cut: Callable[[Image.Image], None] = lambda paper: None,  # noqa: ARG005
    ) -> None:
        self._width = width
        self._answer = answer
        self._cut = cut
        self._waiting = b""
        self._state = _State()
        self._bands: list[Image.Image] = []

    @property
    def rows(self) -> int:
        """Rows of dots on the paper so far."""
        return sum(band.height for band in self._bands)

    def feed(self, data: bytes) -> None:
        """Take bytes; a command that is not complete yet waits for its rest."""
        self._waiting += data
        position = 0
        while position < len(self._waiting):
            used = self._command(self._waiting[position:])
            if used == 0:
                break
            position += used
        self._waiting = self._waiting[position:]

    def reset(self) -> None:
        """Forget everything, as when the power is cut."""
        self._waiting = b""
        self._state = _State()

    def paper(self) -> Image.Image:
        """Draw the paper as it is now."""
        whole = Image.new("L", (self._width, max(1, self.rows)), 255)
        top = 0
        for band in self._bands:
            whole.paste(band, (0, top))
            top += band.height
        return whole

    def _command(self, data: bytes) -> int:
        first = data[0]
        if first == 0x1B:
            return self._escape(data)
        if first == 0x1D:
            return self._group(data)
        if first == 0x10:
            return min(3, len(data)) if len(data) >= 3 else 0  # real-time: answered on arrival
        if first == 0x0A:
            self._end_line(always=True)
        elif first >= 0x20:
            text = data[:1].decode(self._state.code_page, "replace")
            self._state.line.append((text, self._state.bold, self._state.scale))
        return 1

    def _escape(self, data: bytes) -> int:
        if len(data) < 2:
            return 0
        name = data[1:2]
        if name == b"@":
            code_page = "cp437"
            self._state = _State(code_page=code_page)
            return 2
        if len(data) < 3:
            return 0
        value = data[2]
        if name == b"a":
            self._end_line()
            self._state.align = value % 48 % 3
        elif name == b"E":
            self._state.bold = bool(value & 1)
        elif name == b"t":
            self._state.code_page = _CODE_PAGES.get(value, "cp437")
        elif name == b"J":
            self._end_line()
            self._blank(value)
        elif name == b"d":
            self._end_line()
            self._blank(value * _LINE)
            if value >= 4 and self._bands:
                self._finish()
        elif name not in b"!-M3RS":
            return 1
        return 3

    def _group(self, data: bytes) -> int:
        if len(data) < 3:
            return 0
        name = data[1:2]
        if name == b"!":
            self._state.scale = data[2]
            return 3
        if name == b"P":
            return 4 if len(data) >= 4 else 0
        if name == b"V":
            if data[2] in (65, 66) and len(data) < 4:
                return 0
            self._end_line()
            self._finish()
            return 4 if data[2] in (65, 66) else 3
        if name == b"v":
            return self._raster(data)
        if name == b"(":
            return self._extended(data)
        if name == b"r":
            self._answer(b"\x00")
            return 3
        return 3 if name in b"aLW" else 1

    def _raster(self, data: bytes) -> int:
        if len(data) < 8:
            return 0
        mode, width = data[3], int.from_bytes(data[4:6], "little")
        height = int.from_bytes(data[6:8], "little")
        size = width * height
        if len(data) < 8 + size:
            return 0
        self._end_line()
        if size:
            bits = bytes(byte ^ 0xFF for byte in data[8 : 8 + size])
            image = Image.frombytes("1", (width * 8, height), bits).convert("L")
            across, down = 1 + (mode & 1), 1 + (mode >> 1 & 1)
            image = image.resize((image.width * across, image.height * down), 0)
            self._place(image)
        return 8 + size

    def _extended(self, data: bytes) -> int:
        if len(data) < 5:
            return 0
        size = int.from_bytes(data[3:5], "little")
        if len(data) < 5 + size:
            return 0
        name, body = data[2:3], data[5 : 5 + size]
        if name == b"H" and body[:2] == b"00":  # function 48: answer when all before is on paper
            self._end_line()
            self._answer(b"7\x22" + body[2:6] + b"\x00")
        elif name == b"k" and body[:1] == b"1":
            self._qr(body[1:2], body[2:])
        return 5 + size

    def _qr(self, function: bytes, body: bytes) -> None:
        state = self._state
        if function == b"C" and body:
            state.qr_dots = body[0]
        elif function == b"E" and body:
            state.qr_level = body[0]
        elif function == b"P":
            state.qr_data = body[1:]
        elif function == b"Q" and state.qr_data:
            code = qrcode.QRCode(
                error_correction=_LEVELS.get(state.qr_level, ERROR_CORRECT_L), border=0
            )
            code.add_data(QRData(state.qr_data, mode=MODE_8BIT_BYTE))
            code.make(fit=True)
            side = len(code.modules)
            image = Image.new("L", (side, side), 255)
            image.putdata([0 if module else 255 for row in code.modules for module in row])
            self._end_line()
            self._place(image.resize((side * state.qr_dots, side * state.qr_dots), 0))

    def _end_line(self, *, always: bool = False) -> None:
        line, self._state.line = self._state.line, []
        if not line:
            if always:
                self._blank(_LINE)
            return
        tallest = max(scale & 0x07 for _, _, scale in line) + 1
        width = sum(_CELL * ((scale >> 4 & 0x07) + 1) for _, _, scale in line)
        image = Image.new("L", (max(width, 1), _LINE * tallest), 255)
        draw = ImageDraw.Draw(image)
        draw.fontmode = "1"
        left = 0
        for text, bold, scale in line:
            font = ImageFont.load_default(20 * ((scale & 0x07) + 1))
            cell = _CELL * ((scale >> 4 & 0x07) + 1)
            middle = (left + cell / 2, image.height - 8 * tallest)
            draw.text(middle, text, 0, font, anchor="ms", stroke_width=1 if bold else 0)
            left += cell
        self._place(image)

    def _place(self, image: Image.Image) -> None:
        band = Image.new("L", (self._width, image.height), 255)
        room = self._width - image.width
        left = {0: 0, 1: room // 2, 2: room}[self._state.align]
        band.paste(image, (max(left, 0), 0))
        self._bands.append(band)

    def _blank(self, rows: int) -> None:
        if rows:
            self._bands.append(Image.new("L", (self._width, rows), 255))

    def _finish(self) -> None:
        self._blank(_LINE)
        self._cut(self.paper())
        self._bands.clear()


def preview(data: bytes, width: int) -> Image.Image:
    """Draw what these bytes would print."""
    finished: list[Image.Image] = []
    interpreter = Interpreter(width, cut=finished.append)
    interpreter.feed(data)
    return finished[0] if finished else interpreter.paper()
