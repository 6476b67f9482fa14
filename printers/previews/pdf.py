"""Pages as this project writes them: where texts stand, and their rectangles drawn.

Letters are outlines in an embedded font and are not drawn here. Source: ISO 32000-1, 7.8 and 8.5:
``Td`` places a text, ``re f`` fills a rectangle, both in points from the bottom left.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

from PIL import Image, ImageDraw

_STREAM = re.compile(rb"/Length (\d+)[^>]*>>\s*stream\r?\n")
_BOX = re.compile(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]")
_NUMBER = rb"(-?[\d.]+)"
_TEXT = re.compile(rb"BT " + _NUMBER + rb" " + _NUMBER + rb" Td \(")
_FILLED = re.compile(rb" ".join([_NUMBER] * 4) + rb" re f\n")


@dataclass(frozen=True, slots=True)
class Page:
    """A page: where each text begins (x and y in dots from the top left), and its rectangles."""

    image: Image.Image
    texts: tuple[tuple[int, int], ...]


def read_pages(data: bytes, dots_per_inch: int) -> list[Page]:
    """Read the pages of a file that ``printers/languages/pdf.py`` wrote."""
    box = _BOX.search(data)
    if box is None:
        return []
    wide, tall = float(box[1]), float(box[2])
    scale = dots_per_inch / 72
    return [_page(content, wide, tall, scale) for content in _streams(data) if _is_content(content)]


def _streams(data: bytes) -> list[bytes]:
    found = []
    for head in _STREAM.finditer(data):
        packed = data[head.end() : head.end() + int(head[1])]
        try:
            found.append(zlib.decompress(packed))
        except zlib.error:
            continue
    return found


def _is_content(stream: bytes) -> bool:
    return _TEXT.search(stream) is not None or _FILLED.search(stream) is not None


def _page(content: bytes, wide: float, tall: float, scale: float) -> Page:
    image = Image.new("L", (round(wide * scale), round(tall * scale)), 255)
    draw = ImageDraw.Draw(image)
    for found in _FILLED.finditer(content):
        x, y, width, height = (float(part) for part in found.groups())
        left, top = round(x * scale), round((tall - y) * scale)
        right, bottom = round((x + width) * scale), round((tall - y - height) * scale)
        if right > left and bottom > top:
            draw.rectangle((left, top, right - 1, bottom - 1), fill=0)
    texts = tuple(
        (round(float(x) * scale), round((tall - float(y)) * scale))
        for x, y in _TEXT.findall(content)
    )
    return Page(image, texts)
