"""PDF pages of any size: text stays text, and a QR code is rectangles.

Source: ISO 32000; written by fpdf2, which shapes with HarfBuzz (uharfbuzz) and knows UAX #9 with
its isolates. Lines are measured and broken by the same typesetter as every picture, in the dots of
the profile's ``dots_per_inch``; fpdf2 only places them. A page carries no date of its own: the
same document is the same bytes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from PIL import Image

from printers.bidi import is_rtl
from printers.document import Block, Cut, Document, Field, Picture, Qr, Rule, Space, Text
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.layout import Line, Run, Typesetter, scaled, side
from printers.placed import placed
from printers.profile import Profile
from printers.qr import QUIET, Symbol, lay_out
from printers.raster import papers

_MADE = datetime(2000, 1, 1, tzinfo=UTC)
"""A date must stand in the file; when a slip was made stands on it."""

_NO_ISOLATES = dict.fromkeys(range(0x2066, 0x206A))


def encode(document: Document, profile: Profile, fonts: Fonts) -> bytes:
    """Write a document as pages; a cut ends a page.

    Raises :class:`PrinterError` when a QR code does not fit on a page.
    """
    pages = _Pages(profile, fonts, rtl=document.rtl)
    for blocks in papers(document):
        pages.paper(blocks)
    return pages.finished()


def runs(document: Document, profile: Profile, fonts: Fonts) -> int:
    """Count the texts that a document has on its pages; one without any letter to see is none."""
    typesetter = Typesetter(fonts, profile.width, profile.dots_per_inch)
    lines: list[Line] = []
    for block in document.blocks:
        lines += _set(block, typesetter, rtl=document.rtl)
    return sum(_seen(run.text, fonts) for line in lines for run in line.runs)


class _Pages:
    def __init__(self, profile: Profile, fonts: Fonts, *, rtl: bool) -> None:
        self._profile = profile
        self._rtl = rtl
        self._typesetter = Typesetter(fonts, profile.width, profile.dots_per_inch)
        self._millimetre = profile.dots_per_inch / 25.4
        self._room = int((profile.paper_length - 2 * profile.margin) * self._millimetre)
        self._top = 0
        self._tallest = self._room
        self._numbers = (0, 1)
        from fpdf import FPDF  # not kept by a site without such a printer

        self._pdf = FPDF(unit="mm", format=(profile.paper_width, profile.paper_length))
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._pdf.set_creation_date(_MADE)
        self._pdf.set_text_shaping(True)
        self._families: dict[str, str] = {}

    def paper(self, blocks: Sequence[Block]) -> None:
        """Set a paper on one page, its codes as small as that needs, or on pages with numbers."""
        whole = self._room
        self._tallest = self._room_of_codes(blocks)
        if self._pages(blocks) > 1:
            self._room = whole - self._foot("1 / 1").height
            self._tallest = min(self._tallest, self._room)
            self._numbers = (0, self._pages(blocks))
        self._new_page()
        for block in blocks:
            self._block(block)
        self._room, self._numbers = whole, (0, 1)

    def _room_of_codes(self, blocks: Sequence[Block]) -> int:
        """Give the height a code may have so that all is on one page, or the page's own."""
        codes = [block.payload for block in blocks if isinstance(block, Qr)]
        self._tallest = self._room
        others = [block for block in blocks if not isinstance(block, Qr)]
        used = sum(height for block in others for height, _ in self._heights(block))
        left = (self._room - used) // max(1, len(codes))
        try:
            for payload in codes:
                self._laid_out(payload, left)
        except PrinterError:
            return self._room
        return left

    def _heights(self, block: Block) -> Iterator[tuple[int, bool]]:
        """Give what a block takes of a page, and whether a page may end before it."""
        match block:
            case Text() | Field():
                yield from ((line.height, True) for line in self._set(block))
            case Rule():
                yield scaled(2, self._profile.dots_per_inch), True
            case Space(dots):
                yield scaled(dots, self._profile.dots_per_inch), False
            case Qr(payload):
                symbol = self._laid_out(payload, self._tallest)
                yield (symbol.modules + 2 * QUIET) * symbol.dots, True
            case Picture():
                yield placed(block, self._profile.width, self._profile.dots_per_inch).height, True

    def _pages(self, blocks: Sequence[Block]) -> int:
        """Count the pages that blocks need."""
        pages, top = 1, 0
        for block in blocks:
            for height, ends in self._heights(block):
                if ends and top + height > self._room and top:
                    pages, top = pages + 1, 0
                top += height
        return pages

    def _laid_out(self, payload: bytes, tallest: int) -> Symbol:
        most = max(1, min(self._profile.width, tallest))
        return lay_out(payload, most, dots_per_inch=self._profile.dots_per_inch)

    def _set(self, block: Block) -> list[Line]:
        return _set(block, self._typesetter, rtl=self._rtl)

    def _foot(self, text: str) -> Line:
        return self._set(Text(text, "small", align="centre"))[0]

    def finished(self) -> bytes:
        if not self._pdf.pages:
            self._new_page()
        return bytes(self._pdf.output())

    def _new_page(self) -> None:
        self._pdf.add_page()
        self._top = 0
        number, of = self._numbers
        self._numbers = (number + 1, of)
        if of > 1:
            line = self._foot(f"{number + 1} / {of}")
            for run in line.runs:
                self._run(run, self._room + line.baseline)

    def _block(self, block: Block) -> None:
        match block:
            case Text() | Field():
                self._lines(self._set(block))
            case Rule():
                height = scaled(2, self._profile.dots_per_inch)
                self._rectangle(0, self._take(height), self._profile.width, height)
            case Space(dots):
                self._top += scaled(dots, self._profile.dots_per_inch)
            case Qr(payload):
                self._symbol(self._laid_out(payload, self._tallest))
            case Picture():
                resolution = self._profile.dots_per_inch
                self._drawn(placed(block, self._profile.width, resolution))
            case Cut():
                pass

    def _take(self, height: int) -> int:
        """Give the place for something of a height, on the next page where this one is full."""
        if self._top + height > self._room and self._top:
            self._new_page()
        top = self._top
        self._top += height
        return top

    def _lines(self, lines: Sequence[Line]) -> None:
        for line in lines:
            baseline = self._take(line.height) + line.baseline
            for run in line.runs:
                self._run(run, baseline)

    def _run(self, run: Run, baseline: int) -> None:
        path = str(run.font.path)
        if path not in self._families:
            self._families[path] = f"face{len(self._families)}"
            self._pdf.add_font(self._families[path], fname=path)
        size = run.font.size / self._millimetre
        self._pdf.set_font(self._families[path], size=size * 72 / 25.4)
        direction = run.direction or ("rtl" if is_rtl(run.text) else "ltr")
        # isolates would stand between the words that somebody searches for
        text = run.text if _mixed(run.text) else _plain(run.text)
        self._pdf.set_text_shaping(True, direction=direction)
        # a cell without height has its baseline three tenths of the type size below its top
        x, y = self._place(run.x, baseline)
        self._pdf.set_xy(x, y - 0.3 * size)
        self._pdf.cell(w=run.font.getlength(run.text) / self._millimetre, h=0, text=text)

    def _symbol(self, symbol: Symbol) -> None:
        side = (symbol.modules + 2 * QUIET) * symbol.dots
        top = self._take(side) + QUIET * symbol.dots
        left = (self._profile.width - side) // 2 + QUIET * symbol.dots
        for row, modules in enumerate(symbol.rows):
            for start, end in _stretches(modules):
                self._rectangle(
                    left + start * symbol.dots,
                    top + row * symbol.dots,
                    (end - start) * symbol.dots,
                    symbol.dots,
                )

    def _drawn(self, image: Image.Image) -> None:
        """Draw a picture as its black stretches: it stays sharp, and is read back like a code."""
        top, width, dots = self._take(image.height), image.width, image.tobytes()
        for row in range(image.height):
            line = dots[row * width : (row + 1) * width]
            for start, end in _stretches([grey == 0 for grey in line]):
                self._rectangle(start, top + row, end - start, 1)

    def _rectangle(self, left: int, top: int, width: int, height: int) -> None:
        x, y = self._place(left, top)
        size = (width / self._millimetre, height / self._millimetre)
        self._pdf.rect(x, y, *size, style="F")

    def _place(self, x: float, y: float) -> tuple[float, float]:
        margin = self._profile.margin
        return margin + x / self._millimetre, margin + y / self._millimetre


def _set(block: Block, typesetter: Typesetter, *, rtl: bool) -> list[Line]:
    """Set a text or a field; anything else has no lines."""
    match block:
        case Text():
            align = side(block, rtl=rtl)
            return typesetter.paragraph(block.text, block.size, bold=block.bold, align=align)
        case Field():
            return typesetter.field(block.label, block.value, bold=block.bold, rtl=rtl)
    return []


def _seen(text: str, fonts: Fonts) -> bool:
    known = set(text) - set(fonts.missing(text))
    return any(unicodedata.category(character)[0] in "LNPS" for character in known)


def _plain(text: str) -> str:
    return text.translate(_NO_ISOLATES)


def _stretches(modules: Sequence[bool]) -> list[tuple[int, int]]:
    """Give where dark modules in a row begin and end."""
    found = []
    start = None
    for place, dark in enumerate([*modules, False]):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            found.append((start, place))
            start = None
    return found


def _mixed(text: str) -> bool:
    """Say whether anything in a text reads from right to left."""
    return any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)
