"""No letter is clipped, however high its storeys and marks are, and a slip that clips one is found."""

from __future__ import annotations

import pytest
from PIL import Image
from slips import profile

from printers import layout
from printers.document import Block, Cut, Document, Field, Size, Text
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.languages import LANGUAGES, encode
from printers.layout import Line, Run, Typesetter, printable
from printers.proof import prove
from printers.raster import MARGIN, Setter

HIGH = {
    "three storeys": "ស្ត្រី ញ្ញ៉ៅ",
    "accents on accents": "Ạ̊̄́ ṩ̌̂ J̌́ Ẩ",
    "a heap of marks": "Z" + "\u0301" * 40 + "o" + "\u0323" * 40,
    "a mark before the first letter": "\u0301\u0323abc",
}
"""What is higher or lower than a font says that its letters are."""
STACKED = HIGH["accents on accents"]
PRINTERS = ("escpos-58", "star-mc-print3", "zebra-203", "brother-ql-62")


def black(*images: Image.Image) -> int:
    return sum(image.histogram()[0] for image in images)


def box(image: Image.Image) -> tuple[int, int, int, int]:
    found = image.point(lambda grey: 255 - grey).getbbox()
    assert found is not None
    return found


@pytest.mark.parametrize("size", ["small", "normal", "large"])
@pytest.mark.parametrize("name", [
    pytest.param(name, marks=[pytest.mark.slow] * (name == "three storeys"))  # Khmer is merged
    for name in HIGH
])  # fmt: skip
def test_every_dot_of_a_letter_is_on_its_line(fonts: Fonts, name: str, size: Size) -> None:
    setter = Setter(fonts, 384)
    blocks: tuple[Text | Field, ...] = (
        Text(HIGH[name], size, bold=True),
        Text(HIGH[name], size, align="right"),
        Field("A", HIGH[name], bold=True),
        Field(HIGH[name], "A"),
    )
    for block in blocks:
        lines, whole = setter.block(block), setter.unclipped(block)
        assert black(*lines) == black(whole)
        left, top, right, bottom = box(whole)
        assert MARGIN <= left < right <= MARGIN + 384
        assert MARGIN <= top < bottom <= MARGIN + sum(line.height for line in lines)


def test_a_line_of_usual_letters_is_as_high_as_its_type(fonts: Fonts) -> None:
    (line,) = Typesetter(fonts, 384).paragraph("Zoë Đặng")
    assert line.height == sum(line.runs[0].font.getmetrics())


def test_marks_that_nobody_writes_make_no_paper_long() -> None:
    assert printable("Z" + "\u0301" * 5000 + "oe\u0301") == "Z" + "\u0301" * 8 + "oe\u0301"
    assert printable("Ạ̊̄́ שְׁמַ֖ע ཧཱུྃ ក្រ្តី") == "Ạ̊̄́ שְׁמַ֖ע ཧཱུྃ ក្រ្តី"


@pytest.mark.parametrize("name", PRINTERS)
@pytest.mark.parametrize("block", [Text(STACKED), Field("A", STACKED)])
def test_the_proof_finds_a_slip_whose_letters_are_clipped(
    fonts: Fonts, monkeypatch: pytest.MonkeyPatch, name: str, block: Block
) -> None:
    model, document = profile(name), Document((Text("Certificate"), block, Text("END"), Cut()))
    prove(encode(document, model, fonts, LANGUAGES), document, model, fonts)
    whole = Typesetter._line

    def clipped(setter: Typesetter, *runs: Run) -> Line:
        """Set a line two dots lower than its ink, as by a font that tells its height wrongly."""
        line = whole(setter, *runs)
        top = min(layout._ink(run)[1] for run in runs)
        return Line(line.height, int(-top) - 2, line.runs)

    monkeypatch.setattr(Typesetter, "_line", clipped)
    data = encode(document, model, fonts, LANGUAGES)
    with pytest.raises(PrinterError, match="missing or garbled"):
        prove(data, document, model, fonts)
