"""Faces are chosen by the letters they cover, the same each time, and read once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont

from printers import fonts as choosing
from printers import installed
from printers.fonts import Fonts
from printers.installed import FOLDERS, installed_faces
from printers.scripts import package_for

KAWI = "\U00011f04\U00011f05"
"""Letters of a script that came in 2022: no face of Debian 12 has them."""
IDEOGRAPHS = "王明かカ한"


def make_font(letters: str, family: str, *, weight: int = 400) -> TTFont:
    """Make a font whose letters are boxes."""
    names = [".notdef", *(f"u{ord(letter):x}" for letter in letters)]
    pen = TTGlyphPen(None)
    pen.moveTo((50, 0))
    for place in ((50, 700), (450, 700), (450, 0)):
        pen.lineTo(place)
    pen.closePath()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(letter): f"u{ord(letter):x}" for letter in letters})
    builder.setupGlyf(dict.fromkeys(names, pen.glyph()))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (500, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, usWeightClass=weight)
    builder.setupPost()
    return builder.font


def put(folder: Path, name: str, letters: str, family: str, *, weight: int = 400) -> None:
    folder.mkdir(exist_ok=True)
    make_font(letters, family, weight=weight).save(folder / name)


def of(fonts: Fonts, text: str, *, bold: bool = False) -> list[str]:
    return [face.family for face in fonts._chosen(text, bold=bold)]


@pytest.mark.slow  # all that the machine has is read
def test_a_face_that_somebody_puts_on_the_machine_is_used_for_what_it_covers(
    tmp_path: Path,
) -> None:
    assert Fonts(tmp_path / "kept").missing(f"Zoë {KAWI}") == KAWI
    put(tmp_path / "own", "village.ttf", KAWI + " ", "Village Kawi")
    fonts = Fonts(tmp_path / "kept", [*FOLDERS, tmp_path / "own"])
    assert fonts.missing(f"Zoë {KAWI}") == ""
    assert of(fonts, f"Zoë {KAWI}") == ["Village Kawi"]
    font = fonts.font(KAWI, 26)
    assert Path(str(font.path)).name == "village.ttf"  # nothing to join: it is used as it is
    assert font.getlength(KAWI) == pytest.approx(26)
    assert fonts.scripts().count("Kawi") == 1


@pytest.mark.slow  # it is merged
def test_such_a_face_is_joined_with_latin_letters(tmp_path: Path) -> None:
    put(tmp_path / "own", "village.ttf", KAWI, "Village Kawi")
    fonts = Fonts(tmp_path / "kept", [*FOLDERS, tmp_path / "own"])
    font = fonts.font(f"Zoë {KAWI}", 26)
    assert font.getlength(KAWI) == pytest.approx(26)
    assert font.getmask("ë").getbbox() != font.getmask("\U0010fffe").getbbox()


def test_the_face_that_covers_the_most_of_a_name_is_taken_and_then_the_first_in_order(
    tmp_path: Path,
) -> None:
    put(tmp_path, "a.ttf", "Aꯀ", "Noto Sans Half")
    put(tmp_path, "b.ttf", "Aꯀꯁ", "Another Whole")
    put(tmp_path, "c.ttf", "Aꯀꯁ", "Noto Serif Whole")
    put(tmp_path, "d.ttf", "Aꯀꯁ", "Noto Sans Whole")
    fonts = Fonts(tmp_path / "kept", [tmp_path])
    assert of(fonts, "ꯀꯁ") == ["Noto Sans Whole"]
    assert of(fonts, "ꯀ") == ["Noto Sans Half"]
    assert fonts.missing("ꯀꯁꯂ") == "ꯂ"


def test_a_bold_face_without_a_letter_of_the_name_is_not_taken(tmp_path: Path) -> None:
    put(tmp_path, "regular.ttf", "Aꯀꯁ", "Noto Sans Whole")
    put(tmp_path, "bold.ttf", "Aꯀ", "Noto Sans Whole", weight=700)
    fonts = Fonts(tmp_path / "kept", [tmp_path])
    for text, file in (("ꯀ", "bold.ttf"), ("ꯁ", "regular.ttf")):
        (face,) = fonts._chosen(text, bold=True)
        assert Path(face.path).name == file


@pytest.mark.parametrize(("text", "family"), [
    ("王明", "Noto Sans CJK SC"), ("王かカ", "Noto Sans CJK JP"), ("王한", "Noto Sans CJK KR"),
])  # fmt: skip
def test_ideographs_have_the_forms_of_the_letters_beside_them(
    tmp_path: Path, text: str, family: str
) -> None:
    collection = TTCollection()
    collection.fonts = [
        make_font("A " + IDEOGRAPHS, f"Noto Sans CJK {region}") for region in ("JP", "KR", "SC")
    ]
    collection.save(tmp_path / "NotoSansCJK-Regular.ttc")
    fonts = Fonts(tmp_path / "kept", [tmp_path])
    assert of(fonts, text) == [family]
    assert fonts.missing(text) == ""
    assert fonts.font(text, 26).getname()[0] == family


@pytest.mark.slow
def test_a_letter_of_the_latin_face_that_is_none_of_every_day_is_in_what_it_is_merged_into(
    tmp_path: Path,
) -> None:
    fonts = Fonts(tmp_path)
    for text in ("ريم ꙮ", "Zoë ꭤ ꯀ"):
        have = TTFont(fonts.font(text, 20).path).getBestCmap()
        lost = {letter for letter in text if ord(letter) not in have}
        assert lost == set(fonts.missing(text)) == set()


def test_what_no_reader_sees_and_what_is_drawn_of_parts_is_not_missing(tmp_path: Path) -> None:
    put(tmp_path, "a.ttf", "Ae\u0301ᠠ", "Noto Sans")
    fonts = Fonts(tmp_path / "kept", [tmp_path])
    assert fonts.missing("A\u200d\ufe0f\u034f\u180b\u2066ᠠ \u00a0") == ""
    assert fonts.missing("é") == ""
    assert fonts.missing("è\ue000") == "è\ue000"


def test_faces_are_read_once_and_again_only_where_a_file_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    reading = installed._faces

    def faces(path: str) -> object:
        read.append(Path(path).name)
        return reading(path)

    monkeypatch.setattr(installed, "_faces", faces)
    put(tmp_path, "a.ttf", "Aa", "One")
    (tmp_path / "broken.ttf").write_bytes(b"\x00\x01\x00\x00 no font")
    put(tmp_path, "private.ttf", "\ue000", "Private")
    kept = tmp_path / "kept" / "installed.json"
    for _ in range(2):
        found = installed_faces([tmp_path], kept)
        assert found.having(ord("A")) == ("One",)
        assert found.having(0xE000) == ()
    assert sorted(read) == ["a.ttf", "broken.ttf", "private.ttf"]
    put(tmp_path, "b.ttf", "Aa", "A Second")
    assert installed_faces([tmp_path], kept).having(ord("A")) == ("One", "A Second")
    assert read[3:] == ["b.ttf"]
    for spoilt in (b"", b"{", b'{"edition":1}'):
        kept.write_bytes(spoilt)
        assert installed_faces([tmp_path], kept).having(ord("a")) == ("One", "A Second")


def test_merged_faces_and_fonts_in_memory_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def merge(
        faces: Iterable[object], latin: object, base: object, target: Path, **_: bool
    ) -> None:
        make_font("Aꯀ", "Merged").save(target)

    monkeypatch.setattr(choosing, "merge", merge)
    monkeypatch.setattr(choosing, "_MOST_KEPT", 2)
    monkeypatch.setattr(choosing, "_MOST_OPEN", 3)
    letters = "ꯀᱚᏣއ"
    put(tmp_path / "own", "latin.ttf", "A", "Noto Sans")
    for letter in letters:
        put(tmp_path / "own", f"{ord(letter)}.ttf", letter, f"Noto Sans {ord(letter)}")
    (tmp_path / "kept").mkdir()
    fonts = Fonts(tmp_path / "kept", [tmp_path / "own"])
    for size in (20, 21):
        for letter in letters:
            fonts.font(f"A{letter}", size)
    assert len(list((tmp_path / "kept").glob("*.ttf"))) == 2
    assert len(fonts._loaded) == 3


@pytest.mark.parametrize(("letters", "package"), [
    ("王", "fonts-noto-cjk"), ("한", "fonts-noto-cjk"), ("ᱚ", "fonts-noto-core"), (KAWI, ""),
])  # fmt: skip
def test_the_package_that_has_missing_letters_is_known(letters: str, package: str) -> None:
    assert package_for(letters) == package
