"""StarPRNT: native text where the code page has it, dots where not, and QR codes.

Source: Star's StarPRNT command specifications: ``ESC GS t``, ``ESC GS a``, ``ESC E``, ``ESC F``,
``ESC i``, ``ESC I``, ``ESC GS S``, ``ESC GS y``, ``ESC d``, ``ESC GS ETX``. Pictures go with
``ESC GS S``, which every model in StarPRNT mode takes; ``ESC * r`` belongs to Star's graphic mode,
which is another emulation and has no text. Pictures stand at the left and are trimmed at the right
only: the specification does not say that alignment moves them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image

from printers.condition import (
    BROKEN,
    COVER_OPEN,
    OFFLINE,
    PAPER_OUT,
    SILENT,
    Condition,
    Words,
    trouble,
)
from printers.document import Document, Field, Picture, Qr, Rule, Text
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.languages.native import native, wrapped, written
from printers.layout import side
from printers.profile import Profile
from printers.qr import QUIET, Symbol, lay_out
from printers.raster import Setter, packed, stacked

BAND = 24
"""Rows of a picture at a time: what is left of one after a power cut prints as text."""
_LEFT, _CENTRE = b"\x1b\x1da\x00", b"\x1b\x1da\x01"
_ALIGN = {"left": _LEFT, "centre": _CENTRE, "right": b"\x1b\x1da\x02"}
_PLAIN = b"\x1bi\x00\x00\x1bF"
_LEVELS = {"L": 0, "M": 1, "Q": 2}
_REAL_TIME = b"\x1b\x06"
"""ESC ACK, which printers answer at once (``ESC ACK SOH``) or reset on (``ESC ACK CAN``)."""
_ANSWER = b"\x1b\x1d\x03\x01"
STATUS_QUESTION = b"\x1b\x06\x01"
"""Asks for the automatic status at once (``ESC ACK SOH``)."""
_STATUS: tuple[tuple[int, int, Words], ...] = (
    (5, 0x08, PAPER_OUT),
    (2, 0x20, COVER_OPEN),
    (3, 0x2C, BROKEN),
    (4, 0x0A, BROKEN),
    (2, 0x08, OFFLINE),
)
"""Which byte of the automatic status, which bits, and what they mean, gravest first."""


@dataclass(frozen=True, slots=True)
class ParsedAnswers:
    """What a printer has said: the documents that are out, by their ids, and how it is."""

    documents: tuple[int, ...]
    condition: Condition
    rest: bytes


def encode(document: Document, profile: Profile, fonts: Fonts) -> bytes:
    """Write a document for one printer; raises :class:`PrinterError` when a QR does not fit."""
    return b"".join(_Encoder(profile, fonts, rtl=document.rtl).document(document))


def question(document_id: int) -> bytes:
    """Ask to be told when everything before this is on paper (``ESC GS ETX 1 n1 n2``).

    The printer waits until its motor stands still, counts, and answers with the id (its last 16
    bits) and its counter.
    """
    return _ANSWER + (document_id % 65536).to_bytes(2, "little")


def heard(data: bytes) -> ParsedAnswers:
    """Read what a printer has sent: answers to :func:`question` and statuses; the last one counts.

    An answer is the question, the counter, and NUL. The first two bytes of a status say its length,
    and bits 0 and 4 are set in none but the first.
    """
    documents: list[int] = []
    condition = SILENT
    while data:
        if data[: len(_ANSWER)] == _ANSWER[: len(data)]:
            if len(data) < 8:
                break
            if data[7] == 0:
                documents.append(int.from_bytes(data[4:6], "little"))
                data = data[8:]
                continue
        elif data[0] & 0x91 == 0x01:
            if len(data) < 2:
                break
            size = _size(data)
            if size >= 6 and not any(byte & 0x11 for byte in data[1:size]):
                if len(data) < size:
                    break
                condition = _condition(data[:size])
                data = data[size:]
                continue
        data = data[1:]
    return ParsedAnswers(tuple(documents), condition, data)


def _size(data: bytes) -> int:
    return (data[0] >> 2 & 0x18 | data[0] >> 1 & 0x07) + (data[1] >> 6 & 0x02)


def _condition(status: bytes) -> Condition:
    cause = next((words for place, bits, words in _STATUS if status[place] & bits), None)
    return Condition(heard=True, cause=trouble(cause) if cause else None)


class _Encoder:
    def __init__(self, profile: Profile, fonts: Fonts, *, rtl: bool) -> None:
        self._profile = profile
        self._setter = Setter(fonts, profile.width, profile.dots_per_inch)
        self._rtl = rtl

    def document(self, document: Document) -> Iterator[bytes]:
        yield b"\x1b@" + b"\x1b\x1dt" + bytes([self._profile.code_page_id]) + b"\x1bz1"
        yield from written(document, self)

    def rule(self, block: Rule) -> Iterator[bytes]:
        yield from _picture(self._setter.block(block))

    def picture(self, block: Picture) -> Iterator[bytes]:
        yield from _picture(self._setter.block(block))

    def space(self, dots: int) -> Iterator[bytes]:
        yield _feed(dots)

    def cut(self) -> Iterator[bytes]:
        yield b"\x1bd\x03" if self._profile.cutter else _feed(120)

    def text(self, block: Text) -> Iterator[bytes]:
        text = native(block.text, self._profile.code_page)
        if text is None:
            yield from _picture(self._setter.block(block, rtl=self._rtl))
            return
        large = block.size == "large"
        yield _ALIGN[side(block, rtl=self._rtl)] + b"\x1bi" + bytes([large, large])
        yield b"\x1bE" if block.bold else b"\x1bF"
        for line in wrapped(text, self._profile.columns // (1 + large)):
            yield line + b"\n"
        yield _PLAIN + _LEFT

    def field(self, block: Field) -> Iterator[bytes]:
        label = native(block.label, self._profile.code_page)
        value = native(block.value, self._profile.code_page)
        if label is None or value is None or self._rtl:
            yield from _picture(self._setter.block(block, rtl=self._rtl))
            return
        columns = self._profile.columns
        column = columns * 3 // 8
        bold, plain = (b"\x1bE", b"\x1bF") if block.bold else (b"", b"")
        if len(label) < column and len(value) <= columns - column:
            yield label.ljust(column) + bold + value + plain + b"\n"
            return
        for line in wrapped(label, columns):
            yield line + b"\n"
        for line in wrapped(value, columns):
            yield bold + line + plain + b"\n"

    def qr(self, payload: bytes) -> Iterator[bytes]:
        drawn = lay_out(payload, self._profile.width, dots_per_inch=self._profile.dots_per_inch)
        symbol = self._by_printer(payload)
        if symbol is not None and symbol.dots >= drawn.dots:
            yield _CENTRE + _native_qr(payload, symbol) + _LEFT
        else:
            yield from _picture(self._setter.block(Qr(payload)))

    def _by_printer(self, payload: bytes) -> Symbol | None:
        """Lay out what the printer would make itself: all bytes, so often larger than ours."""
        if not 0 < len(payload) <= self._profile.native_qr:
            return None
        try:
            symbol = lay_out(
                payload,
                self._profile.width,
                in_bytes=True,
                dots_per_inch=self._profile.dots_per_inch,
            )
        except PrinterError:
            return None
        return None if _REAL_TIME in _native_qr(payload, symbol) else symbol


def _feed(dots: int) -> bytes:
    """Feed by eighths of a millimetre, a dot each at 203 dpi (``ESC I``)."""
    return b"\x1bI" + bytes([min(dots, 255)]) if dots > 0 else b""


def _picture(lines: Sequence[Image.Image]) -> Iterator[bytes]:
    """Write images as bands, moved by the dots that free them of real-time commands."""
    if not lines:
        return
    whole = stacked(lines, lines[0].width)
    for top in range(0, whole.height, BAND):
        band = whole.crop((0, top, whole.width, min(top + BAND, whole.height)))
        box = band.point(lambda value: 255 - value).getbbox()
        if box is None:
            yield _feed(band.height)
            continue
        yield _band(band.crop((0, 0, box[2], band.height)), whole.width)


def _band(image: Image.Image, widest: int) -> bytes:
    written = b""
    for shift in range(8):
        if image.width + shift > widest:
            break
        moved = Image.new("L", (image.width + shift, image.height), 255)
        moved.paste(image, (shift, 0))
        row = -(-moved.width // 8)
        size = row.to_bytes(2, "little") + moved.height.to_bytes(2, "little")
        written = b"\x1b\x1dS\x01" + size + b"\x00" + packed(moved)
        if _REAL_TIME not in written:
            break
    return written


def _native_qr(payload: bytes, symbol: Symbol) -> bytes:
    """The printer's own QR: model 2, level, cell size, data as they are, print (``ESC GS y``)."""
    start = b"\x1b\x1dy"
    quiet = _feed(QUIET * symbol.dots)
    return (
        quiet
        + start + b"S0\x02"
        + start + b"S1" + bytes([_LEVELS[symbol.level]])
        + start + b"S2" + bytes([symbol.dots])
        + start + b"D1\x00" + len(payload).to_bytes(2, "little") + payload
        + start + b"P"
        + quiet
    )  # fmt: skip
