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
from printers.languages.bands import TALLEST, banded
from printers.languages.columns import Columns, columns_of
from printers.languages.native import native, wrapped, written
from printers.layout import scaled, side
from printers.profile import Profile
from printers.qr import BEST_DOTS, QUIET, Symbol, lay_out
from printers.raster import Setter, packed, stacked, symbol_picture

BAND = TALLEST
_INIT = b"\x1b@"
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
        self._setter = Setter(fonts, profile.width, profile.dots_per_inch)
        self._rtl = rtl
        self._pen = _Pen()
        self._columns = Columns()

    def document(self, document: Document) -> Iterator[bytes]:
        units = _motion_units(self._profile.dots_per_inch)
        yield _INIT + units + b"\x1bt" + bytes([self._profile.code_page_id])
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
        align = _ALIGN[side(block, rtl=self._rtl)]
        yield self._pen.ready(align=align, size=_SIZE[block.size], bold=_BOLD[block.bold])
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
        yield self._pen.ready(align=_ALIGN["left"], size=_SIZE["normal"], bold=plain)
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
        if line.width % 2 or line.height % 2:
            yield from self._picture([line])
            return
        half = line.resize((line.width // 2, line.height // 2))
        yield self._pen.ready(align=_ALIGN["left"]) + b"".join(_bands([("left", half)], 3))

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

    def picture(self, block: Picture) -> Iterator[bytes]:
        yield from self._picture(self._setter.block(block))

    def qr(self, payload: bytes) -> Iterator[bytes]:
        symbol, native = self._laid_out(payload), self._by_printer(payload)
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
            symbol = self._laid_out(payload, in_bytes=True)
        except PrinterError:
            return None
        # the payload, or the two bytes of its length, may spell what printers act on at once
        return None if _has_real_time(_native_qr(payload, symbol)) else symbol

    def _laid_out(self, payload: bytes, *, in_bytes: bool = False) -> Symbol:
        profile = self._profile
        return lay_out(
            payload, profile.width, in_bytes=in_bytes, dots_per_inch=profile.dots_per_inch
        )

    def cut(self) -> Iterator[bytes]:
        yield self._pen.ready() + (b"\x1dVB\x00" if self._profile.cutter else b"\x1bd\x04")

    def _in_code_page(self, text: str) -> bytes | None:
        return native(text, self._profile.code_page)


def _motion_units(dots_per_inch: int) -> bytes:
    """``GS P``: a dot both ways, so that a feed counts dots; models differ in their default."""
    return b"\x1dP" + bytes([min(dots_per_inch, 255)] * 2)


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
