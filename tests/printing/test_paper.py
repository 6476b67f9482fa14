"""What comes out on paper: read back by an independent decoder, in every script."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, features
from slips import NAMES, profile, slip

from printers.bidi import is_rtl
from printers.document import Align, Document, Field, Qr, Text
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.interpreter import Interpreter, preview
from printers.languages import encode
from printers.languages.escpos import BAND
from printers.languages.escpos_dots import raster
from printers.profile import Profile, read_profile
from printers.qr import BEST_DOTS, LEAST_DOTS, lay_out
from printers.raster import Setter
from printers.scripts import script_of

pytestmark = pytest.mark.slow  # every script is printed and its codes read

PAYLOAD = random.Random(7).randbytes(960)
REAL_TIME = (b"\x10\x04", b"\x10\x05", b"\x10\x14")


@pytest.mark.parametrize("script", NAMES)
@pytest.mark.parametrize("name", ["virtual-80", "virtual-58", "escpos-80", "escpos-58"])
def test_the_code_is_read_byte_for_byte_out_of_the_printed_bytes(
    fonts: Fonts, name: str, script: str
) -> None:
    model = profile(name)
    data = encode(slip(NAMES[script], PAYLOAD, rtl=script == "Arabic"), model, fonts)
    (code,) = zxingcpp.read_barcodes(preview(data, model.width))
    assert bytes(code.bytes) == PAYLOAD


@pytest.mark.parametrize("script", [name for name in NAMES if name != "Latin"])
def test_a_name_is_drawn_in_its_own_shaped_letters(fonts: Fonts, script: str) -> None:
    font = fonts.font(NAMES[script], 28)
    missing = font.getmask("\U0010fffe").getbbox()
    for letter in set(NAMES[script]) - {" "}:
        box = font.getmask(letter).getbbox()
        assert box is None or box != missing, letter  # no letter is an empty box
    assert font.getmask("A7").getbbox()  # and Latin stands beside it


def test_a_lot_keeps_its_order_on_a_slip_that_reads_from_right_to_left(fonts: Fonts) -> None:
    setter = Setter(fonts, 576)
    (mixed,) = setter.block(Field("الرقم", "4121Z025"), rtl=True)
    (alone,) = setter.block(Field("x", "4121Z025"))

    def value_of(image: Image.Image, left: int, right: int) -> bytes:
        part = image.crop((left, 0, right, image.height))
        return part.crop(part.point(lambda v: 255 - v).getbbox()).tobytes()

    assert value_of(mixed, 0, 368) == value_of(alone, 207, 576)


def test_text_that_is_not_shaped_is_refused_at_the_start(
    fonts: Fonts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "check", lambda feature: feature != "raqm")
    with pytest.raises(PrinterError, match="libfribidi0"):
        fonts.check()


def test_a_machine_without_fonts_says_which_package_is_missing(tmp_path: Path) -> None:
    with pytest.raises(PrinterError, match="fonts-noto-core"):
        Fonts(tmp_path, folders=[tmp_path]).check()


@pytest.mark.parametrize(("text", "script", "rtl"), [
    ("Zoë", "Latin", False), ("Дом", "Latin", False), ("नमस्ते", "Devanagari", False),
    ("12 سلام", "Arabic", True), ("שלום", "Hebrew", True), ("ሰላም", "Ethiopic", False),
])  # fmt: skip
def test_the_script_and_direction_of_a_text_are_known(text: str, script: str, rtl: bool) -> None:
    assert (script_of(text), is_rtl(text)) == (script, rtl)


def test_bands_are_low_and_hold_no_command_that_printers_act_on_at_once(fonts: Fonts) -> None:
    model = profile("escpos-80")
    seen = 0
    for seed in range(12):
        payload = random.Random(seed).randbytes(700)
        for name in NAMES.values():
            data = encode(slip(name, payload), model, fonts)
            position = 0
            while (position := data.find(b"\x1dv0", position)) >= 0:
                width = int.from_bytes(data[position + 4 : position + 6], "little")
                height = int.from_bytes(data[position + 6 : position + 8], "little")
                doubled = 2 if data[position + 3] == 3 else 1
                band = data[position + 8 : position + 8 + width * height]
                assert height * doubled <= BAND
                assert not any(command in band for command in REAL_TIME)
                position += 8 + width * height
                seen += 1
    assert seen > 1000


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("command", REAL_TIME)
def test_a_picture_that_spells_such_a_command_is_moved_until_it_does_not(
    command: bytes, side: Align
) -> None:
    rows = [command + bytes([0xFF, 0x00]), bytes([0x00]) + command + bytes([0x3C])] * 6
    image = Image.frombytes("1", (32, 12), bytes(byte ^ 0xFF for byte in b"".join(rows)))
    (band,) = raster([(side, image.convert("L"))], 0)
    width = int.from_bytes(band[4:6], "little")
    data = band[8:]
    assert not any(one in data for one in REAL_TIME)
    drawn = Image.frombytes("1", (width * 8, 12), bytes(byte ^ 0xFF for byte in data))
    ink = [
        one.point(lambda v: 255 - v).getbbox() for one in (drawn.convert("L"), image.convert("L"))
    ]
    pictures = [
        one.convert("L").crop(box).tobytes() for one, box in zip((drawn, image), ink, strict=True)
    ]
    assert pictures[0] == pictures[1]  # every dot is there
    moved = drawn.width - ink[0][2] if side == "right" else ink[0][0]  # type: ignore[index]
    assert moved <= 7 + (ink[1][0] if side == "left" else 32 - ink[1][2])  # type: ignore[index]


def test_a_payload_with_a_real_time_command_is_drawn_and_not_sent_as_it_is(fonts: Fonts) -> None:
    payload = b"before\x10\x04\x01after" + bytes(range(100))
    data = encode(Document((Qr(payload),)), profile("virtual-80"), fonts)
    assert b"1P0" not in data
    (code,) = zxingcpp.read_barcodes(preview(data, 576))
    assert bytes(code.bytes) == payload


@pytest.mark.parametrize(
    ("size", "width", "dots"),
    [(300, 576, 6), (960, 576, 4), (300, 384, 4), (960, 384, 3), (1400, 576, 4)],
)
def test_modules_are_as_large_as_the_paper_lets_them(size: int, width: int, dots: int) -> None:
    symbol = lay_out(random.Random(1).randbytes(size), width)
    assert symbol.dots == dots
    assert (symbol.modules + 8) * symbol.dots <= width


def test_a_payload_the_library_cannot_draw_is_an_error_in_words() -> None:
    with pytest.raises(PrinterError, match="cannot be drawn"):
        lay_out(bytes(100), 576)  # qrcode fails on a block of zeros


def test_a_code_whose_modules_would_be_too_small_is_refused() -> None:
    with pytest.raises(PrinterError, match="1500 bytes does not fit on paper 384 dots wide"):
        lay_out(random.Random(1).randbytes(1500), 384)
    assert (BEST_DOTS, LEAST_DOTS) == (4, 3)


def test_long_words_and_long_texts_stay_on_the_paper(fonts: Fonts) -> None:
    model = profile("escpos-58")
    for text in ("W" * 300, "अ" * 200, "word " * 60, "كلمة " * 60):
        paper = preview(encode(Document((Text(text),)), model, fonts), model.width)
        assert paper.width == model.width
        assert paper.height > 100


def test_the_paper_is_the_same_however_the_bytes_are_cut_up(fonts: Fonts) -> None:
    data = encode(slip(NAMES["Arabic"], PAYLOAD), profile("virtual-80"), fonts)
    whole: list[Image.Image] = []
    Interpreter(576, cut=whole.append).feed(data)
    pieces: list[Image.Image] = []
    interpreter = Interpreter(576, cut=pieces.append)
    for start in range(0, len(data), 7):
        interpreter.feed(data[start : start + 7])
    assert whole[0].tobytes() == pieces[0].tobytes()


USUAL = "language: escpos\nwidth: 576\ncolumns: 48\n"


@pytest.mark.parametrize(("content", "sentence"), [
    ("a: [", "is not a group of fields"),
    ("- a", "is not a group of fields"),
    ("language: escpos\nwidth: 576", "the field columns is missing"),
    ("language: escpos\nwidth: wide\ncolumns: 48", "the field width must be a whole number"),
    ("language: escpos\nwidth: 577\ncolumns: 48", "the field width must be a multiple of 8 dots"),
    ("language: escpos\nwidth: 576\ncolumns: 48\ncolour: red", "the field colour is not known"),
    ("language: escpos\nwidth: 576\ncolumns: 48\nconfirmation: hope", "the field confirmation must be one of"),
    ("language: escpos\nwidth: 576\ncolumns: 48\nconfirmation: host-status", "the field confirmation must be one of process-id,"),
    ("language: escpos\nwidth: 576\ncolumns: 48\nconfirmation: 5", "the field confirmation must be text"),
    ("language: escpos\nwidth: true\ncolumns: 48", "the field width must be a whole number"),
    ("language: escpos\nwidth: 576\ncolumns: 48\ncutter: 1", "the field cutter must be true or false"),
    ("language: escpos\nwidth: 127\ncolumns: 48", "the field width must be 128 to 2400 dots"),
    ("language: escpos\ncolumns: 48", "the field width is missing"),
    ("width: 576\ncolumns: 48", "the field language is missing"),
    ("language: [escpos]\nwidth: 576\ncolumns: 48", "the field language must be text"),
    ("language: escpos\nescpos_model: nobody-s", "the field escpos_model is not in the database of printers"),
    ("language: escpos\nescpos_model: [5]", "the field escpos_model is not in the database of printers"),
    ("5: x", "the field 5 is not known"),
    ("language: escpos\nwidth: 573\ncolumns: 48", "multiple of 8 dots: 576 is the nearest that works"),
    ("language: escpos\nwidth: 9000\ncolumns: 48", "128 to 2400 dots: 2400 is the nearest that works"),
    ("language: escpos\nwidth: 9\ncolumns: 48", "128 to 2400 dots: 128 is the nearest that works"),
    ("language: escpos\nwidth: 576\ncolumns: 0", "the field columns must be at least 1"),
    ("language: escpos\nwidth: 576\ncolumns: -5", "the field columns must be 0 to 400: 0 is the nearest"),
    ("language: escpos\nescpos_model: TM-T88-IV", "database of printers: perhaps TM-T88IV is meant"),
    ("language: escpos\nescpos_model: tm-t88iv", "database of printers: perhaps TM-T88IV is meant"),
    (f"{USUAL}Cutter: true", "the field Cutter is not known: perhaps cutter is meant"),
    (f"{USUAL}cuter: true", "the field cuter is not known: perhaps cutter is meant"),
    (f"{USUAL}cut: GS X", "the field cut must be one of GS V, ESC i, ESC m"),
    (f"{USUAL}pictures: GS v 1", "the field pictures must be one of GS v 0, ESC *"),
    (f"{USUAL}native_qr: 9000", "must be 0 to 7089 bytes: 7089 is the nearest that works"),
    (f"{USUAL}code_page_id: 300", "the field code_page_id must be 0 to 255: 255 is the nearest"),
    (f"{USUAL}code_page: cp8588", "no table of letters such as cp858: perhaps cp858 is meant"),
    (f"{USUAL}code_page: utf-8", "the field code_page is no table of letters"),
    (f"{USUAL}code_page: gbk", "the field code_page is no table of letters"),
    (f"{USUAL}code_page: base64", "the field code_page is no table of letters"),
    (f"{USUAL}millimetres_per_second: 0", "must be 1 to 2000: 1 is the nearest that works"),
    (f"{USUAL}dots_per_inch: 72", "must be 100 to 1200: 100 is the nearest that works"),
    (f"{USUAL}margin: 2000", "must be 0 to 1000 mm: 1000 is the nearest that works"),
])  # fmt: skip
def test_a_wrong_profile_names_its_field(tmp_path: Path, content: str, sentence: str) -> None:
    (tmp_path / "mine.yaml").write_text(content)
    with pytest.raises(PrinterError) as refused:
        read_profile(tmp_path, "mine")
    assert sentence in str(refused.value)


@pytest.mark.parametrize(("model", "own", "wrong"), [
    ("native_qr: many", "native_qr: 29", "mine.yaml the field native_qr must be a whole number"),
    ("native_qr: 29", "native_qr: many", "desk.yaml the field native_qr must be a whole number"),
    ("dots_per_inch: 5", "dots_per_inch: 203", "mine.yaml the field dots_per_inch must be 100 to 1200"),
    ("native_qr: 29", "confirmation: host-status", "desk.yaml the field confirmation must be one of"),
])  # fmt: skip
def test_of_two_files_the_one_that_is_wrong_is_named(
    tmp_path: Path, model: str, own: str, wrong: str
) -> None:
    (tmp_path / "mine.yaml").write_text(f"language: escpos\nwidth: 576\ncolumns: 48\n{model}")
    (tmp_path / "desk.yaml").write_text(own)
    with pytest.raises(PrinterError) as refused:
        read_profile(tmp_path, "mine", tmp_path / "desk.yaml")
    assert wrong in str(refused.value)


def test_an_unknown_profile_and_an_unknown_language_name_the_known_ones(
    fonts: Fonts, tmp_path: Path
) -> None:
    with pytest.raises(PrinterError, match=r"Known are: .*escpos-58"):
        profile("laser")
    with pytest.raises(
        PrinterError, match=r"printer language tspl is not known. Known are: escpos"
    ):
        encode(Document(()), Profile("x", "tspl", 576, 48), fonts)


@pytest.mark.parametrize(
    ("told", "meant"), [("escpso", "escpos"), ("ESCPOS", "escpos"), ("Brother QL", "brother-ql")]
)
def test_a_language_with_a_slip_of_the_pen_is_told_the_name_that_is_meant(
    fonts: Fonts, told: str, meant: str
) -> None:
    with pytest.raises(PrinterError, match=f"{told} is not known. Did you mean {meant}?"):
        encode(Document(()), Profile("x", told, 576, 48), fonts)


def test_a_model_is_looked_up_in_the_database_of_printers() -> None:
    model = profile("epson-tm-t88")
    assert (model.width, model.columns) == (512, 42)


@pytest.mark.parametrize("name", ["virtual-58", "virtual-80", "epson-tm-t88"])
@pytest.mark.parametrize(
    "payload",
    [b"HC1:" + b"6BFOXN%TSMAHN-H3" * 33, b"shc:/" + b"5676290952" * 60, b"certificate " * 40],
    ids=["capitals", "digits", "bytes"],
)
def test_a_code_is_whole_on_paper_whoever_makes_it(fonts: Fonts, name: str, payload: bytes) -> None:
    """A printer writes bytes where we write capitals, so its own symbol may be too wide."""
    made = profile(name)
    paper = preview(encode(Document((Qr(payload),)), made, fonts), made.width)
    white = Image.new("L", (paper.width + 80, paper.height + 80), 255)
    white.paste(paper.convert("L"), (40, 40))
    (found,) = zxingcpp.read_barcodes(white)
    assert bytes(found.bytes) == payload
