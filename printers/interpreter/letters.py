"""A printer's own letters: each in its cell, as a face of this machine has it.

Printers have fonts of their own that nobody else has. What a drawing must show is which letter
stands where: ``é`` and ``ñ``, lines and blocks, by the printer's code page.
"""

from __future__ import annotations

import functools
import math
import unicodedata
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

CELL, SMALL_CELL, HEIGHT = 12, 9, 24
"""Dots: the widths of fonts A and B, and the height of font A."""
_BASELINE, _TYPE = 19, 20
_FACES = (
    "NotoSansMono-Regular",
    "DejaVuSansMono",
    "NotoSans-Regular",
    "NotoSansMath-Regular",
    "NotoSansSymbols2-Regular",
    "NotoSansCJK-Regular",
)
"""Looked through in this order; what none of them has is drawn as a crossed box."""
_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_ENDS = {"LEFT": (-1, 0), "RIGHT": (1, 0), "UP": (0, -1), "DOWN": (0, 1)}
_WHOLE_LINES = {"HORIZONTAL": ("LEFT", "RIGHT"), "VERTICAL": ("UP", "DOWN")}
_SHADES = {"LIGHT SHADE": (4, 1), "MEDIUM SHADE": (2, 1), "DARK SHADE": (4, 3)}
"""Of so many dots in a row, how many are black."""
_BLOCKS = {
    "FULL BLOCK": (0, 0, 1, 1),
    "UPPER HALF BLOCK": (0, 0, 1, 0.5),
    "LOWER HALF BLOCK": (0, 0.5, 1, 1),
    "LEFT HALF BLOCK": (0, 0, 0.5, 1),
    "RIGHT HALF BLOCK": (0.5, 0, 1, 1),
}


@functools.lru_cache(maxsize=2048)
def cell_of(letter: str, width: int, height: int, *, bold: bool) -> Image.Image:
    """Draw a letter in a cell of so many dots (black 0, white 255); higher ones have larger type.

    A letter that is wider than its cell is made narrow, and one in a wide cell is stretched, as
    printers do.
    """
    times = max(1, height // HEIGHT)
    own = min(width, CELL * times)
    drawn = _graphic(letter, own, height) or _letter(letter, own, height, times, bold=bold)
    return drawn if own == width else drawn.resize((width, height), Image.Resampling.NEAREST)


def _letter(letter: str, width: int, height: int, times: int, *, bold: bool) -> Image.Image:
    font = _font(letter, _TYPE * times)
    strikes = range(2 if bold else 1)
    left, _, right, _ = font.getbbox(letter, anchor="ls")
    room = max(width, math.ceil(right - left) + strikes[-1])
    image = Image.new("L", (room, height), 255)
    draw = ImageDraw.Draw(image)
    draw.fontmode = "1"
    begins = (room - math.ceil(right - left) - strikes[-1]) // 2 - left
    for strike in strikes:  # bold: once more, a dot aside
        place = (begins + strike, height - (HEIGHT - _BASELINE) * times)
        draw.text(place, letter, 0, font, anchor="ls")
    if room == width:
        return image
    narrow = image.resize((width, height), Image.Resampling.BOX)
    return narrow.point(lambda grey: 0 if grey < 160 else 255)


@functools.lru_cache(maxsize=1024)
def _font(letter: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for path in _paths():
        if ord(letter) in _covered(path):
            return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
    return ImageFont.load_default(size)


@functools.cache
def _paths() -> tuple[Path, ...]:
    found = {
        path.stem: path
        for folder in reversed(_FOLDERS)
        for path in sorted(folder.rglob("*.tt[fc]"))
        if path.stem in _FACES
    }
    return tuple(found[stem] for stem in _FACES if stem in found)


@functools.cache
def _covered(path: Path) -> frozenset[int]:
    with TTFont(path, fontNumber=0, lazy=True) as font:
        return frozenset(font.getBestCmap())


def _graphic(letter: str, width: int, height: int) -> Image.Image | None:
    """Draw lines, blocks and shades to the edges of the cell, so that they join; others: none."""
    name = unicodedata.name(letter, "")
    image = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(image)
    if name in _BLOCKS:
        left, top, right, bottom = _BLOCKS[name]
        box = (left * width, top * height, right * width - 1, bottom * height - 1)
        draw.rectangle(box, fill=0)
    elif name in _SHADES:
        every, black = _SHADES[name]
        dots = ((x, y) for y in range(height) for x in range(width))
        draw.point([at for at in dots if (at[0] + 2 * at[1]) % every < black], fill=0)
    elif name.startswith("BOX DRAWINGS "):
        for end, double in _strokes(name.removeprefix("BOX DRAWINGS ")):
            _stroke(draw, _ENDS[end], (width, height), double=double)
    else:
        return None
    return image


def _strokes(name: str) -> list[tuple[str, bool]]:
    """Give where a box-drawing sign's lines go, and whether each is double, by its name.

    ``DOUBLE VERTICAL AND RIGHT``: both double; ``DOWN SINGLE AND LEFT DOUBLE``: each says it.
    """
    found, parts = [], name.split(" AND ")
    for part in parts:
        words = part.split()
        double = "DOUBLE" in words or ("DOUBLE" in parts[0].split()[:1] and "SINGLE" not in words)
        ends = [end for word in words for end in _WHOLE_LINES.get(word, (word,)) if end in _ENDS]
        found += [(end, double) for end in ends]
    return found


def _stroke(
    draw: ImageDraw.ImageDraw, end: tuple[int, int], size: tuple[int, int], *, double: bool
) -> None:
    x, y = size[0] // 2, size[1] // 2
    for aside in (-2, 2) if double else (0,):
        if end[0]:
            box = (min(x, x + end[0] * x), y + aside, max(x, x + end[0] * x), y + aside + 1)
        else:
            box = (x + aside, min(y, y + end[1] * y), x + aside + 1, max(y, y + end[1] * y))
        draw.rectangle(box, 0)
