"""Where text stands: measured and broken into lines once, for pictures and for pages alike."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from PIL import ImageFont

from printers.document import Align, Text
from printers.fonts import Fonts, is_rtl

USUAL = 203
"""Dots an inch for which sizes are given; other printers' sizes are scaled from it."""
_SIZES = {"small": 22, "normal": 26, "large": 36}
"""Type sizes in dots: 2.75, 3.25 and 4.5 mm at 203 dpi."""


@dataclass(frozen=True, slots=True)
class Run:
    """A text set in one piece, in its logical order: ``x`` dots from the left of the paper."""

    text: str
    x: float
    font: ImageFont.FreeTypeFont


@dataclass(frozen=True, slots=True)
class Line:
    """Runs on one baseline; ``height`` and ``baseline`` in dots from the top of the line."""

    height: int
    baseline: int
    runs: tuple[Run, ...]


def scaled(dots: int, dots_per_inch: int) -> int:
    """Give a length that was told in dots at 203 dpi in a printer's own dots."""
    return max(1, round(dots * dots_per_inch / USUAL))


def side(block: Text, *, rtl: bool) -> Align:
    """Give the side a paragraph begins at: what has no letters follows the document."""
    plain = not any(unicodedata.bidirectional(one) == "L" for one in block.text)
    return "right" if block.align == "left" and rtl and plain else block.align


def printable(text: str) -> str:
    """Leave out what no paper shows and no shaper takes: control characters and half characters."""
    spaced = (" " if one.isspace() else one for one in text)
    return "".join(one for one in spaced if unicodedata.category(one) not in ("Cc", "Cs"))


class Typesetter:
    """Sets text as lines for paper of one width (dots)."""

    def __init__(self, fonts: Fonts, width: int, dots_per_inch: int = USUAL) -> None:
        self._fonts = fonts
        self._width = width
        self._sizes = {name: scaled(dots, dots_per_inch) for name, dots in _SIZES.items()}

    def paragraph(
        self, text: str, size: str = "normal", *, bold: bool = False, align: Align = "left"
    ) -> list[Line]:
        """Set a paragraph; one that reads from right to left begins at the right."""
        text = printable(text)
        font = self._fonts.font(text, self._sizes[size], bold=bold)
        if align == "left" and is_rtl(text):
            align = "right"
        return [self._line(line, font, align) for line in self.wrapped(text, font, self._width)]

    def field(self, label: str, value: str, *, bold: bool = False, rtl: bool = False) -> list[Line]:
        """Set a label and its value side by side, or one above the other where they are long."""
        label, value = printable(label), printable(value)
        label_font = self._fonts.font(label, self._sizes["small"])
        value_font = self._fonts.font(value, self._sizes["normal"], bold=bold)
        column = int(self._width * 0.36)
        room = self._width - column
        if label_font.getlength(label) <= column - 8 and value_font.getlength(value) <= room:
            x_label: float = 0
            x_value: float = column
            if rtl:
                x_label = self._width - label_font.getlength(label)
                x_value = room - value_font.getlength(value)
            runs = (Run(label, x_label, label_font), Run(value, x_value, value_font))
            fonts = (value_font, label_font)
            return [Line(_height(*fonts), _ascent(*fonts), runs)]
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
            while font.getlength(current) > width and len(current) > 1:
                cut = len(current) - 1
                while cut > 1 and font.getlength(current[:cut]) > width:
                    cut -= 1
                lines.append(current[:cut])
                current = current[cut:]
        return [*lines, current] if current else lines

    def _line(self, text: str, font: ImageFont.FreeTypeFont, align: Align) -> Line:
        length = font.getlength(text)
        x = {"left": 0.0, "centre": (self._width - length) / 2, "right": self._width - length}
        return Line(_height(font), _ascent(font), (Run(text, max(0.0, x[align]), font),))


def _ascent(*fonts: ImageFont.FreeTypeFont) -> int:
    return max(font.getmetrics()[0] for font in fonts)


def _height(*fonts: ImageFont.FreeTypeFont) -> int:
    return _ascent(*fonts) + max(font.getmetrics()[1] for font in fonts)
