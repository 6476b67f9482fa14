"""Lines of text: all of their ink is on the paper, whatever somebody typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from PIL import Image, ImageDraw

from printers.document import Align
from printers.fonts import Fonts
from printers.layout import Line, Typesetter, printable

pytestmark = pytest.mark.slow  # every script's font is merged and drawn

WIDE = {
    "leaders": "Signature " + "…" * 64 + " Doctor",
    "brackets": "王" + "（" * 40 + "小明",
    "signs": "100" + "%" * 60,
    "conjunct": "क्ष्म्य्र्क्त्स्न्" * 12 + "य",
    "vowels": "เ" * 60 + "ก",
}


@pytest.mark.parametrize("name", WIDE)
def test_what_belongs_together_and_is_wider_than_the_paper_is_torn_and_not_cut_off(
    fonts: Fonts, name: str
) -> None:
    for width in (384, 576):
        lines = Typesetter(fonts, width).field("Name", WIDE[name], bold=True)[1:]
        set_ = "".join(run.text for line in lines for run in line.runs)
        assert set_.replace(" ", "") == WIDE[name].replace(" ", "")
        assert all(left >= 0 and right <= width for left, right in inked(lines))


def inked(lines: Sequence[Line]) -> Iterator[tuple[float, float]]:
    """Find where the ink of each run is on the paper, in dots: drawn with room around it."""
    room = 100
    for line in lines:
        for run in line.runs:
            canvas = Image.new("L", (1500, line.height + 2 * room), 255)
            draw = ImageDraw.Draw(canvas)
            draw.fontmode = "1"
            place = (run.x + room, line.baseline + room)
            draw.text(place, run.text, 0, run.font, anchor="ls", direction=run.direction)
            if box := canvas.point(lambda value: 255 - value).getbbox():
                yield box[0] - room, box[2] - room


@pytest.mark.parametrize("align", ["left", "centre", "right"])
@pytest.mark.parametrize("text", [
    "శ్రీనివాస్ స్త్రీ కృష్ణ లక్ష్మీ", "क्षत्रिय र्त्स्न्य द्ध्र्य हृदय ऐँ र्कीं", "রহিমা খাতুন স্ত্রী র্ক্ষ্ম",
    "Ẩ Ữ Ộ Nguyễn ỄẾ", "Zoë Đặng-Łukasiewicz J̌ f", "ປີ່ ຜູ້ ນ້ຳ", "فاطمة الزهراء مُحَمَّدٌ",
])  # fmt: skip
def test_no_dot_of_a_letter_is_beyond_the_edge_of_the_paper(
    fonts: Fonts, text: str, align: Align
) -> None:
    for words in range(1, 5):
        said = " ".join(text.split() * words)
        for width in range(300, 420, 7):
            setter = Typesetter(fonts, width)
            for size in ("small", "normal", "large"):
                for left, right in inked(setter.paragraph(said, size, bold=True, align=align)):
                    assert left >= 0, (said, width, size, left)
                    assert right <= width, (said, width, size, right)


def test_a_name_that_holds_controls_of_direction_leaves_the_paper_in_order(fonts: Fonts) -> None:
    name = "Anna \u202eSmith\u202c\u2067 Kovacs"
    assert printable(name) == "Anna Smith\u2067 Kovacs"
    (line,) = Typesetter(fonts, 576).field("Name", name)
    assert "\u202e" not in line.runs[1].text
