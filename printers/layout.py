"""Where text stands: measured and broken into lines once, for pictures and for pages alike."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from PIL import ImageFont

from printers.bidi import EMBEDDINGS, balanced, is_rtl, isolated, with_values_kept
from printers.breaks import wrapped
from printers.document import Align, Text
from printers.fonts import Fonts

USUAL = 203
"""Dots an inch for which sizes are given; other printers' sizes are scaled from it."""
_SIZES = {"small": 22, "normal": 26, "large": 36}
"""Type sizes in dots: 2.75, 3.25 and 4.5 mm at 203 dpi."""
_GAP = 8
"""Dots between a label and its value at the least."""
_MOST_MARKS = 8
"""Marks on one letter that are kept: no orthography has more, and each makes the line higher."""


@dataclass(frozen=True, slots=True)
class Run:
    """A text set in one piece, in its logical order: ``x`` dots from the left of the paper.

    ``direction`` is the way its paragraph reads, whatever it begins with; none: its own.
    """

    text: str
    x: float
    font: ImageFont.FreeTypeFont
    direction: Literal["ltr", "rtl"] | None = None


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
    plain = not any(unicodedata.bidirectional(character) == "L" for character in block.text)
    return "right" if block.align == "left" and rtl and plain else block.align


def printable(text: str) -> str:
    """Leave out what no paper shows: controls, of direction too, half letters, heaps of marks."""
    found: list[str] = []
    marks = 0
    for character in text:
        if character.isspace():
            character = " "
        if character in EMBEDDINGS or unicodedata.category(character) in ("Cc", "Cs"):
            continue
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MOST_MARKS:
            found.append(character)
    return "".join(found)


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
        rtl = is_rtl(text)
        if align == "left" and rtl:
            align = "right"
        return self._lines(text, font, align, rtl=rtl)

    def label_column(self, labels: Sequence[str]) -> int:
        """Give the dots that the widest of these labels takes, with the white behind it."""
        size = self._sizes["small"]
        widths = (self._fonts.font(text, size).getlength(text) for text in map(printable, labels))
        return math.ceil(max(widths, default=0.0)) + 2 * _GAP

    def field(
        self, label: str, value: str, *, bold: bool = False, rtl: bool = False, column: int = 0
    ) -> list[Line]:
        """Set a label and its value side by side, or one above the other where they are long.

        ``column``: where values begin, in dots from the labels' side; 0: the usual place.
        """
        label, value = printable(label), printable(value)
        label_font = self._fonts.font(label, self._sizes["small"])
        value_font = self._fonts.font(value, self._sizes["normal"], bold=bold)
        column = column or int(self._width * 0.36)
        room = self._width - column
        if label_font.getlength(label) <= column - _GAP and value_font.getlength(value) <= room:
            x_label: float = 0
            x_value: float = column
            if rtl:
                x_label = self._width - label_font.getlength(label)
                x_value = room - value_font.getlength(value)
            return [
                self._line(
                    Run(label, x_label, label_font), Run(isolated(value), x_value, value_font)
                )
            ]
        align: Align = "right" if rtl else "left"
        own: Align = "right" if is_rtl(value) or rtl else "left"
        return [
            *self._lines(label, label_font, align, rtl=is_rtl(label)),
            *self._lines(value, value_font, own, rtl=is_rtl(value)),
        ]

    def _lines(
        self, text: str, font: ImageFont.FreeTypeFont, align: Align, *, rtl: bool
    ) -> list[Line]:
        """Set a paragraph whose every line reads the paragraph's way, whatever it begins with."""
        direction: Literal["ltr", "rtl"] = "rtl" if rtl else "ltr"

        def length(piece: str) -> float:
            return font.getlength(piece, direction=direction)

        def ink(piece: str) -> float:
            """Measure as letters are: at the ends of a line some reach beyond their places."""
            found = length(piece)
            if found + font.size < self._width:
                return found
            left, _, right, _ = _ink(Run(piece, 0, font, direction))
            return max(found, right - left)

        found = []
        for line in balanced(wrapped(with_values_kept(text), ink, self._width)):
            room = self._width - length(line)
            x = {"left": 0.0, "centre": room / 2, "right": room}[align]
            found.append(self._line(Run(line, x, font, direction)))
        return found

    def _line(self, *runs: Run) -> Line:
        """Put runs on one line that is as high as their ink, and at least as their type is.

        Each is moved so that all of its ink is on the paper. A font's own height is that of its
        usual letters: stacked consonants and accents reach beyond it.
        """
        ascent, descent, inside = 0, 0, []
        for run in runs:
            left, top, right, bottom = _ink(run)
            above, below = run.font.getmetrics()
            ascent = max(ascent, above, math.ceil(-top))
            descent = max(descent, below, math.ceil(bottom))
            inside.append(replace(run, x=max(min(run.x, self._width - right), -left)))
        return Line(ascent + descent, ascent, tuple(inside))


def _ink(run: Run) -> tuple[float, float, float, float]:
    """Give where the ink of a run is, in dots from its place: left, top, right, bottom."""
    left, top, right, bottom = run.font.getbbox(
        run.text, mode="1", anchor="ls", direction=run.direction
    )
    return min(left, 0), top, right, bottom
