"""ESC/POS: native text where the code page has it, trimmed dots where not, and QR codes.

Sources: Epson's ESC/POS application programming guide; ``GS v 0``, ``GS ( k`` functions 165 to
181, ``GS V``. A band of dots has at most 24 rows: when power fails in the middle of one, the
printer takes what is left of it for text, and this keeps that to a few centimetres.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from PIL import Image

from printers.document import Block, Cut, Document, Field, Qr, Rule, Space, Text
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.languages.bands import TALLEST, banded
from printers.languages.native import native, wrapped
from printers.layout import side
from printers.profile import Profile
from printers.qr import BEST_DOTS, QUIET, Symbol, lay_out
from printers.raster import Setter, packed, stacked, symbol_picture

BAND = TALLEST
_INIT = b"\x1b@"
_MOTION_UNITS = b"\x1dP\xcb\xcb"
"""``GS P``: 1/203 inch both ways, so that a feed counts dots; models differ in their default."""
_TAB = b"\t"
_ALIGN = {"left": b"\x1ba\x00", "centre": b"\x1ba\x01", "right": b"\x1ba\x02"}
_SIZE = {"small": b"\x1d!\x00", "normal": b"\x1d!\x00", "large": b"\x1d!\x11"}
_BOLD = {False: b"\x1bE\x00", True: b"\x1bE\x01"}
_REAL_TIME = (b"\x10\x04", b"\x10\x05", b"\x10\x14")
"""What printers act on at once even in the middle of a picture (DLE EOT, ENQ, DC4)."""
_LEVELS = {"L": 48, "M": 49, "Q": 50}


def encode(document: Document, profile: Profile, fonts: Fonts) -> bytes:
    """Write a document for one printer; raises :class:`PrinterError` when a QR does not fit."""
    return b"".join(_Encoder(profile, fonts, rtl=document.rtl).document(document))


class _Pen:
    """Knows how the printer is set, and writes only what changes; white rows are fed together."""

    def __init__(self) -> None:
        self._set = {"align": _ALIGN["left"], "size": _SIZE["normal"], "bold": _BOLD[False]}
        self._white = 0

    def feed(self, dots: int) -> None:
        """Leave white rows before what comes next."""
        self._white += dots

    def ready(self, **wanted: bytes) -> bytes:
        """Give the commands after which the next line or picture can follow."""
        changed = [one for name, one in wanted.items() if self._set[name] != one]
        self._set.update(wanted)
        fed, self._white = self._white, 0
        feeds = [min(255, fed - done) for done in range(0, fed, 255)]
        return b"".join([*(b"\x1bJ" + bytes([rows]) for rows in feeds), *changed])


class _Encoder:
    def __init__(self, profile: Profile, fonts: Fonts, *, rtl: bool) -> None:
        self._profile = profile
        self._setter = Setter(fonts, profile.width)
        self._rtl = rtl
        self._pen = _Pen()
        self._column = self._column_dots = 0

    def document(self, document: Document) -> Iterator[bytes]:
        yield _INIT + _MOTION_UNITS + b"\x1bt" + bytes([self._profile.code_page_id])
        self._set_columns([block for block in document.blocks if isinstance(block, Field)])
        if self._column:
            yield b"\x1bD" + bytes([self._column, 0])
        for block in document.blocks:
            yield from self._block(block)

    def _block(self, block: Block) -> Iterator[bytes]:
        match block:
            case Text():
                yield from self._text(block)
            case Field():
                yield from self._field(block)
            case Rule():
                yield self._rule(block)
            case Space(dots):
                self._pen.feed(dots)
            case Qr(payload):
                yield from self._qr(payload)
            case Cut():
                yield self._pen.ready() + self._cut()

    def _set_columns(self, fields: Sequence[Field]) -> None:
        """Let values stand as near to their labels as these let them: white between is sent, too.

        Drawn and native values of one document stand in the same column.
        """
        most = self._profile.columns * 3 // 8
        cell = self._profile.width // self._profile.columns
        native = [len(block.label) + 2 for block in fields if self._natively(block)]
        drawn = [
            dots
            for block in fields
            if not self._natively(block)
            and (dots := self._setter.label_column([block.label])) <= most * cell
        ]
        self._column_dots = max(drawn, default=most * cell)
        if native:
            needed = [*native, *(math.ceil(dots / cell) for dots in drawn)]
            self._column = max((one for one in needed if one <= most), default=most)
            self._column_dots = self._column * cell

    def _natively(self, block: Field) -> tuple[bytes, bytes] | None:
        label, value = self._in_code_page(block.label), self._in_code_page(block.value)
        return None if label is None or value is None or self._rtl else (label, value)

    def _text(self, block: Text) -> Iterator[bytes]:
        text = self._in_code_page(block.text)
        if text is None:
            yield from self._picture(self._setter.block(block, rtl=self._rtl))
            return
        columns = self._profile.columns // (2 if block.size == "large" else 1)
        align = _ALIGN[side(block, rtl=self._rtl)]
        yield self._pen.ready(align=align, size=_SIZE[block.size], bold=_BOLD[block.bold])
        for line in wrapped(text, columns):
            yield line + b"\n"

    def _field(self, block: Field) -> Iterator[bytes]:
        found = self._natively(block)
        if found is None:
            yield from self._picture(
                self._setter.block(block, rtl=self._rtl, column=self._column_dots)
            )
            return
        label, value = found
        plain, own = _BOLD[False], _BOLD[block.bold]
        yield self._pen.ready(align=_ALIGN["left"], size=_SIZE["normal"], bold=plain)
        if len(label) < self._column and len(value) <= self._profile.columns - self._column:
            yield label + _TAB + self._pen.ready(bold=own) + value + b"\n"
            return
        for line in wrapped(label, self._profile.columns):
            yield line + b"\n"
        yield self._pen.ready(bold=own)
        for line in wrapped(value, self._profile.columns):
            yield line + b"\n"

    def _rule(self, block: Rule) -> bytes:
        """Draw a line at half its size, and let the printer double it (``GS v 0`` mode 3)."""
        (line,) = self._setter.block(block)
        half = line.resize((line.width // 2, line.height // 2))
        return self._pen.ready(align=_ALIGN["left"]) + b"".join(_bands([("left", half)], 3))

    def _picture(self, lines: Sequence[Image.Image]) -> Iterator[bytes]:
        """Write a paragraph as bands, moved by the printer's alignment to where they stand."""
        if not lines:
            return
        found = banded(stacked(lines, lines[0].width))
        written = _bands([(found.side, band.ink) for band in found.bands], 0)
        for band, data in zip(found.bands, written, strict=True):
            self._pen.feed(band.white)
            yield self._pen.ready(align=_ALIGN[found.side]) + data
        self._pen.feed(found.white)

    def _qr(self, payload: bytes) -> Iterator[bytes]:
        symbol, native = lay_out(payload, self._profile.width), self._by_printer(payload)
        own = native is not None and native.dots >= min(symbol.dots, BEST_DOTS)
        quiet = QUIET * (native if native is not None and own else symbol).dots
        self._pen.feed(quiet)
        yield self._pen.ready(align=_ALIGN["centre"])
        yield _native_qr(payload, native) if native is not None and own else _drawn_qr(symbol)
        self._pen.feed(quiet)

    def _by_printer(self, payload: bytes) -> Symbol | None:
        """Lay out what the printer would make itself: all bytes, so often larger than ours."""
        if len(payload) > self._profile.native_qr:
            return None
        try:
            symbol = lay_out(payload, self._profile.width, in_bytes=True)
        except PrinterError:
            return None
        # the payload, or the two bytes of its length, may spell what printers act on at once
        return None if _has_real_time(_native_qr(payload, symbol)) else symbol

    def _cut(self) -> bytes:
        return b"\x1dVB\x00" if self._profile.cutter else b"\x1bd\x04"

    def _in_code_page(self, text: str) -> bytes | None:
        return native(text, self._profile.code_page)


def _bands(images: Sequence[tuple[str, Image.Image]], mode: int) -> list[bytes]:
    """Write bands with ``GS v 0``, all moved by the dots that free them of real-time commands."""
    for shift in range(8):
        written = [_bits(image, shift, side) for side, image in images]
        if not any(_has_real_time(data) for data, _ in written):
            break
    return [
        b"\x1dv0"
        + bytes([mode])
        + width.to_bytes(2, "little")
        + image.height.to_bytes(2, "little")
        + data
        for (data, width), (_, image) in zip(written, images, strict=True)
    ]


def _bits(image: Image.Image, shift: int, side: str) -> tuple[bytes, int]:
    """Give an image's rows as bytes, black 1, moved from its side; and the bytes of a row."""
    width = -(-(image.width + shift) // 8)
    canvas = Image.new("L", (width * 8, image.height), 255)
    left = canvas.width - image.width - shift if side == "right" else shift
    canvas.paste(image, (left, 0))
    return packed(canvas), width


def _has_real_time(data: bytes) -> bool:
    return any(command in data for command in _REAL_TIME)


def _native_qr(payload: bytes, symbol: Symbol) -> bytes:
    """The printer's own QR: model 2, module size, level, data, print (``GS ( k``)."""

    def function(body: bytes) -> bytes:
        return b"\x1d(k" + len(body).to_bytes(2, "little") + body

    return (
        function(b"1A2\x00")
        + function(b"1C" + bytes([symbol.dots]))
        + function(b"1E" + bytes([_LEVELS[symbol.level]]))
        + function(b"1P0" + payload)
        + function(b"1Q0")
    )


def _drawn_qr(symbol: Symbol) -> bytes:
    """The symbol as bands; at even sizes the printer doubles the dots (``GS v 0`` mode 3)."""
    factor, mode = (symbol.dots // 2, 3) if symbol.dots % 2 == 0 else (symbol.dots, 0)
    side = symbol.modules * factor
    drawn = symbol_picture(symbol, dots=factor, quiet=False)
    rows = BAND // (2 if mode == 3 else 1)
    parts = [
        ("centre", drawn.crop((0, top, side, min(top + rows, side))))
        for top in range(0, side, rows)
    ]
    return b"".join(_bands(parts, mode))
