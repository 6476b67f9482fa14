"""Text as dots: shaped by raqm, wrapped, trimmed."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

from printers.document import Align
from printers.fonts import Fonts, is_rtl, isolated

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
        if align == "left" and is_rtl(text):
            align = "right"
        return [self._line(line, font, align) for line in self.wrapped(text, font, self._width)]

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
        lines = [
            self._line(line, label_font, align)
            for line in self.wrapped(label, label_font, self._width)
        ]
        own: Align = "right" if is_rtl(value) or rtl else "left"
        return lines + [
            self._line(line, value_font, own)
            for line in self.wrapped(value, value_font, self._width)
        ]

    def wrapped(self, text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
        """Break a text between words; a word longer than the paper is broken anywhere."""
        lines: list[str] = []
        current = ""
        for word in text.split():
            attempt = f"{current} {word}".strip()
            if not current or font.getlength(attempt) <= width:
                current = attempt
            else:
                lines.append(current)
                current = word
            while font.getlength(current) > width:
                cut = len(current) - 1
                while cut > 1 and font.getlength(current[:cut]) > width:
                    cut -= 1
                lines.append(current[:cut])
                current = current[cut:]
        return [*lines, current] if current else lines

    def _line(self, text: str, font: ImageFont.FreeTypeFont, align: Align) -> Image.Image:
        image = Image.new("L", (self._width, _height(font)), 255)
        length = font.getlength(text)
        x = {"left": 0.0, "centre": (self._width - length) / 2, "right": self._width - length}
        _draw(image).text((max(0.0, x[align]), _ascent(font)), text, 0, font, anchor="ls")
        return image


def _draw(image: Image.Image) -> ImageDraw.ImageDraw:
    draw = ImageDraw.Draw(image)
    draw.fontmode = "1"  # paper knows no grey
    return draw


def _ascent(*fonts: ImageFont.FreeTypeFont) -> int:
    return max(font.getmetrics()[0] for font in fonts)


def _height(*fonts: ImageFont.FreeTypeFont) -> int:
    return _ascent(*fonts) + max(font.getmetrics()[1] for font in fonts)
