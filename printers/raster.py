"""Documents as dots: what every language sends that takes pictures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from printers.document import Block, Cut, Document, Field, Picture, Qr, Rule, Space, Text
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.layout import USUAL, Line, Typesetter, scaled, side
from printers.placed import placed
from printers.qr import QUIET, Symbol, lay_out

MARGIN = 256
"""Dots on each side of what is drawn unclipped: more than any letter reaches beyond its line."""


class Setter:
    """Draws the blocks of a document for paper of one width (dots)."""

    def __init__(self, fonts: Fonts, width: int, dots_per_inch: int = USUAL) -> None:
        self._typesetter = Typesetter(fonts, width, dots_per_inch)
        self._width = width
        self._dots_per_inch = dots_per_inch

    def unclipped(self, block: Text | Field, *, rtl: bool = False, column: int = 0) -> Image.Image:
        """Draw a text as :meth:`block` does, in one piece with :data:`MARGIN` dots on each side.

        No letter meets an edge there: what it has that lines have not was clipped.
        """
        lines = self._set(block, rtl=rtl, column=column)
        size = (self._width + 2 * MARGIN, sum(line.height for line in lines) + 2 * MARGIN)
        image, top = Image.new("L", size, 255), MARGIN
        for line in lines:
            _draw(line, image, MARGIN, top)
            top += line.height
        return image

    def label_column(self, labels: Sequence[str]) -> int:
        """Give the dots that the widest of these labels takes, with the white behind it."""
        return self._typesetter.label_column(labels)

    def block(
        self, block: Block, *, rtl: bool = False, tallest: int | None = None, column: int = 0
    ) -> list[Image.Image]:
        """Draw a block as lines; a QR code at most ``tallest`` dots high, its quiet zone with it.

        ``column``: where the value of a field begins, in dots from the labels' side; 0: the usual
        place. Raises :class:`PrinterError`
        ``qr.does-not-fit``.
        """
        match block:
            case Text() | Field():
                return self._drawn(self._set(block, rtl=rtl, column=column))
            case Rule():
                height = scaled(2, self._dots_per_inch)
                return [Image.new("L", (self._width, height), 0)]
            case Space(dots):
                return [Image.new("L", (self._width, scaled(dots, self._dots_per_inch)), 255)]
            case Qr(payload):
                room = self._width if tallest is None else max(1, min(self._width, tallest))
                symbol = lay_out(payload, room, dots_per_inch=self._dots_per_inch)
                return [_centred(symbol_picture(symbol), self._width)]
            case Picture():
                return [placed(block, self._width, self._dots_per_inch)]
            case Cut():
                return []

    def _set(self, block: Text | Field, *, rtl: bool, column: int) -> list[Line]:
        if isinstance(block, Text):
            align = side(block, rtl=rtl)
            return self._typesetter.paragraph(block.text, block.size, bold=block.bold, align=align)
        return self._typesetter.field(
            block.label, block.value, bold=block.bold, rtl=rtl, column=column
        )

    def _drawn(self, lines: Sequence[Line]) -> list[Image.Image]:
        images = []
        for line in lines:
            images.append(Image.new("L", (self._width, line.height), 255))
            _draw(line, images[-1], 0, 0)
        return images


def _draw(line: Line, image: Image.Image, left: int, top: int) -> None:
    draw = ImageDraw.Draw(image)
    draw.fontmode = "1"  # paper knows no grey
    for run in line.runs:
        place = (left + run.x, top + line.baseline)
        draw.text(place, run.text, 0, run.font, anchor="ls", direction=run.direction)


def stacked(images: Sequence[Image.Image], width: int) -> Image.Image:
    """Put images below one another."""
    whole = Image.new("L", (width, max(1, sum(image.height for image in images))), 255)
    top = 0
    for image in images:
        whole.paste(image, (0, top))
        top += image.height
    return whole


def packed(image: Image.Image) -> bytes:
    """Give an image's rows as bytes, black 1, the leftmost dot the highest bit of a byte."""
    width = -(-image.width // 8) * 8
    canvas = Image.new("1", (width, image.height), 1)
    canvas.paste(image.convert("1", dither=Image.Dither.NONE), (0, 0))
    return bytes(byte ^ 0xFF for byte in canvas.tobytes())


def unpacked(data: bytes, row_bytes: int) -> Image.Image:
    """Draw rows of bytes, black 1: the inverse of :func:`packed`."""
    height = len(data) // row_bytes
    bits = bytes(byte ^ 0xFF for byte in data[: height * row_bytes])
    return Image.frombytes("1", (row_bytes * 8, height), bits).convert("L")


def symbol_picture(symbol: Symbol, *, dots: int = 0, quiet: bool = True) -> Image.Image:
    """Draw a QR code at its own or another module size, with or without its quiet zone."""
    dots = dots or symbol.dots
    picture = Image.new("L", (symbol.modules, symbol.modules), 255)
    picture.putdata([0 if module else 255 for row in symbol.rows for module in row])
    drawn = picture.resize((symbol.modules * dots,) * 2, Image.Resampling.NEAREST)
    if not quiet:
        return drawn
    side = drawn.width + 2 * QUIET * dots
    whole = Image.new("L", (side, side), 255)
    whole.paste(drawn, (QUIET * dots, QUIET * dots))
    return whole


def papers(document: Document) -> Iterator[tuple[Block, ...]]:
    """Divide a document at its cuts; a paper with nothing on it is left out."""
    blocks: list[Block] = []
    for block in document.blocks:
        if isinstance(block, Cut):
            if blocks:
                yield tuple(blocks)
            blocks = []
        else:
            blocks.append(block)
    if blocks:
        yield tuple(blocks)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A paper as a picture, with each QR code's payload and place (left, top, right, bottom).

    ``room``: the dots across in which its text is set.
    """

    image: Image.Image
    room: int
    codes: tuple[tuple[bytes, tuple[int, int, int, int]], ...] = ()


def pictures(
    document: Document,
    fonts: Fonts,
    width: int,
    length: int = 0,
    dots_per_inch: int = USUAL,
    margin: int = 0,
) -> list[Image.Image]:
    """Draw each paper of a document as one picture, as :func:`sheets` does."""
    made = sheets(document, fonts, width, length, dots_per_inch, margin)
    return [sheet.image for sheet in made]


def sheets(
    document: Document,
    fonts: Fonts,
    width: int,
    length: int = 0,
    dots_per_inch: int = USUAL,
    margin: int = 0,
) -> list[Sheet]:
    """Draw each paper of a document; width, length and margin in dots.

    A ``length`` of 0 is a roll: the picture is as long as it needs. On a label that is wider than
    long the QR code stands beside the text. Raises :class:`PrinterError`, ``qr.does-not-fit`` or
    ``label.too-short``.
    """
    inside = (width - 2 * margin, max(0, length - 2 * margin))
    make = _Label(fonts, *inside, dots_per_inch, rtl=document.rtl)
    return [_framed(make.sheet(blocks), margin) for blocks in papers(document)]


class _Label:
    def __init__(
        self, fonts: Fonts, width: int, length: int, dots_per_inch: int, *, rtl: bool
    ) -> None:
        self._fonts = fonts
        self._width = width
        self._length = length
        self._dots_per_inch = dots_per_inch
        self._rtl = rtl

    def sheet(self, blocks: Sequence[Block]) -> Sheet:
        codes = [block for block in blocks if isinstance(block, Qr)]
        if len(codes) == 1 and 0 < self._length < self._width:
            return self._beside(codes[0], [block for block in blocks if block is not codes[0]])
        return self._below(blocks)

    def _below(self, blocks: Sequence[Block]) -> Sheet:
        setter = Setter(self._fonts, self._width, self._dots_per_inch)
        drawn = {
            place: setter.block(block, rtl=self._rtl)
            for place, block in enumerate(blocks)
            if not isinstance(block, Qr)
        }
        tallest = None
        codes = len(blocks) - len(drawn)
        if self._length and codes:
            used = sum(image.height for images in drawn.values() for image in images)
            tallest = (self._length - used) // codes
        for place, block in enumerate(blocks):
            if place not in drawn:
                drawn[place] = setter.block(block, rtl=self._rtl, tallest=tallest)
        places, top = [], 0
        for place, block in enumerate(blocks):
            height = sum(image.height for image in drawn[place])
            if isinstance(block, Qr):
                places.append((block.payload, (0, top, self._width, top + height)))
            top += height
        images = [image for place in sorted(drawn) for image in drawn[place]]
        return Sheet(self._fitted(stacked(images, self._width)), self._width, tuple(places))

    def _beside(self, code: Qr, blocks: Sequence[Block]) -> Sheet:
        most = min(self._length, self._width * 3 // 5)
        symbol = lay_out(code.payload, most, dots_per_inch=self._dots_per_inch)
        drawn = symbol_picture(symbol)
        room = self._width - drawn.width
        setter = Setter(self._fonts, room, self._dots_per_inch)
        lines = [image for block in blocks for image in setter.block(block, rtl=self._rtl)]
        text = stacked(lines, room)
        whole = Image.new("L", (self._width, max(text.height, self._length)), 255)
        whole.paste(text, (drawn.width if self._rtl else 0, 0))
        middle = (self._length - drawn.height) // 2
        left = 0 if self._rtl else room
        whole.paste(drawn, (left, middle))
        place = (left, middle, left + drawn.width, middle + drawn.height)
        return Sheet(self._fitted(whole), room, ((code.payload, place),))

    def _fitted(self, picture: Image.Image) -> Image.Image:
        """Make a picture as long as the label."""
        if not self._length:
            return picture
        if picture.height > self._length:
            per_millimetre = self._dots_per_inch / 25.4
            raise PrinterError(
                "label.too-short",
                "This needs a label {needed} mm long, and this one has {length} mm. Put in longer"
                " labels, or print less on them.",
                needed=math.ceil(picture.height / per_millimetre),
                length=round(self._length / per_millimetre),
            )
        whole = Image.new("L", (self._width, self._length), 255)
        whole.paste(picture, (0, 0))
        return whole


def _framed(sheet: Sheet, margin: int) -> Sheet:
    if not margin:
        return sheet
    picture = sheet.image
    whole = Image.new("L", (picture.width + 2 * margin, picture.height + 2 * margin), 255)
    whole.paste(picture, (margin, margin))
    moved = [(code, tuple(at + margin for at in place)) for code, place in sheet.codes]
    return Sheet(whole, sheet.room, tuple((code, (a, b, c, d)) for code, (a, b, c, d) in moved))


def _centred(image: Image.Image, width: int) -> Image.Image:
    whole = Image.new("L", (width, image.height), 255)
    whole.paste(image, ((width - image.width) // 2, 0))
    return whole
