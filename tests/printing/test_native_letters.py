"""A printer's own letters are drawn as letters: a picture tells one from another."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from slips import profile

from printers.code_pages import CODE_PAGES, known_code_page
from printers.document import Document, Field, Text
from printers.fonts import Fonts
from printers.interpreter import letters, preview
from printers.interpreter.letters import CELL, HEIGHT, cell_of
from printers.languages import encode
from printers.previews import PREVIEWS
from printers.previews import preview as preview_of
from sync.resources import resource

PROFILES = [
    name
    for name in sorted(path.stem for path in resource("config/printers").glob("*.yaml"))
    if profile(name).language in PREVIEWS
]
NUMBERS = [number for number in range(256) if number == 0 or known_code_page(number) != "cp437"]


def high_letters(code_page: str) -> list[str]:
    found = bytes(range(0x21, 0x100)).decode(code_page, "ignore")
    return [one for one in found if unicodedata.category(one)[0] in "LNS"]


def dots(letter: str, *, bold: bool = False) -> bytes:
    return cell_of(letter, CELL, HEIGHT, bold=bold).tobytes()


def crossed_box() -> bytes:
    """Draw a letter that no face has, as every letter beyond ASCII once was."""
    return dots("\U0010fffe")


@pytest.mark.parametrize("number", NUMBERS)
def test_every_letter_of_a_code_page_is_drawn_and_is_no_crossed_box(number: int) -> None:
    box, empty = crossed_box(), bytes(b"\xff" * CELL * HEIGHT)
    for letter in high_letters(known_code_page(number)):
        for bold in (False, True):
            assert dots(letter, bold=bold) not in (box, empty), letter


@pytest.mark.parametrize("number", CODE_PAGES)
def test_no_two_letters_of_a_script_look_alike_in_a_code_page(number: int) -> None:
    found: dict[str, set[bytes]] = {}
    for letter in high_letters(known_code_page(number)):
        script = unicodedata.name(letter).split()[0]
        drawing = dots(letter)
        assert drawing not in found.setdefault(script, set()), letter
        found[script].add(drawing)
    assert len(found["LATIN"]) >= 52


@pytest.mark.parametrize("name", PROFILES)
def test_a_preview_tells_one_accent_from_another_on_every_printer(fonts: Fonts, name: str) -> None:
    model = profile(name)
    drawn = [
        preview_of(encode(Document((Text(word),)), model, fonts), model)
        for word in ("José Nuñez", "Josñ Nuéez", "Josè Nuñez", "Jose Nunez")
    ]
    for one, other in itertools.combinations(drawn, 2):
        assert one is not None
        assert other is not None
        assert one.tobytes() != other.tobytes()


def test_a_letter_stands_on_the_paper_as_it_is_in_its_cell(fonts: Fonts) -> None:
    for letter in "éñЖ":
        data = encode(Document((Field("Name", letter),)), profile("virtual-80"), fonts)
        if letter == "Ж":
            data = b"\x1bt\x11Name\t" + letter.encode("cp866") + b"\n"
        cell = cell_of(letter, CELL, HEIGHT, bold=False)
        left = (8 if letter == "Ж" else 6) * CELL  # behind the label
        drawn = preview(data, 576).crop((left, 0, left + CELL, HEIGHT))
        assert drawn.tobytes() == cell.tobytes()


def test_lines_and_blocks_reach_the_edges_of_their_cells_and_join() -> None:
    left, right = cell_of("╔", CELL, HEIGHT, bold=False), cell_of("╗", CELL, HEIGHT, bold=False)
    edge = [y for y in range(HEIGHT) if left.getpixel((CELL - 1, y)) == 0]
    assert edge
    assert edge == [y for y in range(HEIGHT) if right.getpixel((0, y)) == 0]
    assert not any(left.getpixel((0, y)) == 0 for y in range(HEIGHT))
    assert set(cell_of("█", CELL, HEIGHT, bold=False).tobytes()) == {0}


def test_a_machine_without_any_face_draws_what_pillow_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "_paths", lambda: ())
    monkeypatch.setattr(letters, "_font", letters._font.__wrapped__)
    drawn = letters._letter("A", CELL, HEIGHT, 1, bold=False)
    assert drawn.size == (CELL, HEIGHT)
    assert drawn.getextrema() == (0, 255)
