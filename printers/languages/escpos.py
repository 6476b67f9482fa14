"""ESC/POS: native text where the code page has it, trimmed dots where not, and QR codes.

Sources: Epson's ESC/POS application programming guide; ``GS v 0``, ``GS ( k`` functions 165 to
181, ``GS V``. A band of dots has at most 24 rows: when power fails in the middle of one, the
printer takes what is left of it for text, and this keeps that to a few centimetres.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PIL import Image

from printers.document import Document, Field, Rule, Text
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.languages.native import native, wrapped, written
from printers.layout import scaled, side
from printers.profile import Profile
from printers.qr import QUIET, Symbol, lay_out
from printers.raster import Setter, packed, stacked, symbol_picture

BAND = 24
_INIT = b"\x1b@"
_ALIGN = {"left": b"\x1ba\x00", "centre": b"\x1ba\x01", "right": b"\x1ba\x02"}
_SIZE = {"small": 0x00, "normal": 0x00, "large": 0x11}
_REAL_TIME = (b"\x10\x04", b"\x10\x05", b"\x10\x14")
"""What printers act on at once even in the middle of a picture (DLE EOT, ENQ, DC4)."""
_LEVELS = {"L": 48, "M": 49, "Q": 50}


def encode(document: Document, profile: Profile, fonts: Fonts) -> bytes:
    """Write a document for one printer; raises :class:`PrinterError` when a QR does not fit."""
    return b"".join(_Encoder(profile, fonts, rtl=document.rtl).document(document))


class _Encoder:
    def __init__(self, profile: Profile, fonts: Fonts, *, rtl: bool) -> None:
        self._profile = profile
        self._setter = Setter(fonts, profile.width, profile.dots_per_inch)
        self._rtl = rtl

    def document(self, document: Document) -> Iterator[bytes]:
        units = _motion_units(self._profile.dots_per_inch)
        yield _INIT + units + b"\x1bt" + bytes([self._profile.code_page_id])
        yield from written(document, self)

    def rule(self, block: Rule) -> Iterator[bytes]:
        yield _picture(self._setter.block(block), "left")

    def space(self, dots: int) -> Iterator[bytes]:
        yield b"\x1bJ" + bytes([min(scaled(dots, self._profile.dots_per_inch), 255)])

    def text(self, block: Text) -> Iterator[bytes]:
        text = self._in_code_page(block.text)
        align = side(block, rtl=self._rtl)
        if text is None:
            yield _picture(self._setter.block(block, rtl=self._rtl), align)
            return
        style = b"\x1d!" + bytes([_SIZE[block.size]]) + b"\x1bE" + bytes([block.bold])
        columns = self._profile.columns // (2 if block.size == "large" else 1)
        yield _ALIGN[align] + style
        for line in wrapped(text, columns):
            yield line + b"\n"
        yield b"\x1d!\x00\x1bE\x00" + _ALIGN["left"]

    def field(self, block: Field) -> Iterator[bytes]:
        label, value = self._in_code_page(block.label), self._in_code_page(block.value)
        if label is None or value is None or self._rtl:
            images = self._setter.block(block, rtl=self._rtl)
            yield _picture(images, "right" if self._rtl else "left")
            return
        column = self._profile.columns * 3 // 8
        bold, plain = (b"\x1bE\x01", b"\x1bE\x00") if block.bold else (b"", b"")
        if len(label) < column and len(value) <= self._profile.columns - column:
            yield label.ljust(column) + bold + value + plain + b"\n"
            return
        for line in wrapped(label, self._profile.columns):
            yield line + b"\n"
        for line in wrapped(value, self._profile.columns):
            yield bold + line + plain + b"\n"

    def qr(self, payload: bytes) -> Iterator[bytes]:
        symbol, native = self._laid_out(payload), self._by_printer(payload)
        if native is not None and native.dots >= symbol.dots:
            yield _ALIGN["centre"] + _native_qr(payload, native) + _ALIGN["left"]
        else:
            yield _ALIGN["centre"] + _drawn_qr(symbol) + _ALIGN["left"]

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
        yield b"\x1dVB\x00" if self._profile.cutter else b"\x1bd\x04"

    def _in_code_page(self, text: str) -> bytes | None:
        return native(text, self._profile.code_page)


def _motion_units(dots_per_inch: int) -> bytes:
    """``GS P``: a dot both ways, so that a feed counts dots; models differ in their default."""
    return b"\x1dP" + bytes([min(dots_per_inch, 255)] * 2)


def _picture(lines: Sequence[Image.Image], align: str) -> bytes:
    """Write images as bands, each trimmed to what is black and set by the printer's alignment."""
    if not lines:
        return b""
    whole = stacked(lines, lines[0].width)
    height = whole.height
    bands = [
        whole.crop((0, top, whole.width, min(top + BAND, height))) for top in range(0, height, BAND)
    ]
    trimmed = [_trimmed(band, align) for band in bands]
    written = iter(_bands([found for found in trimmed if found], 0))
    parts, current = [], "left"
    for band, found in zip(bands, trimmed, strict=True):
        if found is None:
            parts.append(b"\x1bJ" + bytes([band.height]))
            continue
        if found[0] != current:
            current = found[0]
            parts.append(_ALIGN[current])
        parts.append(next(written))
    return b"".join(parts) + (_ALIGN["left"] if current != "left" else b"")


def _trimmed(band: Image.Image, align: str) -> tuple[str, Image.Image] | None:
    """Cut away the white around, and name the side the rest is set from; none: all white."""
    box = band.point(lambda value: 255 - value).getbbox()
    if box is None:
        return None
    left, right = box[0], band.width - box[2]
    if align == "centre":
        keep = min(left, right) // 8 * 8
        return "centre", band.crop((keep, 0, band.width - keep, band.height))
    if align == "right" or right < left:
        return "right", band.crop((left // 8 * 8, 0, band.width, band.height))
    return "left", band.crop((0, 0, min(band.width, -(-box[2] // 8) * 8), band.height))


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

    quiet = b"\x1bJ" + bytes([min(255, QUIET * symbol.dots)])
    return (
        quiet
        + function(b"1A2\x00")
        + function(b"1C" + bytes([symbol.dots]))
        + function(b"1E" + bytes([_LEVELS[symbol.level]]))
        + function(b"1P0" + payload)
        + function(b"1Q0")
        + quiet
    )


def _drawn_qr(symbol: Symbol) -> bytes:
    """The symbol as bands; at even sizes the printer doubles the dots (``GS v 0`` mode 3)."""
    factor, mode = (symbol.dots // 2, 3) if symbol.dots % 2 == 0 else (symbol.dots, 0)
    side = symbol.modules * factor
    drawn = symbol_picture(symbol, dots=factor, quiet=False)
    rows = BAND // (2 if mode == 3 else 1)
    quiet = b"\x1bJ" + bytes([min(255, QUIET * symbol.dots)])
    parts = [
        ("centre", drawn.crop((0, top, side, min(top + rows, side))))
        for top in range(0, side, rows)
    ]
    bands = _bands(parts, mode)
    return quiet + b"".join(bands) + quiet
