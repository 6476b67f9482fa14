"""QR codes for paper: as large a module as fits, then as much repair as fits."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import qrcode
from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.util import (
    BIT_LIMIT_TABLE,
    MODE_8BIT_BYTE,
    MODE_ALPHA_NUM,
    MODE_NUMBER,
    QRData,
    mode_sizes_for_version,
)

from printers.errors import PrinterError

QUIET = 4
"""Modules of white around the symbol (ISO/IEC 18004)."""
BEST_DOTS, LEAST_DOTS = 4, 3
_MOST_DOTS = 6
_LARGEST_VERSION = 40
_SPLIT = 20
"""Digits, or capitals and digits, in a row that are worth a segment of their own."""
_LEVELS = (("Q", ERROR_CORRECT_Q), ("M", ERROR_CORRECT_M), ("L", ERROR_CORRECT_L))


@dataclass(frozen=True, slots=True)
class Symbol:
    """A laid-out symbol: rows of modules without the quiet zone, and dots a module."""

    rows: tuple[tuple[bool, ...], ...]
    dots: int
    level: str

    @property
    def modules(self) -> int:
        """Modules along one side."""
        return len(self.rows)


@lru_cache(maxsize=64)
def lay_out(
    payload: bytes, width: int, *, in_bytes: bool = False, dots_per_inch: int = 203
) -> Symbol:
    """Choose level and module size for paper of ``width`` dots, and make the symbol.

    Digits and capitals are written tighter than other bytes; ``in_bytes`` writes everything as
    bytes, as printers do that make the symbol themselves.
    The best repair (Q, M, L) that leaves at least 4 dots a module; else the best that leaves 3
    (at 203 dpi: half a millimetre and three eighths; as long in the dots of other printers).
    Raises :class:`PrinterError` ``qr.does-not-fit``: smaller modules are not read from paper.
    The last ones are remembered: a slip is encoded, proven and shown, and each asks for the same.
    """
    sizes = {}
    for name, level in _LEVELS:
        code = _code(payload, level, in_bytes=in_bytes)
        if code is not None:
            sizes[name] = (code, width // (code.modules_count + 2 * QUIET))
    for told in (BEST_DOTS, LEAST_DOTS):
        least = math.ceil(told * dots_per_inch / 203)
        for name, (code, dots) in sizes.items():
            if dots >= least:
                _make(code)
                rows = tuple(tuple(bool(module) for module in row) for row in code.modules)
                return Symbol(rows, _even(dots, dots_per_inch), name)
    raise PrinterError(
        "qr.does-not-fit",
        "A QR code of {bytes} bytes does not fit on paper {width} dots wide.",
        bytes=len(payload),
        width=width,
    )


def fits(payload: bytes, width: int, dots_per_inch: int = 203) -> bool:
    """Say whether paper of ``width`` dots can carry a payload, without drawing it."""
    return most_dots(payload, width) >= math.ceil(LEAST_DOTS * dots_per_inch / 203)


def most_dots(payload: bytes, width: int) -> int:
    """Give the dots a module that the weakest repair leaves on paper of ``width`` dots."""
    code = _code(payload, ERROR_CORRECT_L)
    return width // (code.modules_count + 2 * QUIET) if code is not None else 0


def least_modules(payload: bytes) -> int:
    """Give the modules along one side of the smallest symbol that a printer makes of a payload."""
    code = _code(payload, ERROR_CORRECT_L, in_bytes=True)
    return code.modules_count if code is not None else 0


def _make(code: qrcode.QRCode) -> None:
    try:
        code.make(fit=False)
    except ValueError:  # the library divides by zero when a block of the payload is all zeros
        raise PrinterError("qr.cannot-draw", "This QR code cannot be drawn.") from None


def _even(dots: int, dots_per_inch: int) -> int:
    """Prefer an even size: printers can double dots themselves, which saves most of the bytes."""
    if dots_per_inch != 203:
        return min(dots, _MOST_DOTS * dots_per_inch // 203)
    return min(dots - dots % 2 if dots > LEAST_DOTS else dots, _MOST_DOTS)


def _code(payload: bytes, level: int, *, in_bytes: bool = False) -> qrcode.QRCode | None:
    code = qrcode.QRCode(error_correction=level, border=0)
    if in_bytes:
        code.add_data(QRData(payload, mode=MODE_8BIT_BYTE))
    else:
        code.add_data(payload, optimize=_SPLIT)
    version = _least_version(code.data_list, level)
    if version is None:
        return None
    code.version, code.modules_count = version, version * 4 + 17
    return code


def _least_version(segments: Sequence[QRData], level: int) -> int | None:
    """Find the least version that holds some segments (ISO/IEC 18004, 7.4); none: no version does.

    The bits are counted; the library writes every one of them to know how many there are.
    """
    start = 1
    while True:
        sizes = mode_sizes_for_version(start)
        bits = sum(4 + sizes[segment.mode] + _bits(segment) for segment in segments)
        found = bisect_left(BIT_LIMIT_TABLE[level], bits, start)
        if found > _LARGEST_VERSION:
            return None
        if mode_sizes_for_version(found) is sizes:
            return found
        start = found  # its segments' lengths are written with more bits


def _bits(segment: QRData) -> int:
    length = len(segment)
    if segment.mode == MODE_NUMBER:
        return length // 3 * 10 + (0, 4, 7)[length % 3]
    if segment.mode == MODE_ALPHA_NUM:
        return length // 2 * 11 + length % 2 * 6
    return length * 8
