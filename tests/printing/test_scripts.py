"""Every script comes out as it is written: shaped, in order, and broken where it may be."""

from __future__ import annotations

import itertools
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fontTools.merge import Merger
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont
from requirements import missing
from scripts import SAMPLES, difference, drawn
from shaping import set_by_harfbuzz

from printers import fonts as faces
from printers import layout, raster
from printers.bidi import FSI, LRI, PDI, balanced, is_rtl, isolated, with_values_kept
from printers.breaks import clusters, wrapped
from printers.document import Document, Field, Text
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.glyphs import missing_letters
from printers.scripts import scripts_of

pytestmark = pytest.mark.slow  # every script's font is merged and drawn

GOLDEN = Path(__file__).parent / "golden"
ALIKE = 0.35
"""Another size by a hundredth, or a dot aside, makes 0.1 to 0.3; unshaped letters 0.4 to 1."""
LARGE = {"chinese"}
"""Scripts whose fonts are too large to ask of every machine that runs the tests, CI's included."""
RUNS = {"mixed", "arabic-values", "hebrew-values"}
"""Lines of several scripts or directions, of which HarfBuzz sets one at a time."""
PLAIN = {
    "ethiopic", "cyrillic", "greek", "chinese", "latin", "georgian", "armenian", "tifinagh", "ol-chiki",
    "meetei-mayek", "cherokee", "tai-le", "new-tai-lue", "tai-viet", "cham", "sundanese", "buginese",
    "batak", "limbu", "syloti-nagri", "kayah-li", "lisu", "vai", "canadian-aboriginal", "osage",
    "wancho", "warang-citi", "sora-sompeng", "yi", "coptic", "vietnamese",
}  # fmt: skip
"""Their letters neither join nor stack: without shaping they lose accents' places at most."""


def golden(name: str, fonts: Fonts) -> Image.Image:
    if fonts.missing(SAMPLES[name]):
        if name in LARGE:
            pytest.skip(f"no font for {name}: bin/test leaves fonts-noto-cjk (90 MB) to you")
        missing(f"a font for {name} (the Debian package fonts-noto-core)")
    return Image.open(GOLDEN / f"{name}.png").convert("L")


@pytest.mark.parametrize("name", SAMPLES)
def test_a_script_is_drawn_as_in_its_golden_picture(fonts: Fonts, name: str) -> None:
    assert difference(drawn(fonts, SAMPLES[name]), golden(name, fonts)) < ALIKE


@pytest.mark.parametrize("name", [one for one in SAMPLES if one not in RUNS])
def test_a_script_is_set_as_harfbuzz_itself_sets_it(fonts: Fonts, name: str) -> None:
    ours, text = drawn(fonts, SAMPLES[name]), SAMPLES[name]
    golden(name, fonts)
    font = fonts.font(text, 26)
    theirs, advance = set_by_harfbuzz(font, text)
    assert abs(font.getlength(text) - advance) < 1
    assert abs(ours.width - theirs.width) <= 2
    assert abs(ours.height - theirs.height) <= 2
    assert difference(ours, theirs) < ALIKE


def test_pictures_are_of_more_than_fifty_scripts() -> None:
    assert len({script for text in SAMPLES.values() for script in scripts_of(text)}) > 50


@pytest.mark.parametrize("name", [one for one in SAMPLES if one not in PLAIN])
def test_a_script_without_shaping_is_unlike_its_golden_picture(
    fonts: Fonts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    wanted = golden(name, fonts)
    length, text = ImageFont.FreeTypeFont.getlength, ImageDraw.ImageDraw.text
    box = ImageFont.FreeTypeFont.getbbox

    def load(face: faces.Face) -> ImageFont.FreeTypeFont:
        basic = ImageFont.Layout.BASIC
        return ImageFont.truetype(str(face.path), face.size, face.index, layout_engine=basic)

    monkeypatch.setattr(faces.Face, "load", load)
    monkeypatch.setattr(
        ImageFont.FreeTypeFont, "getlength", lambda font, text, **_: length(font, text)
    )
    monkeypatch.setattr(
        ImageFont.FreeTypeFont, "getbbox",
        lambda font, text, *, direction=None, **named: box(font, text, **named),
    )  # fmt: skip
    monkeypatch.setattr(
        ImageDraw.ImageDraw, "text",
        lambda draw, *given, direction=None, **named: text(draw, *given, **named),
    )  # fmt: skip
    unshaped = Fonts(fonts._cache)
    assert difference(drawn(unshaped, SAMPLES[name]), wanted) > ALIKE


def test_a_line_without_isolates_is_unlike_its_golden_picture(
    fonts: Fonts, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = golden("arabic-values", fonts)
    monkeypatch.setattr(layout, "with_values_kept", lambda text: text)
    assert difference(drawn(fonts, SAMPLES["arabic-values"]), wanted) > ALIKE


@pytest.mark.parametrize("other", ["bengali", "hebrew", "cyrillic"])
def test_one_script_is_unlike_the_golden_picture_of_another(fonts: Fonts, other: str) -> None:
    assert difference(drawn(fonts, SAMPLES["devanagari"]), golden(other, fonts)) > ALIKE


def test_every_letter_of_a_line_in_five_scripts_is_in_its_one_face(fonts: Fonts) -> None:
    text = SAMPLES["mixed"]
    assert len(scripts_of(text)) == 4
    assert fonts.missing(text) == ""
    font = fonts.font(text, 26)
    box = font.getmask("\U0010fffe").getbbox()
    for letter in text.replace(" ", ""):
        assert font.getmask(letter).getbbox() != box or unicodedata.combining(letter), letter


def test_letters_of_more_scripts_than_a_file_name_holds_have_one_face(fonts: Fonts) -> None:
    text = "क ক ਕ ક க త ಕ ക ක ก አ"
    assert len(scripts_of(text)) == 11
    assert fonts.missing(text) == ""


@pytest.mark.parametrize("left", [0, 1000])
def test_a_face_that_a_power_cut_left_in_parts_is_made_again(
    fonts: Fonts, tmp_path: Path, left: int
) -> None:
    text = "क্ষ"
    fonts.font(text, 26)
    (whole,) = fonts._cache.glob("NotoSansBengali-Regular+NotoSansDevanagari-Regular*")
    (tmp_path / whole.name).write_bytes(whole.read_bytes()[:left])
    again = Fonts(tmp_path)
    assert again.font(text, 26).getlength(text) == fonts.font(text, 26).getlength(text)


def test_text_whose_letters_do_not_join_is_refused_at_the_start(
    fonts: Fonts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(face: faces.Face) -> ImageFont.FreeTypeFont:
        basic = ImageFont.Layout.BASIC
        arabic = "Arabic" in face.path.stem
        return ImageFont.truetype(
            str(face.path), face.size, layout_engine=basic if arabic else None
        )

    monkeypatch.setattr(faces.Face, "load", load)
    with pytest.raises(PrinterError, match="letters of Noto Naskh Arabic do not join"):
        fonts.check()


def test_letters_without_a_font_are_named_before_they_are_printed(fonts: Fonts) -> None:
    vithkuqi = "\U00010570"  # of 2021; Debian 12 has no face for it
    document = Document((Text(f"Zoë {vithkuqi}\u200b नमस्ते"), Field("Lot", isolated("A1"))))
    assert missing_letters(document, fonts) == vithkuqi


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("اتصل 0123-456-789 الآن", f"اتصل {LRI}0123-456-789{PDI} الآن"),
        (
            f"رقم {FSI}4121Z025{PDI} يوم 2026-11-23",
            f"رقم {FSI}4121Z025{PDI} يوم {LRI}2026-11-23{PDI}",
        ),
        ("Call 0123-456", "Call 0123-456"),
        ("اتصل بنا Riverside", "اتصل بنا Riverside"),
    ],
)
def test_values_are_isolated_once_where_letters_read_from_right_to_left(
    text: str, kept: str
) -> None:
    assert with_values_kept(text) == kept
    assert with_values_kept(kept) == kept


def test_a_text_reads_the_way_of_its_own_words_and_not_of_a_value_it_begins_with() -> None:
    assert is_rtl(f"{isolated('LOT')} عربي")
    assert is_rtl(isolated("عربي"))
    assert not is_rtl(f"{isolated('عربي')} lot")


@pytest.mark.parametrize("text", [
    "कार्यक्रमक्षत्रिय", "শ্রীক্ষেত্র", "ශ්‍රීලංකාක්‍රමය", "សុខាភិបាលកម្ពុជាស្ត្រី", "သတ္တဝါကာကွယ်ဆေးမြန်မာ",
    "เด็กไทยใจดีน้ำ", "ແມ່ໃຈດີນ້ຳໂລກ", "e\u0301o\u0323\u0302" * 5,
    "👩🏽‍⚕️👨‍👩‍👧",
])  # fmt: skip
def test_no_line_begins_with_half_a_letter(text: str) -> None:
    longest = max(map(len, clusters(text)))
    for width in range(longest, longest + 9):
        lines = wrapped(text, len, width)
        assert "".join(lines) == text
        for before, after in itertools.pairwise(lines):
            assert unicodedata.category(after[0]) not in ("Mn", "Mc", "Me", "Cf", "Sk"), after
            last = before.rstrip("\u200d")[-1]
            assert last not in "เแโใไເແໂໃໄ\u17d2\u1039\u0dca\u094d\u09cd", before


def test_chinese_is_broken_between_ideographs_and_not_before_a_full_stop() -> None:
    assert wrapped("接种证明王小明。疫苗", len, 4) == ["接种证明", "王小明。", "疫苗"]
    assert wrapped("接种证明。", len, 4) == ["接种证", "明。"]
    assert wrapped("Lot 4121Z025疫苗", len, 9) == ["Lot", "4121Z025疫", "苗"]


@given(
    st.text(alphabet="ab 漢ကម្ពुन。" + "\u200d\u1039" + FSI + PDI, max_size=40), st.integers(1, 12)
)
def test_breaking_loses_no_letter_and_keeps_to_the_width(text: str, width: int) -> None:
    lines = wrapped(text, len, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(len(line) <= width for line in lines)


def test_an_isolate_that_is_broken_is_closed_and_opened_again() -> None:
    assert balanced([f"a {FSI}b", f"c{PDI} d"]) == [f"a {FSI}b{PDI}", f"{FSI}c{PDI} d"]


def test_every_line_of_a_paragraph_reads_its_way_whatever_it_begins_with(fonts: Fonts) -> None:
    setter = raster.Setter(fonts, 200)

    def ink(line: Image.Image) -> tuple[int, ...]:
        return line.point(lambda v: 255 - v).getbbox() or (0, 0, 0, 0)

    lines = setter.block(Text("شهادة التطعيم Riverside Health مركز"))
    assert len(lines) > 1
    assert all(ink(line)[2] >= 198 for line in lines)


def test_two_that_merge_one_face_at_once_leave_it_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2, timeout=60)

    class Together(Merger):  # type: ignore[misc]
        def merge(self, parts: list[str]) -> Any:
            merged = super().merge(parts)
            both.wait()
            return merged

    monkeypatch.setattr("fontTools.merge.Merger", Together)
    with ThreadPoolExecutor() as pool:  # each as a program of its own: they share only the folder
        pools = [pool.submit(Fonts(tmp_path).font, "שלום é", 26) for _ in range(2)]
        lengths = {one.result().getlength("שלום") for one in pools}
    assert lengths == {Fonts(tmp_path).font("שלום é", 26).getlength("שלום")}
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".ttf"}
    assert len(list(tmp_path.iterdir())) == 2


def test_fonts_are_prepared_with_progress_and_then_found(tmp_path: Path) -> None:
    told: list[str] = []
    fonts = Fonts(tmp_path)
    fonts.prepare(["Hebrew"], told.append)
    assert told == ["Noto Sans Hebrew regular", "Noto Sans Hebrew bold"]
    before = sorted(tmp_path.glob("*.ttf"))
    assert len(before) == 2
    fonts.font("שלום é", 26, bold=True)
    assert sorted(tmp_path.glob("*.ttf")) == before


@pytest.mark.parametrize(
    ("text", "needed"),
    [("one · two", []), ("“Café” — ½", []), ("१", ["Devanagari"]), ("،", ["Arabic"]), ("日本・語", ["Han"])],
)  # fmt: skip
def test_a_sign_that_latin_uses_too_needs_no_face_of_another_script(
    text: str, needed: list[str]
) -> None:
    assert scripts_of(text) == needed
