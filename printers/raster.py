"""Text as dots: shaped by raqm, wrapped, trimmed."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

from printers.bidi import balanced, is_rtl, isolated, with_values_kept
from printers.breaks import wrapped
from printers.document import Align
from printers.fonts import Fonts

_SIZES = {"small": 22, "normal": 26, "large": 36}
"""Type sizes in dots: 2.75, 3.25 and 4.5 mm at 203 dpi."""


class Setter:
    """Sets text for paper of one width."""

    def __init__(self, fonts: Fonts, width: int) -> None:
        self._fonts = fonts
        self._width = width

    def paragraph(
        self, text: str, size: str = "normal", *, bold: bool = False, align: Align = "left"
    ) -> list[Image.Image]:
        """Set a paragraph as lines, each an image of the paper's width (white 255, black 0)."""
        font = self._fonts.font(text, _SIZES[size], bold=bold)
        rtl = is_rtl(text)
        if align == "left" and rtl:
            align = "right"
        return self._lines(text, font, align, rtl=rtl)

    def field(
        self, label: str, value: str, *, bold: bool = False, rtl: bool = False
    ) -> list[Image.Image]:
        """Set a label and its value side by side, or one above the other where they are long."""
        label_font = self._fonts.font(label, _SIZES["small"])
        value_font = self._fonts.font(value, _SIZES["normal"], bold=bold)
        column = int(self._width * 0.36)
        room = self._width - column
        if label_font.getlength(label) <= column - 8 and value_font.getlength(value) <= room:
            image = Image.new("L", (self._width, _height(value_font, label_font)), 255)
            draw = _draw(image)
            value_text = isolated(value)
            x_label: float = 0
            x_value: float = column
            if rtl:
                x_label = self._width - label_font.getlength(label)
                x_value = room - value_font.getlength(value)
            baseline = _ascent(value_font, label_font)
            draw.text((x_label, baseline), label, 0, label_font, anchor="ls")
            draw.text((x_value, baseline), value_text, 0, value_font, anchor="ls")
            return [image]
        align: Align = "right" if rtl else "left"
        own: Align = "right" if is_rtl(value) or rtl else "left"
        return [
            *self._lines(label, label_font, align, rtl=is_rtl(label)),
            *self._lines(value, value_font, own, rtl=is_rtl(value)),
        ]

    def _lines(
        self, text: str, font: ImageFont.FreeTypeFont, align: Align, *, rtl: bool
    ) -> list[Image.Image]:
        """Set a paragraph whose every line reads the paragraph's way, whatever it begins with."""
        direction = "rtl" if rtl else "ltr"

        def length(piece: str) -> float:
            return font.getlength(piece, direction=direction)

        lines = balanced(wrapped(with_values_kept(text), length, self._width))
        return [self._line(line, font, align, direction) for line in lines]

    def _line(
        self, text: str, font: ImageFont.FreeTypeFont, align: Align, direction: str
    ) -> Image.Image:
        image = Image.new("L", (self._width, _height(font)), 255)
        length = font.getlength(text, direction=direction)
        x = {"left": 0.0, "centre": (self._width - length) / 2, "right": self._width - length}
        place = (max(0.0, x[align]), _ascent(font))
        _draw(image).text(place, text, 0, font, anchor="ls", direction=direction)
        return image


def _draw(image: Image.Image) -> ImageDraw.ImageDraw:
    draw = ImageDraw.Draw(image)
    draw.fontmode = "1"  # paper knows no grey
    return draw


def _ascent(*fonts: ImageFont.FreeTypeFont) -> int:
    return max(font.getmetrics()[0] for font in fonts)


def _height(*fonts: ImageFont.FreeTypeFont) -> int:
    return _ascent(*fonts) + max(font.getmetrics()[1] for font in fonts)
