"""What commands put on paper: lines of text, rows of dots and QR codes, as bands of known height.

A band knows its height at once and is drawn only when someone looks at the paper.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.exceptions import DataOverflowError
from qrcode.util import MODE_8BIT_BYTE, QRData

from printers.interpreter.letters import CELL, cell_of

SPACING = 30
"""Dots: the usual line spacing."""
_LEVELS = {48: ERROR_CORRECT_L, 49: ERROR_CORRECT_M, 50: ERROR_CORRECT_Q, 51: ERROR_CORRECT_H}


@dataclass(frozen=True, slots=True)
class Band:
    """Rows of paper: ``height`` in dots, what was written or encoded there, and how it is drawn.

    ``paint`` gives an image (black 0, white 255) of the width of the paper; none: white.
    """

    height: int
    paint: Callable[[], Image.Image] | None = None
    text: str = ""
    code: bytes = b""


@dataclass(frozen=True, slots=True)
class Piece:
    """A letter or a column picture in a line: its width and height in dots."""

    width: int
    height: int
    text: str = ""
    bold: bool = False
    image: Image.Image | None = None


@dataclass
class State:
    """What commands set and ``ESC @`` clears."""

    align: int = 0
    margin: int = 0
    bold: bool = False
    small: bool = False
    scale: int = 0
    spacing: int = SPACING
    code_page: str = "cp437"
    tabs: tuple[int, ...] = tuple(8 * CELL * stop for stop in range(1, 33))
    line: list[Piece] = field(default_factory=list)
    qr_dots: int = 3
    qr_level: int = 48
    chinese: bool = False
    feed_units: int = 0

    @property
    def across(self) -> int:
        """How many times as wide letters are."""
        return (self.scale >> 4 & 0x07) + 1

    @property
    def down(self) -> int:
        """How many times as high letters are."""
        return (self.scale & 0x07) + 1


def line_band(state: State, paper: int) -> Band:
    """Set the letters and column pictures gathered so far as one line."""
    pieces = tuple(state.line)
    height = max(piece.height for piece in pieces)
    width = sum(piece.width for piece in pieces)
    left, rows = _left(state, width, paper), max(height, state.spacing)

    def paint() -> Image.Image:
        image = Image.new("L", (paper, rows), 255)
        x = left
        for piece in pieces:
            if piece.image is not None:
                image.paste(piece.image, (x, height - piece.height))
            elif not piece.text.isspace():
                cell = cell_of(piece.text, piece.width, piece.height, bold=piece.bold)
                image.paste(cell, (x, height - piece.height))
            x += piece.width
        return image

    return Band(rows, paint, "".join(piece.text for piece in pieces))


def picture_band(
    state: State, paper: int, image: Callable[[], Image.Image], size: tuple[int, int]
) -> Band:
    """Set a picture of a known size (width, height) by the alignment of the moment."""
    left = _left(state, size[0], paper)

    def paint() -> Image.Image:
        band = Image.new("L", (paper, size[1]), 255)
        band.paste(image(), (left, 0))
        return band

    return Band(size[1], paint)


def dots(data: bytes, width: int, height: int, across: int = 1, down: int = 1) -> Image.Image:
    """Draw rows of dots, a set bit black; ``width`` in bytes."""
    bits = bytes(byte ^ 0xFF for byte in data)
    image = Image.frombytes("1", (width * 8, height), bits).convert("L")
    if (across, down) == (1, 1):
        return image
    return image.resize((image.width * across, image.height * down), Image.Resampling.NEAREST)


def column_dots(data: bytes, columns: int, high: int, across: int, down: int) -> Image.Image:
    """Draw the columns of ``ESC *``: ``high`` bytes each, the first bit uppermost."""
    image = Image.new("L", (columns, high * 8), 255)
    for x in range(columns):
        column = int.from_bytes(data[x * high : x * high + high], "big")
        for y in range(high * 8):
            if column >> (high * 8 - 1 - y) & 1:
                image.putpixel((x, y), 0)
    size = (columns * across, high * 8 * down)
    return image.resize(size, Image.Resampling.NEAREST)


def qr_side(payload: bytes, state: State) -> int:
    """Give the side of a symbol in dots; 0: there is no symbol for so much."""
    try:
        code = _code(payload, state.qr_level)
        return (int(code.best_fit()) * 4 + 17) * state.qr_dots
    except (DataOverflowError, ValueError):
        return 0


def qr_band(payload: bytes, state: State, paper: int) -> Band:
    """Draw a symbol as printers do: in bytes, without white around it."""
    side, level = qr_side(payload, state), state.qr_level
    paint = functools.partial(_qr_image, payload, level, side)
    band = picture_band(state, paper, paint, (side, side))
    return Band(side, band.paint, code=payload)


def _qr_image(payload: bytes, level: int, side: int) -> Image.Image:
    code = _code(payload, level)
    code.make(fit=True)
    modules = len(code.modules)
    image = Image.new("L", (modules, modules), 255)
    image.putdata([0 if module else 255 for row in code.modules for module in row])
    return image.resize((side, side), Image.Resampling.NEAREST)


def _code(payload: bytes, level: int) -> qrcode.QRCode:
    # Any mask is read as well; to look for the best one takes eight times as long.
    code = qrcode.QRCode(
        error_correction=_LEVELS.get(level, ERROR_CORRECT_L), border=0, mask_pattern=0
    )
    code.add_data(QRData(payload, mode=MODE_8BIT_BYTE))
    return code


def _left(state: State, width: int, paper: int) -> int:
    room = paper - state.margin - width
    return state.margin + max(0, {0: 0, 1: room // 2, 2: room}[state.align])


def picture(image: Image.Image) -> Band:
    """Make a band of an image that is drawn already."""
    return Band(image.height, lambda: image)


def drawn(bands: list[Band], width: int) -> Image.Image:
    """Draw bands one under another."""
    whole = Image.new("L", (width, max(1, sum(band.height for band in bands))), 255)
    top = 0
    for band in bands:
        if band.paint is not None:
            whole.paste(band.paint(), (0, top))
        top += band.height
    return whole
