"""A line as HarfBuzz itself sets it: its glyphs' outlines, filled at the places that it gives."""

from __future__ import annotations

import uharfbuzz
from fontTools.pens.basePen import BasePen
from PIL import Image, ImageDraw, ImageFont

_FINE = 4
"""So many times as fine are outlines filled."""
_STEPS = 6
"""A curve is so many straight lines."""
_Point = tuple[float, float]


class _Flattened(BasePen):  # type: ignore[misc]
    """Takes a glyph's contours as polygons."""

    def __init__(self) -> None:
        super().__init__()
        self.contours: list[list[_Point]] = []

    def _moveTo(self, pt: _Point) -> None:  # noqa: N802
        self.contours.append([pt])

    def _lineTo(self, pt: _Point) -> None:  # noqa: N802
        self.contours[-1].append(pt)

    def _curveToOne(self, pt1: _Point, pt2: _Point, pt3: _Point) -> None:  # noqa: N802
        start = self.contours[-1][-1]
        for step in range(1, _STEPS + 1):
            t = step / _STEPS
            parts = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
            points = (start, pt1, pt2, pt3)
            x, y = (sum(k * p[i] for k, p in zip(parts, points, strict=True)) for i in (0, 1))
            self.contours[-1].append((x, y))


def _area(contour: list[_Point]) -> float:
    pairs = zip(contour, [*contour[1:], contour[0]], strict=True)
    return sum(x * v - u * y for (x, y), (u, v) in pairs) / 2


def set_by_harfbuzz(font: ImageFont.FreeTypeFont, text: str) -> tuple[Image.Image, float]:
    """Draw a text of one script and direction; give the ink (white 255, black 0) and its advance.

    In the font's own file and size; the advance in dots.
    """
    with open(str(font.path), "rb") as file:  # noqa: PTH123
        face = uharfbuzz.Face(file.read(), 0)
    own = uharfbuzz.Font(face)
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    uharfbuzz.shape(own, buffer)
    scale = font.size * _FINE / face.upem
    whole = int(sum(place.x_advance for place in buffer.glyph_positions) * scale)
    room = int(4 * font.size * _FINE)
    image = Image.new("L", (whole + 2 * room, 2 * room), 255)
    draw = ImageDraw.Draw(image)
    x = y = 0
    for glyph, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        pen = _Flattened()
        own.draw_glyph_with_pen(glyph.codepoint, pen)
        contours = [contour for contour in pen.contours if len(contour) > 2]
        for contour in sorted(contours, key=lambda one: -abs(_area(one))):
            points = [
                (room + (x + place.x_offset + px) * scale, room - (y + place.y_offset + py) * scale)
                for px, py in contour
            ]
            # outlines of TrueType turn clockwise, holes the other way
            draw.polygon(points, fill=0 if _area(contour) < 0 else 255)
        x += place.x_advance
        y += place.y_advance
    coarse = image.resize(
        (image.width // _FINE, image.height // _FINE), Image.Resampling.BOX
    ).point(lambda grey: 0 if grey < 128 else 255)
    return coarse.crop(coarse.point(lambda grey: 255 - grey).getbbox()), whole / _FINE
