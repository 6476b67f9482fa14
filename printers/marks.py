"""Small codes that can be read only where a printer did one thing and not the other.

- ``C`` is read where ``ESC *`` draws columns of dots;
- ``W384``, ``W512``, ``W576`` where the paper is at least so many dots wide: each ends there;
- ``F0`` where ``ESC J`` is passed over: feeds stand between its parts;
- ``H0`` where bytes above 127 are letters, ``H1`` where two of them are a Chinese character: the
  first part stands behind sixteen such bytes, the others behind as much white as these take;
- ``R1`` where ``GS v 0`` draws rows and ``ESC a`` moves them, ``R0`` where it does not move them:
  the first row of both is longer than the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_Q

from printers.languages.bands import TALLEST
from printers.languages.escpos_dots import ALIGN, DOTS, LINES, columns_line, raster
from printers.qr import LEAST_DOTS, QUIET

WIDTHS = (384, 512, 576)
"""Dots across of the papers there are: 58 mm, 80 mm at 180 dpi, 80 mm."""
MARKS = ("C", *(f"W{width}" for width in WIDTHS), "F0", "H0", "H1", "R1", "R0")
_HEAD = "DIVOC CAL "
_SIDE, _QUIET = 21 * LEAST_DOTS, QUIET * LEAST_DOTS
_HIGH = b"\xa1\xb0\xc4\xe3" * 4
"""Sixteen bytes, which are eight characters in GB 18030."""
_SMALL_LETTERS, _NO_SMALL_LETTERS = b"\x1bM\x01", b"\x1bM\x00"
_AS_LETTERS, _AS_CHINESE = 16 * 9, 8 * 24
"""Dots that they take: in letters of font B, and as Chinese characters."""
_APART, _BESIDE = 9, 16
"""Dots by which parts that do not belong together are apart, downwards and across."""


def marks_in(texts: Iterable[str]) -> set[str]:
    """Give the marks among scanned texts."""
    known = {_HEAD + mark: mark for mark in MARKS}
    return {known[text.strip()] for text in texts if text.strip() in known}


def marks_drawn() -> bytes:
    """Write all marks, in ESC/POS, for a printer of which nothing is known."""
    rows = {"C": _QUIET, "W512": 512 - _SIDE}, {"W384": 384 - _SIDE, "W576": 576 - _SIDE}
    feeds = b"\x1bJ" + bytes([_APART])
    return b"".join(
        (
            DOTS + ALIGN["left"],
            *(b"".join(_lines(_row(marks))) + _gap() for marks in rows),
            feeds.join(_lines(_row({"F0": _QUIET}))) + _gap(),
            _behind_letters() + _gap(),
            _beside(),
            LINES,
        )
    )


def _behind_letters() -> bytes:
    first, second = _QUIET, _SIDE + 4 * _QUIET
    further = _AS_CHINESE - _AS_LETTERS
    top = _parts(_row({"H0": first, "H1": second}))[0]
    moved = _parts(_row({"H0": _AS_LETTERS + first, "H1": _AS_LETTERS + second + further}))[1:]
    letters = _SMALL_LETTERS + _HIGH + columns_line(top) + _NO_SMALL_LETTERS
    return letters + b"".join(columns_line(part) for part in moved)


def _beside() -> bytes:
    """Write rows of two lengths from the right: some marks have one distance from each end."""
    near, far = _QUIET, 3 * _QUIET + _SIDE
    width = (far + _SIDE + _QUIET + 7) // 8 * 8
    whole = _row({"R0": near, "R1": far}, width)
    longer = _row({"R0": near, "R1": far + _BESIDE}, width + _BESIDE)
    parts = [_parts(longer)[0], *_parts(whole)[1:]]
    return ALIGN["right"] + b"".join(raster([("left", part) for part in parts], 0)) + ALIGN["left"]


def _row(marks: Mapping[str, int], width: int = 0) -> Image.Image:
    """Draw marks beside one another, each from some dot on."""
    height = -(-_SIDE // TALLEST) * TALLEST
    row = Image.new("L", (width or max(marks.values()) + _SIDE, height), 255)
    for mark, left in marks.items():
        row.paste(_drawn(mark), (left, 0))
    return row


def _parts(row: Image.Image) -> list[Image.Image]:
    tops = range(0, row.height, TALLEST)
    return [row.crop((0, top, row.width, top + TALLEST)) for top in tops]


def _lines(row: Image.Image) -> Iterator[bytes]:
    return (columns_line(part) for part in _parts(row))


def _gap() -> bytes:
    return b"\x1b3" + bytes([_QUIET]) + b"\n" + DOTS


def _drawn(mark: str) -> Image.Image:
    code = qrcode.QRCode(version=1, error_correction=ERROR_CORRECT_Q, border=0)
    code.add_data(_HEAD + mark)
    code.make(fit=False)
    modules = Image.new("L", (21, 21), 255)
    modules.putdata([0 if module else 255 for row in code.modules for module in row])
    return modules.resize((_SIDE, _SIDE), Image.Resampling.NEAREST)
