"""Whether a document came out whole on a printer, however it draws: read off its paper.

Other than ``printers/proof.py`` this knows the printer and not only the bytes: a paragraph may have
been moved as a whole, and nothing else may have become of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import zxingcpp
from PIL import Image, ImageOps

from printers.document import Cut, Document, Field, Qr, Space, Text
from printers.fonts import Fonts
from printers.interpreter.drawing import Band, drawn
from printers.languages.columns import columns_of
from printers.profile import Profile
from printers.raster import Setter, stacked
from printers.virtual.roll import Strip

MARGIN = 32
"""Dots of white at the sides of a roll that no head reaches: 4 mm."""


def bands_of(strips: Sequence[Strip]) -> list[Band]:
    """Give the bands that came out, each once."""
    found: list[Band] = []
    for strip in strips:
        if not found or found[-1] is not strip.band:
            found.append(strip.band)
    return found


def unlike(
    bands: Sequence[Band], document: Document, profile: Profile, fonts: Fonts
) -> Iterator[str]:
    """Say what of a document is not on paper as it was set; nothing: it is whole."""
    paper = _Paper(bands, profile.width)
    setter = Setter(fonts, profile.width, profile.dots_per_inch)
    column = columns_of(document, profile, setter).dots
    for number, block in enumerate(document.blocks):
        match block:
            case Cut() | Space() | Qr():
                continue
            case Text(text):
                letters = text
            case Field(label, value):
                letters = label + value
            case _:
                letters = ""
        if letters and paper.takes_letters("".join(letters.split())):
            continue
        lines = setter.block(block, rtl=document.rtl, column=column)
        if lines and not paper.takes_picture(stacked(lines, lines[0].width)):
            yield f"block {number}: {block}"
    wanted = [block.payload for block in document.blocks if isinstance(block, Qr)]
    whole = ImageOps.expand(drawn(list(bands), profile.width), MARGIN, 255)
    only = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    read = {bytes(code.bytes) for code in zxingcpp.read_barcodes(whole, formats=only)}
    for payload in wanted:
        if payload not in read:
            yield f"a code of {len(payload)} bytes"


class _Paper:
    def __init__(self, bands: Sequence[Band], width: int) -> None:
        self._items: list[str | Image.Image] = []
        pictures: list[Band] = []
        for band in bands:
            if letters := "".join(band.text.split()):
                self._flush(pictures, width)
                self._items.append(letters)
            else:
                pictures.append(band)
        self._flush(pictures, width)
        self._top = 0

    def _flush(self, bands: list[Band], width: int) -> None:
        if any(band.paint for band in bands):
            self._items.append(drawn(bands, width))
        bands.clear()

    def takes_letters(self, wanted: str) -> bool:
        """Take a text in the printer's own letters, the next thing on paper or after pictures."""
        for first in range(len(self._items)):
            letters = ""
            for place in range(first, len(self._items)):
                item = self._items[place]
                letters += item if isinstance(item, str) else "\0"
                if letters == wanted:
                    del self._items[first : place + 1]
                    return True
                if not wanted.startswith(letters):
                    break
        return False

    def takes_picture(self, wanted: Image.Image) -> bool:
        """Find a drawn block, moved as a whole or not, below the last one that was found."""
        ink = _inked(wanted)
        if ink is None:
            return True
        for item in self._items:
            if not isinstance(item, Image.Image):
                continue
            for top in range(item.height - ink.height + 1):
                rows = item.crop((0, top, item.width, top + ink.height))
                box = rows.point(lambda dot: 255 - dot).getbbox()
                if box is None or box[3] - box[1] != ink.height or box[2] - box[0] != ink.width:
                    continue
                if rows.crop(box).tobytes() == ink.tobytes():
                    return True
        return False


def _inked(image: Image.Image) -> Image.Image | None:
    box = image.point(lambda dot: 255 - dot).getbbox()
    return image.crop(box) if box else None
