"""StarPRNT as a printer understands it, as far as this project writes it."""

from __future__ import annotations

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.util import MODE_8BIT_BYTE, QRData

from printers.interpreter.drawing import Band
from printers.interpreter.letters import HEIGHT, cell_of
from printers.profile import Profile
from printers.raster import unpacked

_CELL, _LINE = 12, 32
"""Dots: the width of font A and a line of 4 mm (``ESC z 1``)."""
_LEVELS = (ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q, ERROR_CORRECT_H)


def bands(data: bytes, profile: Profile) -> list[Band]:
    """Draw the paper; a command that is not known is passed over with its ESC."""
    paper = _Paper(profile)
    place = 0
    while place < len(data):
        place += max(1, paper.take(data[place:]))
    return paper.bands


class _Paper:
    def __init__(self, profile: Profile) -> None:
        self.bands: list[Band] = []
        self._width = profile.width
        self._code_page = profile.code_page
        self._line: list[tuple[str, bool, int, int]] = []
        self._align, self._bold, self._high, self._wide = 0, False, 0, 0
        self._level, self._dots, self._payload = 0, 3, b""

    def take(self, data: bytes) -> int:
        """Take one command or letter; give how many bytes it had."""
        if data[0] == 0x0A:
            self._end_line(always=True)
            return 1
        if data[0] != 0x1B:
            if data[0] >= 0x20:
                letter = data[:1].decode(self._code_page, "replace")
                self._line.append((letter, self._bold, self._high, self._wide))
            return 1
        if data[1:2] == b"\x1d":
            return self._group(data)
        if data[1:2] in (b"E", b"F"):
            self._bold = data[1:2] == b"E"
            return 2
        if data[1:2] == b"i":
            self._high, self._wide = data[2], data[3]
            return 4
        if data[1:2] == b"I":
            self._end_line()
            self._blank(data[2])
            return 3
        if data[1:2] == b"d":
            self._end_line()
            self._blank(_LINE)
            return 3
        return 3 if data[1:2] == b"z" else 2

    def _group(self, data: bytes) -> int:
        name = data[2:3]
        if name == b"a":
            self._end_line()
            self._align = data[3]
            return 4
        if name == b"S":
            row, height = (int.from_bytes(data[at : at + 2], "little") for at in (4, 6))
            self._end_line()
            self._place(unpacked(data[9 : 9 + row * height], row), 0)
            return 9 + row * height
        if name == b"y":
            return self._qr(data)
        return {b"t": 4, b"\x03": 6}.get(name, 3)

    def _qr(self, data: bytes) -> int:
        function = data[3:5]
        if function == b"D1":
            size = int.from_bytes(data[6:8], "little")
            self._payload = data[8 : 8 + size]
            return 8 + size
        if function == b"S1":
            self._level = data[5]
        if function == b"S2":
            self._dots = data[5]
        if function[:1] != b"P":
            return 6
        code = qrcode.QRCode(error_correction=_LEVELS[self._level], border=0)
        code.add_data(QRData(self._payload, mode=MODE_8BIT_BYTE))
        code.make(fit=True)
        side = len(code.modules)
        image = Image.new("L", (side, side), 255)
        image.putdata([0 if module else 255 for row in code.modules for module in row])
        self._end_line()
        self._place(image.resize((side * self._dots,) * 2, 0), self._align, code=self._payload)
        return 4

    def _end_line(self, *, always: bool = False) -> None:
        line, self._line = self._line, []
        if not line:
            if always:
                self._blank(_LINE)
            return
        tall = max(high for _, _, high, _ in line) + 1
        image = Image.new("L", (sum(_CELL * (wide + 1) for *_, wide in line), _LINE * tall), 255)
        left = 0
        for letter, bold, high, wide in line:
            size = (_CELL * (wide + 1), HEIGHT * (high + 1))
            if not letter.isspace():
                top = image.height - 3 * tall - size[1]
                image.paste(cell_of(letter, *size, bold=bold), (left, top))
            left += size[0]
        self._place(image, self._align, text="".join(letter for letter, *_ in line))

    def _place(self, image: Image.Image, align: int, *, text: str = "", code: bytes = b"") -> None:
        band = Image.new("L", (self._width, image.height), 255)
        room = self._width - image.width
        band.paste(image, (max(0, (0, room // 2, room)[align]), 0))
        self.bands.append(Band(image.height, lambda: band, text, code))

    def _blank(self, rows: int) -> None:
        if rows:
            self.bands.append(Band(rows))
