"""Languages besides ESC/POS: read back by other people's programs, and hostile text in each."""

from __future__ import annotations

import itertools
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
import zpl_renderer
import zxingcpp
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pages import drawn_pages, text_of
from PIL import Image, ImageChops, ImageOps
from shares import first_quick, share
from slips import NAMES, profile, slip

from printers.bidi import isolated
from printers.document import Block, Cut, Document, Field, Qr, Space, Text
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.languages import LANGUAGES, brother_ql, encode, starprnt, zpl
from printers.previews import PREVIEWS, preview
from printers.previews.pdf import read_pages
from printers.profile import Profile, read_profile
from printers.raster import Setter, packed, pictures, unpacked

PAYLOAD = random.Random(7).randbytes(960)
SHORT = random.Random(7).randbytes(60)
ROLLS = ["star-mc-print3", "brother-ql-62"]
SCRIPTS = ["Latin", "Devanagari", "Arabic", "Ethiopic"]
NATIVE_STAR = replace(profile("star-mc-print3"), native_qr=2000)


def label(name: str) -> Document:
    return Document((Text(name, bold=True), Text("4121Z025", "small"), Qr(SHORT), Cut()))


def one_code(picture: Image.Image) -> bytes:
    (code,) = zxingcpp.read_barcodes(ImageOps.expand(picture.convert("L"), 40, 255))
    return bytes(code.bytes)


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("name", ROLLS)
def test_the_code_is_read_byte_for_byte_from_every_roll(
    fonts: Fonts, name: str, script: str
) -> None:
    model = profile(name)
    drawn = preview(encode(slip(NAMES[script], PAYLOAD), model, fonts), model)
    assert drawn is not None
    assert drawn.width == model.width
    assert one_code(drawn) == PAYLOAD


def test_every_language_has_a_profile_and_a_drawing_or_is_a_page(fonts: Fonts) -> None:
    names = ("escpos-80", "star-mc-print3", "zebra-203", "brother-ql-62", "page-a4", "page-a6")
    models = [profile(name) for name in names]
    assert {model.language for model in models} == set(LANGUAGES)
    assert set(LANGUAGES) - set(PREVIEWS) == {"pdf"}
    page = profile("page-a6")
    assert preview(encode(Document((Text("A"),)), page, fonts), page) is None


@pytest.mark.slow
@pytest.mark.parametrize("script", first_quick(SCRIPTS, 1))
def test_another_program_draws_the_label_dot_for_dot_and_reads_its_code(
    fonts: Fonts, script: str
) -> None:
    model = profile("zebra-203")
    data = encode(label(NAMES[script]), model, fonts)
    (theirs,) = zpl_renderer.render(data, 50, 30)
    ours = preview(data, model)
    assert ours is not None
    assert ImageChops.difference(theirs.point(lambda v: 255 * (v > 127)), ours).getbbox() is None
    assert one_code(theirs) == SHORT


def test_each_cut_is_a_label_of_its_own(fonts: Fonts) -> None:
    model = profile("zebra-203")
    two = Document((*label("Zoë").blocks, *label("Ana").blocks))
    data = encode(two, model, fonts)
    assert data.count(b"^XA") == data.count(b"^PQ1") == 2
    assert data == encode(label("Zoë"), model, fonts) + encode(label("Ana"), model, fonts)


@pytest.mark.slow
def test_a_label_on_a_roll_is_as_long_as_it_needs(fonts: Fonts) -> None:
    roll = replace(profile("zebra-203"), paper_length=0)
    data = encode(slip("Zoë", SHORT), roll, fonts)
    assert b"^MNN" in data
    assert b"^MNN" not in encode(label("Zoë"), profile("zebra-203"), fonts)
    (theirs,) = zpl_renderer.render(data, 50, 200)
    assert one_code(theirs) == SHORT


@pytest.mark.parametrize("tape", first_quick([(62, 0), (29, 0), (62, 100), (29, 90)], 1))
@pytest.mark.slow
def test_brothers_rows_are_those_of_another_encoder(fonts: Fonts, tape: tuple[int, int]) -> None:
    from brother_ql.conversion import convert
    from brother_ql.raster import BrotherQLRaster

    width, length, _ = brother_ql.TAPES[tape]
    model = replace(
        profile("brother-ql-62"), width=width, paper_width=tape[0], paper_length=tape[1]
    )
    document = slip(NAMES["Arabic"], SHORT, rtl=True)
    (picture,) = pictures(document, fonts, width, length, 300)
    other = BrotherQLRaster("QL-800")
    name = f"{tape[0]}x{tape[1]}" if tape[1] else str(tape[0])
    convert(other, [picture], name, cut=True, compress=False, dither=False, threshold=50)
    theirs, ours = other.data, encode(document, model, fonts)
    assert ours[ours.index(b"g\x00") :] == theirs[theirs.index(b"g\x00", 240) :]
    for command, size in ((b"\x1biz", 9), (b"\x1biM", 4), (b"\x1biK", 4), (b"\x1bid", 5)):
        start = ours.index(command)
        assert command in theirs
        assert ours[start : start + size] == theirs[theirs.index(command) :][:size]


def test_brothers_labels_are_never_made_for_a_tape_of_another_width(fonts: Fonts) -> None:
    wrong = replace(profile("brother-ql-62"), width=700)
    with pytest.raises(
        PrinterError, match=r"no Brother label 62 x 0 mm with 700 dots.*62 x 0 \(696\)"
    ):
        encode(label("Zoë"), wrong, fonts)


def test_a_label_cut_off_a_roll_is_never_shorter_than_the_cutter_can(fonts: Fonts) -> None:
    model = profile("brother-ql-62")
    drawn = preview(encode(Document((Text("A"), Cut())), model, fonts), model)
    assert drawn is not None
    assert drawn.height == 150


@pytest.mark.parametrize("script", first_quick(SCRIPTS, 1))
@pytest.mark.parametrize("name", ["page-a4", "page-a6"])
@pytest.mark.slow
def test_another_program_draws_the_page_and_reads_its_code(
    fonts: Fonts, tmp_path: Path, name: str, script: str
) -> None:
    rtl = script == "Arabic"
    data = encode(slip(NAMES[script], PAYLOAD, rtl=rtl), profile(name), fonts)
    (page,) = drawn_pages(data, tmp_path)
    assert one_code(page) == PAYLOAD


@pytest.mark.slow
def test_a_page_is_the_same_bytes_each_time(fonts: Fonts) -> None:
    first, second = (encode(slip("Zoë", SHORT), profile("page-a6"), fonts) for _ in "12")
    assert first == second


@pytest.mark.slow
def test_what_does_not_fit_on_a_page_goes_on_the_next(fonts: Fonts, tmp_path: Path) -> None:
    document = Document((*[Text("A line of text")] * 60, Qr(PAYLOAD)))
    pages = drawn_pages(encode(document, profile("page-a6"), fonts), tmp_path)
    assert len(pages) > 2
    assert one_code(pages[-1]) == PAYLOAD


def test_each_of_several_pages_has_its_number_and_how_many_there_are(
    fonts: Fonts, tmp_path: Path
) -> None:
    lines = [Text(f"Line {number} of the text") for number in range(60)]
    papers: tuple[Block, ...] = (*lines, Cut(), Text("A paper of its own"), Cut())
    text = text_of(encode(Document(papers), profile("page-a6"), fonts), tmp_path)
    pages = text.split("\f")[:-1]
    assert len(pages) == 4
    assert [f"{at}/3" in page.replace(" ", "") for at, page in enumerate(pages, 1)] == [
        True, True, True, False,
    ]  # fmt: skip
    assert "/" not in pages[3]
    assert sum(page.count("of the text") for page in pages) == 60


@pytest.mark.parametrize("codes", [1, 2])
def test_a_certificate_with_several_codes_is_one_page_of_a6(fonts: Fonts, codes: int) -> None:
    """Its codes are as large as the page leaves room for, and no module under 3 eighths of a mm."""
    payloads = [random.Random(number).randbytes(400) for number in range(codes)]
    head, *rest = slip("क्षत्रिय सिंह", b"").blocks
    fields = [Field("Date of birth", "1990-01-31") for _ in range(4)]
    texts = [block for block in rest if not isinstance(block, Qr | Cut)]
    told = [block for payload in payloads for block in (Text("For travel"), Qr(payload))]
    document = Document((head, *fields, *texts, *told, Cut()))
    data = encode(document, profile("page-a6"), fonts)
    (page,) = read_pages(data, 600)
    read = zxingcpp.read_barcodes(page.image)
    assert sorted(bytes(code.bytes) for code in read) == sorted(payloads)


def test_the_text_of_a_page_can_be_searched(fonts: Fonts, tmp_path: Path) -> None:
    data = encode(slip("Zoë Đặng", SHORT), profile("page-a6"), fonts)
    text = text_of(data, tmp_path)
    for words in ("Zoë Đặng", "4121Z025", "END 7Q4W 12"):
        assert words in text


@pytest.mark.parametrize("text", first_quick([
    f"الدفعة {isolated('4121Z025')} التاريخ {isolated('2026-11-23')}",
    f"Lot {isolated('فاطمة')} and {isolated('2026-11-23')}",
    f"बैच {isolated('4121Z025')} तारीख",
], 1))  # fmt: skip
@pytest.mark.slow
def test_a_line_of_mixed_directions_stands_on_a_page_as_in_a_picture(
    fonts: Fonts, tmp_path: Path, text: str
) -> None:
    """Two shapers and two bidi algorithms: raqm with FriBiDi, and HarfBuzz with fpdf2's own."""
    page = profile("page-a6")
    (drawn,) = drawn_pages(encode(Document((Text(text),)), page, fonts), tmp_path, dots=600)
    (line,) = Setter(fonts, page.width, 600).block(Text(text))
    ours = line.crop(line.point(lambda v: 255 - v).getbbox())
    ink = drawn.point(lambda v: 255 * (v > 127))
    theirs = ink.crop(ink.point(lambda v: 255 - v).getbbox())
    assert abs(ours.width - theirs.width) < 0.02 * ours.width
    # compared coarsely: hinting moves edges by a dot, another order moves whole letters
    size = (80, 4)
    a, b = (one.resize(size, Image.Resampling.BOX).tobytes() for one in (ours, theirs))
    apart = sum(abs(x - y) for x, y in zip(a, b, strict=True)) / len(a)
    mirrored = theirs.transpose(Image.Transpose.FLIP_LEFT_RIGHT).resize(size, Image.Resampling.BOX)
    other = sum(abs(x - y) for x, y in zip(a, mirrored.tobytes(), strict=True)) / len(a)
    assert apart < 15 < other


# labels and what does not fit


def test_beside_its_code_a_label_keeps_all_its_words(fonts: Fonts) -> None:
    model = profile("zebra-203")
    drawn = preview(encode(label("Zoë"), model, fonts), model)
    assert drawn is not None
    assert drawn.size == (400, 240)
    assert one_code(drawn) == SHORT
    mirrored = encode(replace(label("Zoë"), rtl=True), model, fonts)
    right = preview(mirrored, model)
    assert right is not None
    (a,), (b,) = (zxingcpp.read_barcodes(one) for one in (drawn, right))
    assert a.position.top_left.x > 200 > b.position.top_left.x  # the code changes sides


def test_a_label_that_is_too_short_says_how_long_it_must_be(fonts: Fonts) -> None:
    with pytest.raises(PrinterError, match=r"needs a label \d+ mm long, and this one has \d+ mm"):
        encode(Document((Text("word " * 200),)), profile("zebra-203"), fonts)
    with pytest.raises(PrinterError, match="does not fit"):
        encode(Document((Text("A"), Qr(PAYLOAD))), profile("zebra-203"), fonts)


def test_a_letter_wider_than_the_paper_does_not_stop_the_printer(fonts: Fonts) -> None:
    assert Setter(fonts, 8).block(Text("WW", "large"))


def test_modules_are_as_large_in_millimetres_on_finer_printers(fonts: Fonts) -> None:
    (coarse,) = pictures(Document((Qr(SHORT),)), fonts, 576)
    (fine,) = pictures(Document((Qr(SHORT),)), fonts, 851, dots_per_inch=300)
    one_dot_less = 1 - 1 / 8
    assert one_dot_less <= (fine.height / 300) / (coarse.height / 203) <= 1
    with pytest.raises(PrinterError, match="does not fit"):
        pictures(Document((Qr(PAYLOAD),)), fonts, 384, dots_per_inch=300)


@pytest.mark.parametrize(("content", "sentence"), [
    ("language: pdf\npaper_length: 148", "the field paper_width must be at least 30 mm"),
    ("language: pdf\npaper_width: 50\npaper_length: 90\nmargin: 20", "the field margin leaves less than 20 mm"),
    ("language: zpl\nwidth: 400\ndots_per_inch: 5", "the field dots_per_inch must be 100 to 1200"),
    ("language: zpl\nwidth: 400\npaper_length: -1", "the field paper_length must be 0 to 1000 mm"),
    ("language: starprnt\nwidth: 576", "the field columns is missing"),
    ("language: zpl\nwidth: 9999", "the field width must be 128 to 2400 dots"),
])  # fmt: skip
def test_a_wrong_label_or_page_names_its_field(tmp_path: Path, content: str, sentence: str) -> None:
    (tmp_path / "mine.yaml").write_text(content)
    with pytest.raises(PrinterError) as refused:
        read_profile(tmp_path, "mine")
    assert sentence in str(refused.value)


# confirmation


@example(7, starprnt.question(0)[:4], 5)
@given(st.integers(0, 200_000), st.binary(max_size=9), st.integers(0, 255))
def test_star_says_which_document_is_on_paper(number: int, before: bytes, counter: int) -> None:
    question = starprnt.question(number)
    assert question[:4] == b"\x1b\x1d\x03\x01"
    answer = question + bytes([counter, 0])
    assert starprnt.heard(before + answer).documents[-1] == number % 65536
    half = starprnt.heard(answer[:-1])
    assert (half.documents, half.rest) == ((), answer[:-1])  # not whole yet


STAR = bytes([0x23, 0x06, 0, 0, 0, 0, 0, 0, 0])


@given(st.lists(st.sampled_from(["answer", "well", "open"]), max_size=6), st.data())
def test_star_is_understood_however_its_answers_come(kinds: list[str], data: st.DataObject) -> None:
    sent = {"well": STAR, "open": STAR[:2] + b"\x20" + STAR[3:]}
    sent["answer"] = starprnt.question(7) + b"\x05\x00"
    stream = b"".join(sent[one] for one in kinds)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=4)))
    rest = b""
    documents: list[int] = []
    causes: list[str] = []
    for start, end in itertools.pairwise([0, *cuts, len(stream)]):
        found = starprnt.heard(rest + stream[start:end])
        rest = found.rest
        documents += found.documents
        if found.condition.heard:
            causes.append(found.condition.cause.code if found.condition.cause else "")
    assert documents == [7] * kinds.count("answer")
    assert rest == b""
    told = [one for one in kinds if one != "answer"]
    assert bool(causes) == bool(told)
    if told:
        assert causes[-1] == ("printer.cover-open" if told[-1] == "open" else "")


def host_answer(
    *, paper: int = 0, pause: int = 0, waiting: int = 0, head: int = 0, left: int = 0
) -> bytes:
    return (
        f"\x02030,{paper},{pause},0240,{waiting:03d},0,0,0,000,0,0,0\x03\r\n"
        f"\x02000,0,{head},0,0,2,6,0,{left:08d},1,000\x03\r\n\x021234,0\x03\r\n"
    ).encode()


def test_zebra_says_when_its_labels_are_printed_and_why_not() -> None:
    done = zpl.host_status(host_answer())
    assert done is not None
    assert done.done
    for trouble in ({"paper": 1}, {"pause": 1}, {"waiting": 2}, {"head": 1}, {"left": 3}):
        found = zpl.host_status(host_answer(**trouble))
        assert found is not None
        assert not found.done, trouble
    assert zpl.host_status(host_answer()[:40]) is None
    assert zpl.host_status(b"\x02a\x03\x02b\x03") is None


def brother_answer(kind: int, place: int = 0, bits: int = 0) -> bytes:
    answer = bytearray(32)
    answer[:3] = b"\x80\x20B"
    answer[18] = kind
    if bits:
        answer[place] = bits
    return bytes(answer)


def test_brother_says_when_a_label_is_printed_and_why_not() -> None:
    printed = brother_ql.status(brother_answer(0) + brother_answer(1))
    assert printed is not None
    assert printed.printed
    assert printed.trouble is None
    for place, bits, code in ((8, 1, "paper-out"), (9, 0x10, "cover-open"), (8, 4, "cutter")):
        found = brother_ql.status(brother_answer(2, place, bits))
        assert found is not None
        assert found.trouble is not None
        assert found.trouble.code == f"printer.{code}"
    first, second = brother_answer(0), brother_answer(1)
    whole, rest = brother_ql.statuses(first + second[:20])
    assert ([one.printed for one in whole], rest) == ([False], second[:20])
    whole, rest = brother_ql.statuses(b"\x80" + rest + second[20:] + first)
    assert ([one.printed for one in whole], rest) == ([True, False], b"")
    assert brother_ql.status(b"\x80\x20B") is None


# hostile text

ATTACKS = (
    "^XA",
    "~JR",
    "^FS^XZ",
    "_5E",
    "\x1b@",
    "\x1bd3",
    "\x10\x04\x01",
    "\x1b\x06\x01",
    "\x1dV\x00",
    "\x00",
    "\n",
    "endstream endobj",
    "(\\)",
    "⁦",
)
hostile = st.lists(
    st.sampled_from(ATTACKS) | st.text(max_size=5) | st.characters(max_codepoint=0xFF), min_size=1, max_size=5
).map("".join)  # fmt: skip
quickly = settings(
    max_examples=share(40),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def nasty(text: str) -> Document:
    return Document((Text(text, "small"), Field(text, "x"), Field("x", text), Space(16), Cut()))


def commands(
    data: bytes, sizes: dict[bytes, int], pictures_at: dict[bytes, tuple[int, int, int]]
) -> list[bytes]:
    """Walk a stream strictly: every ESC or GS must begin a command this project means to send."""
    found, place = [], 0
    while place < len(data):
        if (data[place] >= 0x20 and data[place] != 0x7F) or data[place] == 0x0A:
            place += 1
            continue
        name = next((one for one in (*sizes, *pictures_at) if data.startswith(one, place)), None)
        assert name is not None, data[place : place + 8]
        found.append(name)
        if name in sizes:
            place += sizes[name]
            continue
        head, row_at, height_at = pictures_at[name]
        row, height = (
            int.from_bytes(data[place + at : place + at + 2], "little")
            for at in (row_at, height_at)
        )
        place += head + row * height
    assert place == len(data)
    return found


@quickly
@given(text=hostile)
def test_no_text_is_a_command_in_escpos(fonts: Fonts, text: str) -> None:
    sizes = {
        b"\x1b@": 2,
        b"\x1c.": 2,
        b"\x1dP": 4,
        b"\x1bt": 3,
        b"\x1ba": 3,
        b"\x1bE": 3,
        b"\x1bD": 4,
        b"\t": 1,
        b"\x1d!": 3,
        b"\x1bJ": 3,
        b"\x1dV": 4,
    }
    data = encode(nasty(text), profile("escpos-80"), fonts)
    found = commands(data, sizes, {b"\x1dv0": (8, 4, 6)})
    assert found.count(b"\x1b@") == found.count(b"\x1dV") == 1
    assert not any(one in data for one in (b"\x10\x04", b"\x10\x05", b"\x10\x14"))


@pytest.mark.slow
@quickly
@given(text=hostile)
def test_no_text_is_a_command_in_starprnt(fonts: Fonts, text: str) -> None:
    sizes = {
        b"\x1b@": 2, b"\x1b\x1dt": 4, b"\x1bz": 3, b"\x1b\x1da": 4, b"\x1bE": 2, b"\x1bF": 2, b"\x1bi": 4,
        b"\x1bI": 3, b"\x1bd": 3,
    }  # fmt: skip
    data = encode(nasty(text), profile("star-mc-print3"), fonts)
    found = commands(data, sizes, {b"\x1b\x1dS": (9, 4, 6)})
    assert found.count(b"\x1b@") == found.count(b"\x1bd") == 1
    assert b"\x1b\x06" not in data


@quickly
@given(text=hostile)
def test_no_text_is_a_command_in_zpl(fonts: Fonts, text: str) -> None:
    roll = replace(profile("zebra-203"), paper_length=0)
    assert re.fullmatch(
        rb"\^XA\^PW400\^LL\d+\^LH0,0\^PON\^LRN\^MNN\^FO0,0"
        rb"\^GFA,\d+,\d+,50,:Z64:[A-Za-z0-9+/=]+:[0-9A-F]{4}\^FS\^PQ1\^XZ\n",
        encode(nasty(text), roll, fonts),
    )


@quickly
@given(text=hostile)
def test_no_text_is_a_command_on_brothers_labels(fonts: Fonts, text: str) -> None:
    data = encode(nasty(text), profile("brother-ql-62"), fonts)
    start = data.index(b"g\x00\x5a")
    rows, end = data[start:-1], data[-1:]
    assert start == 200 + 2 + 4 + 13 + 4 + 4 + 4 + 5
    assert end == b"\x1a"
    assert len(rows) % 93 == 0
    assert {rows[at : at + 3] for at in range(0, len(rows), 93)} == {b"g\x00\x5a"}


@pytest.mark.slow
@settings(quickly, max_examples=share(8))
@given(text=hostile)
def test_no_text_breaks_a_page(
    fonts: Fonts, tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    data = encode(nasty(text), profile("page-a6"), fonts)
    assert len(drawn_pages(data, tmp_path_factory.mktemp("page"), 30)) == 1
    assert b"/JavaScript" not in data
    assert b"/URI" not in data


@pytest.mark.parametrize("size", [1037, 1293])
def test_a_code_whose_length_spells_a_real_time_command_is_drawn(fonts: Fonts, size: int) -> None:
    """GS ( k counts its bytes in two, and 1040 or 1296 begin like DLE EOT or DLE ENQ."""
    model = profile("virtual-80")
    for near in (size - 1, size):
        data = encode(Document((Qr(random.Random(near).randbytes(near)),)), model, fonts)
        assert (b"\x1d(k" in data) == (near != size)
        assert not any(one in data for one in (b"\x10\x04", b"\x10\x05", b"\x10\x14"))


@pytest.mark.parametrize("payload", [b"HC1:" + b"6BFOXN%TSMAHN-H3" * 10, SHORT])
def test_stars_own_code_is_whole_on_paper(fonts: Fonts, payload: bytes) -> None:
    data = encode(Document((Qr(payload),)), NATIVE_STAR, fonts)
    assert b"\x1b\x1dyP" in data or len(payload) > 100
    drawn = preview(data, NATIVE_STAR)
    assert drawn is not None
    assert one_code(drawn) == payload


def test_stars_own_code_is_not_used_for_bytes_it_acts_on_at_once(fonts: Fonts) -> None:
    data = encode(Document((Qr(b"before\x1b\x06\x18after" * 3),)), NATIVE_STAR, fonts)
    assert b"\x1b\x1dy" not in data


@given(st.integers(1, 40), st.integers(1, 20), st.randoms())
def test_dots_are_packed_and_unpacked_without_loss(
    width: int, height: int, dice: random.Random
) -> None:
    picture = Image.new("L", (width, height), 255)
    picture.putdata([dice.choice((0, 255)) for _ in range(width * height)])
    again = unpacked(packed(picture), -(-width // 8))
    assert again.crop((0, 0, width, height)).tobytes() == picture.tobytes()


def test_a_language_nobody_wrote_names_the_known_ones(fonts: Fonts) -> None:
    with pytest.raises(PrinterError, match="escpos, starprnt, zpl, brother-ql, pdf"):
        encode(Document(()), Profile("x", "tspl", 576), fonts)
