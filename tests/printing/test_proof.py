"""A slip is read back from its own bytes, and one that would come out wrong is found."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image
from shares import share
from slips import NAMES, profile, slip

from printers import interpreter, proof
from printers.document import Cut, Document, Field, Qr, Text
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.languages import brother_ql, encode, escpos, starprnt, zpl
from printers.previews import BANDS
from printers.proof import prove, proven
from printers.qr import Symbol, lay_out

pytestmark = pytest.mark.slow  # every slip of every printer is read back

PAYLOAD = random.Random(5).randbytes(240)
ROLLS = ["escpos-58", "escpos-80", "virtual-80", "epson-tm-t88", "star-mc-print3"]
OTHERS = ["brother-ql-62", "page-a4", "page-a6"]
NATIVE = {
    "virtual-80": profile("virtual-80"),
    "star-mc-print3": replace(profile("star-mc-print3"), native_qr=2000),
}


def refused(data: bytes, document: Document, name: str, fonts: Fonts) -> str:
    with pytest.raises(PrinterError) as caught:
        prove(data, document, NATIVE.get(name, profile(name)), fonts)
    assert not caught.value.temporary
    assert str(caught.value) == proof.WRONG[caught.value.code]
    return caught.value.code


@pytest.mark.parametrize("script", ["Latin", "Arabic", "Khmer"])
@pytest.mark.parametrize("name", ROLLS + OTHERS)
def test_every_slip_of_every_printer_is_proven(fonts: Fonts, name: str, script: str) -> None:
    document = slip(NAMES[script], PAYLOAD, rtl=script == "Arabic")
    assert proven(document, profile(name), fonts) == encode(document, profile(name), fonts)


@example(name="escpos-58", words=[], payload=b"\xa7", rtl=False)
@example(name="page-a4", words=["\u0378"], payload=b"0", rtl=False)
@settings(
    max_examples=share(40),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    name=st.sampled_from([*ROLLS, *OTHERS, "zebra-203"]),
    words=st.lists(st.text(max_size=40), max_size=3),
    payload=st.binary(min_size=1, max_size=60),
    rtl=st.booleans(),
)
def test_whatever_can_be_written_is_proven(
    fonts: Fonts, name: str, words: list[str], payload: bytes, rtl: bool
) -> None:
    texts = [Text(word, "small") for word in words]
    document = Document((*texts, Field("Lot", "".join(words[:1])), Qr(payload), Cut()), rtl)
    try:
        data = encode(document, profile(name), fonts)
    except PrinterError:
        return
    prove(data, document, profile(name), fonts)


@pytest.mark.parametrize("name", ROLLS + OTHERS)
@pytest.mark.parametrize("lost", [3, 5])
def test_a_row_of_text_that_is_lost_is_found(fonts: Fonts, name: str, lost: int) -> None:
    whole = slip(NAMES["Devanagari"], PAYLOAD)
    less = replace(whole, blocks=whole.blocks[:lost] + whole.blocks[lost + 1 :])
    assert refused(encode(less, profile(name), fonts), whole, name, fonts) == "proof.picture"


@pytest.mark.parametrize("name", ROLLS + OTHERS)
def test_a_code_that_holds_something_else_is_found(fonts: Fonts, name: str) -> None:
    other = slip("Zoë", PAYLOAD[:-1] + b"?")
    data = encode(other, profile(name), fonts)
    assert refused(data, slip("Zoë", PAYLOAD), name, fonts) in ("proof.code", "proof.picture")


@pytest.mark.parametrize("name", ["escpos-80", "star-mc-print3"])
def test_one_byte_missing_from_a_drawn_code_is_found(fonts: Fonts, name: str) -> None:
    document = slip("Zoë", PAYLOAD)
    data = encode(document, profile(name), fonts)
    middle = data.index(b"END 7Q4W") - 2000
    assert refused(data[:middle] + data[middle + 1 :], document, name, fonts)


@pytest.mark.parametrize("name", NATIVE)
def test_one_byte_missing_from_a_code_that_the_printer_makes_is_found(
    fonts: Fonts, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = slip("Zoë", PAYLOAD)
    language = escpos if name == "virtual-80" else starprnt
    honest: Callable[[bytes, Symbol], bytes] = language._native_qr
    monkeypatch.setattr(language, "_native_qr", lambda code, symbol: honest(code[:-1], symbol))
    data = encode(document, NATIVE[name], fonts)
    assert PAYLOAD[:-1] in data
    assert PAYLOAD not in data
    assert refused(data, document, name, fonts) == "proof.code"


def test_a_symbol_that_is_laid_out_wrongly_is_found_by_decoding(
    fonts: Fonts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Encoder and comparison lay out alike, so only the reader can see it."""

    def wrong(payload: bytes, *args: int, **options: int) -> Symbol:
        return lay_out(payload[:-1] + b"?", *args, **options)

    for module in (escpos, proof):
        monkeypatch.setattr(module, "lay_out", wrong)
    document = slip("Zoë", PAYLOAD)
    data = encode(document, profile("escpos-80"), fonts)
    assert refused(data, document, "escpos-80", fonts) == "proof.code"


@pytest.mark.parametrize(("name", "language"), [("zebra-203", zpl), ("brother-ql-62", brother_ql)])
def test_a_label_with_a_dot_too_many_is_found(
    fonts: Fonts, name: str, language: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = Document((Text("Zoë"), Qr(b"7Q4W"), Cut()))
    honest: Callable[[Image.Image], bytes] = language.packed  # type: ignore[attr-defined]

    def dotted(image: Image.Image) -> bytes:
        spoilt = image.copy()
        spoilt.putpixel((image.width // 2, 60), 255 - spoilt.getpixel((image.width // 2, 60)))  # type: ignore[operator]
        return honest(spoilt)

    monkeypatch.setattr(language, "packed", dotted)
    data = encode(document, profile(name), fonts)
    assert refused(data, document, name, fonts) == "proof.picture"


def test_a_label_wider_than_the_paper_is_found(fonts: Fonts) -> None:
    document = Document((Text("Zoë"), Cut()))
    data = encode(document, replace(profile("zebra-203"), width=480), fonts)
    assert refused(data, document, "zebra-203", fonts) == "proof.width"


def test_what_stands_on_the_second_paper_is_proven_too(fonts: Fonts) -> None:
    whole = Document((Text("One"), Cut(), Text("Two"), Cut()))
    first = encode(Document((Text("One"), Cut())), profile("escpos-80"), fonts)
    assert refused(first, whole, "escpos-80", fonts) == "proof.picture"
    bands = interpreter.bands(encode(whole, profile("escpos-80"), fonts), 576)
    assert [band.text for band in bands if band.text] == ["One", "Two"]
    more = Document((*whole.blocks, Text("Three")))
    data = encode(more, profile("escpos-80"), fonts)
    assert refused(data, whole, "escpos-80", fonts) == "proof.picture"


@pytest.mark.parametrize("name", ["escpos-80", "star-mc-print3"])
@pytest.mark.parametrize("resolution", [180, 300])
def test_a_printer_with_other_dots_gets_letters_and_codes_of_the_same_size(
    fonts: Fonts, name: str, resolution: int
) -> None:
    usual = profile(name)
    width = 576 * resolution // 203 // 8 * 8
    other = replace(usual, dots_per_inch=resolution, width=width)
    document = Document((Text(NAMES["Khmer"]), Qr(PAYLOAD[:40])))
    tall = []
    for model in (usual, other):
        data = proven(document, model, fonts)
        rows = sum(band.height for band in BANDS[model.language](data, model) if band.paint)
        tall.append(rows / model.dots_per_inch)
    assert tall[1] == pytest.approx(tall[0], rel=0.2)  # inches
