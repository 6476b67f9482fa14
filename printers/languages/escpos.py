"""ESC/POS: native text where the code page has it, trimmed dots where not, and QR codes.

Sources: Epson's ESC/POS application programming guide; ``GS v 0``, ``GS ( k`` functions 165 to
181, ``GS V``. A band of dots has at most 24 rows: when power fails in the middle of one, the
printer takes what is left of it for text, and this keeps that to a few centimetres.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PIL import Image

from printers.document import Document, Field, Picture, Rule, Text
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.languages.bands import TALLEST
from printers.languages.columns import Columns, columns_of
from printers.languages.escpos_dots import ALIGN, LINES, Pen, has_real_time, raster
from printers.languages.native import native, wrapped, written
from printers.layout import scaled, side
from printers.profile import Profile
from printers.qr import BEST_DOTS, QUIET, Symbol, lay_out
from printers.raster import Setter, stacked, symbol_picture

BAND = TALLEST
INIT = b"\x1b@\x1c."
"""Forget what was set, and leave Chinese mode, in which clones wake (``ESC @``, ``FS .``)."""
_TAIL = b"\n" * 4
"""What lies between the head and where paper is torn or cut: 15 mm, in lines, which all feed."""
_CUTS = {"GS V": b"\x1dVB\x00", "ESC i": b"\x1bi", "ESC m": b"\x1bm"}
_TAB = b"\t"
_SIZE = {"small": b"\x1d!\x00", "normal": b"\x1d!\x00", "large": b"\x1d!\x11"}
_BOLD = {False: b"\x1bE\x00", True: b"\x1bE\x01"}
_LEVELS = {"L": 48, "M": 49, "Q": 50}


def cut_off(profile: Profile) -> bytes:
    """Feed the last line past where the paper is torn, and cut it off."""
    if not profile.cutter:
        return _TAIL
    fed = profile.cut == "GS V" and profile.cut_feeds
    return (b"" if fed else _TAIL) + _CUTS[profile.cut]


def encode(document: Document, profile: Profile, fonts: Fonts) -> bytes:
    """Write a document for one printer; raises :class:`PrinterError` when a QR does not fit."""
    return b"".join(_Encoder(profile, fonts, rtl=document.rtl).document(document))


class _Encoder:
    def __init__(self, profile: Profile, fonts: Fonts, *, rtl: bool) -> None:
        self._profile = profile
        self._setter = Setter(fonts, profile.width, profile.dots_per_inch)
        self._rtl = rtl
        self._pen = Pen(profile, size=_SIZE["normal"], bold=_BOLD[False])
        self._columns = Columns()

    def document(self, document: Document) -> Iterator[bytes]:
        units = _motion_units(self._profile.dots_per_inch)
        yield INIT + units + b"\x1bt" + bytes([self._profile.code_page_id])
        self._columns = columns_of(document, self._profile, self._setter)
        if self._columns.letters:
            yield b"\x1bD" + bytes([self._columns.letters, 0])
        yield from written(document, self)

    def space(self, dots: int) -> Iterator[bytes]:
        self._pen.feed(scaled(dots, self._profile.dots_per_inch))
        yield b""

    def text(self, block: Text) -> Iterator[bytes]:
        text = self._in_code_page(block.text)
        if text is None:
            yield from self._picture(self._setter.block(block, rtl=self._rtl))
            return
        columns = self._profile.columns // (2 if block.size == "large" else 1)
        align = ALIGN[side(block, rtl=self._rtl)]
        size, bold = _SIZE[block.size], _BOLD[block.bold]
        yield self._pen.ready(lines=LINES, align=align, size=size, bold=bold)
        for line in wrapped(text, columns):
            yield line + b"\n"

    def field(self, block: Field) -> Iterator[bytes]:
        label, value = self._in_code_page(block.label), self._in_code_page(block.value)
        if label is None or value is None or self._rtl:
            yield from self._picture(
                self._setter.block(block, rtl=self._rtl, column=self._columns.dots)
            )
            return
        plain, own = _BOLD[False], _BOLD[block.bold]
        yield self._pen.ready(lines=LINES, align=ALIGN["left"], size=_SIZE["normal"], bold=plain)
        if (
            len(label) < self._columns.letters
            and len(value) <= self._profile.columns - self._columns.letters
        ):
            yield label + _TAB + self._pen.ready(bold=own) + value + b"\n"
            return
        for line in wrapped(label, self._profile.columns):
            yield line + b"\n"
        yield self._pen.ready(bold=own)
        for line in wrapped(value, self._profile.columns):
            yield line + b"\n"

    def rule(self, block: Rule) -> Iterator[bytes]:
        """Draw a line at half its size, and let the printer double it (``GS v 0`` mode 3)."""
        (line,) = self._setter.block(block)
        if line.width % 2 or line.height % 2 or self._profile.pictures != "GS v 0":
            yield from self._picture([line])
            return
        half = line.resize((line.width // 2, line.height // 2))
        yield self._pen.ready(align=ALIGN["left"]) + b"".join(raster([("left", half)], 3))

    def _picture(self, lines: Sequence[Image.Image]) -> Iterator[bytes]:
        """Write a paragraph as dots."""
        if lines:
            yield from self._pen.picture(stacked(lines, lines[0].width))

    def picture(self, block: Picture) -> Iterator[bytes]:
        yield from self._picture(self._setter.block(block))

    def qr(self, payload: bytes) -> Iterator[bytes]:
        symbol, native = self._laid_out(payload), self._by_printer(payload)
        own = native is not None and native.dots >= min(symbol.dots, BEST_DOTS)
        if native is not None and own:
            quiet = QUIET * native.dots
            yield self._pen.ready(align=ALIGN["centre"]) + self._pen.white(quiet)
            yield _native_qr(payload, native) + self._pen.white(quiet)
            return
        factor = 2 if symbol.dots % 2 == 0 else 1  # the printer doubles dots (``GS v 0`` mode 3)
        drawn = symbol_picture(symbol, dots=symbol.dots // factor, quiet=False)
        yield from self._pen.symbol(drawn, factor, QUIET * symbol.dots)

    def _by_printer(self, payload: bytes) -> Symbol | None:
        """Lay out what the printer would make itself: all bytes, so often larger than ours."""
        if len(payload) > self._profile.native_qr:
            return None
        try:
            symbol = self._laid_out(payload, in_bytes=True)
        except PrinterError:
            return None
        # the payload, or the two bytes of its length, may spell what printers act on at once
        return None if has_real_time(_native_qr(payload, symbol)) else symbol

    def _laid_out(self, payload: bytes, *, in_bytes: bool = False) -> Symbol:
        profile = self._profile
        return lay_out(
            payload, profile.width, in_bytes=in_bytes, dots_per_inch=profile.dots_per_inch
        )

    def cut(self) -> Iterator[bytes]:
        yield self._pen.ready(lines=LINES) + cut_off(self._profile)

    def _in_code_page(self, text: str) -> bytes | None:
        return native(text, self._profile.code_page)


def _motion_units(dots_per_inch: int) -> bytes:
    """``GS P``: a dot both ways, so that a feed counts dots; models differ in their default."""
    return b"\x1dP" + bytes([min(dots_per_inch, 255)] * 2)


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
