"""Pictures as bands: every dot is on paper, and few bytes are on the line."""

from __future__ import annotations

import pytest
from PIL import Image
from slips import NAMES, profile

from printers.bidi import is_rtl
from printers.document import Document, Field, Qr, Rule, Space, Text
from printers.fonts import Fonts
from printers.interpreter import preview
from printers.languages import encode
from printers.languages.bands import TALLEST, BandedPicture, banded
from printers.raster import Setter, stacked

pytestmark = pytest.mark.slow  # every script is cut into bands and put together


def ink(image: Image.Image) -> tuple[int, int, int, int] | None:
    return image.point(lambda value: 255 - value).getbbox()


def together(found: BandedPicture, width: int) -> Image.Image:
    """Put bands back where a printer sets them."""
    whole = Image.new("L", (width, found.white + sum(b.white + b.ink.height for b in found.bands)))
    whole.paste(255, (0, 0, *whole.size))
    top = 0
    for band in found.bands:
        room = width - band.ink.width
        left = {"left": 0, "centre": room // 2, "right": room}[found.side]
        whole.paste(band.ink, (left, top + band.white))
        top += band.white + band.ink.height
    return whole


@pytest.mark.parametrize("align", ["left", "centre", "right"])
@pytest.mark.parametrize("script", NAMES)
def test_bands_put_together_are_the_picture_to_the_dot(
    fonts: Fonts, script: str, align: str
) -> None:
    block = Text(f"{NAMES[script]} " * 4, "large", align=align)  # type: ignore[arg-type]
    picture = stacked(Setter(fonts, 384).block(block), 384)
    found = banded(picture)
    assert together(found, 384).tobytes() == picture.tobytes()
    assert max(band.ink.height for band in found.bands) <= TALLEST


def test_no_row_that_ends_a_band_is_white(fonts: Fonts) -> None:
    for name in NAMES.values():
        for band in banded(stacked(Setter(fonts, 576).block(Text(name)), 576)).bands:
            box = ink(band.ink)
            assert box is not None
            assert (box[1], box[3]) == (0, band.ink.height)


def test_a_picture_without_ink_is_fed_and_not_sent() -> None:
    assert banded(Image.new("L", (576, 70), 255)) == BandedPicture("left", (), 70)


def test_bands_have_fewer_bytes_than_the_ink_cut_out_in_one_piece(fonts: Fonts) -> None:
    saved = []
    for name in NAMES.values():
        picture = stacked(Setter(fonts, 576).block(Field("Name", name)), 576)
        found = banded(picture)
        sent = sum(band.ink.width // 8 * band.ink.height for band in found.bands)
        box = ink(picture)
        assert box is not None
        saved.append((box[3] - box[1]) * -(-box[2] // 8) - sent)
    assert min(saved) >= 0
    assert max(saved) > 100


@pytest.mark.parametrize("rtl", [False, True])
def test_drawn_values_begin_in_one_column_as_near_as_the_longest_label_lets_them(
    fonts: Fonts, rtl: bool
) -> None:
    labels = ("नाम", "जन्म तिथि", "बैच")
    document = Document(tuple(Field(one, "HHH") for one in labels), rtl)
    paper = preview(encode(document, profile("escpos-80"), fonts), 576)
    setter = Setter(fonts, 576)
    column = setter.label_column(labels)
    assert column < 150
    height = paper.height // 3
    rows = [paper.crop((0, top * height, 576, (top + 1) * height)) for top in range(3)]
    edges = []
    for row in rows:
        near = (0, 0, 576 - column, height) if rtl else (column, 0, 576, height)
        box = ink(row.crop(near))
        assert box is not None
        edges.append(box[2] if rtl else box[0])
    assert len(set(edges)) == 1
    assert edges[0] in (range(570 - column, 577 - column) if rtl else range(7))


def test_native_and_drawn_values_of_one_slip_begin_in_the_same_column(fonts: Fonts) -> None:
    document = Document((Field("Date of birth", "HHH"), Field("Name", "Łukasz")))
    data = encode(document, profile("escpos-80"), fonts)
    assert b"\x1bD\x0f\x00" in data
    paper = preview(data, 576)
    for rows in ((0, 30), (30, paper.height)):
        box = ink(paper.crop((170, rows[0], 576, rows[1])))
        assert box is not None
        assert 170 + box[0] in range(180, 186)


def test_white_rows_are_fed_together_and_none_is_lost(fonts: Fonts) -> None:
    rule = Rule()
    near = preview(encode(Document((rule, rule)), profile("escpos-80"), fonts), 576)
    blocks = (rule, Space(200), Space(200), rule)
    data = encode(Document(blocks), profile("escpos-80"), fonts)
    assert preview(data, 576).height == near.height + 400
    assert data.count(b"\x1bJ") == 2


def test_lines_stand_as_far_apart_as_they_were_set(fonts: Fonts) -> None:
    lines = Setter(fonts, 576).block(Text("नमस्ते"))
    document = Document((Text("नमस्ते"), Text("नमस्ते"), Rule()))
    paper = preview(encode(document, profile("escpos-80"), fonts), 576)
    assert paper.height == 2 * stacked(lines, 576).height + 2


def test_a_code_is_left_to_the_printer_where_its_own_has_modules_of_half_a_millimetre(
    fonts: Fonts,
) -> None:
    """Digits and capitals are drawn tighter, so larger: but drawn they are ten times the bytes."""
    payload = b"HC1:" + b"6BFOXN%TSMAHN-H3" * 19
    data = encode(Document((Qr(payload),)), profile("epson-tm-t88"), fonts)
    assert b"1P0" + payload in data


def test_a_style_is_set_once_and_lasts(fonts: Fonts) -> None:
    blocks = tuple(Text("word", bold=True, align="centre") for _ in range(3))
    data = encode(Document(blocks), profile("escpos-80"), fonts)
    assert (data.count(b"\x1bE"), data.count(b"\x1ba")) == (1, 1)
    assert data.endswith(b"word\nword\nword\n")


@pytest.mark.parametrize("script", NAMES)
def test_a_slip_in_bands_shows_its_drawn_name_unchanged(fonts: Fonts, script: str) -> None:
    name = NAMES[script]
    drawn = stacked(Setter(fonts, 576).block(Text(name)), 576)
    paper = preview(encode(Document((Text(name),)), profile("escpos-80"), fonts), 576)
    if script == "Latin":
        assert ink(paper) is not None  # may come in the printer's own letters
        return
    want, have = ink(drawn), ink(paper)
    assert want is not None
    assert have is not None
    assert paper.crop(have).tobytes() == drawn.crop(want).tobytes()
    assert (have[0] > 288) == is_rtl(name)
