"""The calibration slip finds every habit that a profile can meet, by its picture."""

from __future__ import annotations

import io
import random
from dataclasses import fields, replace

import pytest
from PIL import Image, ImageFilter, ImageOps
from slips import profile

from edge.credentials.pictures import codes_in_picture
from printers.calibration import (
    LONGEST,
    calibration_slip,
    letters_seen,
    next_cut,
    offered,
    proven_fields,
    proven_sizes,
)
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.interpreter import bands
from printers.interpreter.drawing import drawn
from printers.languages.escpos_dots import REAL_TIME
from printers.marks import marks_drawn, marks_in
from printers.profile import Profile
from printers.virtual import Model
from printers.virtual.habits import HABITS

USUAL = profile("escpos-80")
FOUND = {
    "stays-in-chinese", "raster-not-aligned", "feeds-ignored", "native-qr-310", "180-dpi", "columns-only",
}  # fmt: skip
"""Habits that the camera finds; of the others a profile says nothing, or the doctor asks."""


def paper(model: Model, profile: Profile, fonts: Fonts) -> Image.Image:
    data = calibration_slip(profile, fonts, "desk", "2026-11-30 12:00 UTC")
    return drawn(bands(data, model.width, model.abilities), model.width)


def photograph(slip: Image.Image, seed: int) -> bytes:
    """Photograph a slip: on a table, by hand, so askew and not quite sharp, as JPEG."""
    chance = random.Random(seed)
    table = ImageOps.expand(ImageOps.expand(slip, 32, 255), 90, 120)
    width, height = table.size
    large = table.resize((width * 2, height * 2), Image.Resampling.BILINEAR)
    corner = [chance.uniform(0, 50) for _ in range(8)]
    a, b, c, d, e, f, g, h = corner
    quad = (a, b, c, 2 * height - d, 2 * width - e, 2 * height - f, 2 * width - g, h)
    askew = large.transform(large.size, Image.Transform.QUAD, quad, Image.Resampling.BICUBIC)
    dull = askew.filter(ImageFilter.GaussianBlur(1.2)).point(lambda grey: 30 + grey * 190 // 255)
    file = io.BytesIO()
    dull.save(file, "JPEG", quality=80)
    return file.getvalue()


def read_back(pictures: list[bytes], known: Profile) -> dict[str, object]:
    texts = [code.decode() for picture in pictures for code in codes_in_picture(picture)]
    return proven_fields(marks_in(texts), proven_sizes(texts), known)


@pytest.mark.slow  # photographs of whole slips
@pytest.mark.parametrize("name", HABITS)
def test_photographs_of_the_slip_tell_the_habits_of_a_printer(fonts: Fonts, name: str) -> None:
    habit = HABITS[name]
    slip = paper(habit.model, USUAL, fonts)
    middle = slip.height * 2 // 5
    halves = [slip.crop((0, 0, slip.width, middle + 100)), slip.crop((0, middle, *slip.size))]
    found = read_back([photograph(one, seed) for seed, one in enumerate((slip, *halves))], USUAL)
    fitted = replace(USUAL, **found)  # type: ignore[arg-type]
    wanted = dict(habit.needs) if name in FOUND else {}
    can = {"native_qr": max(offered(USUAL)), **wanted}
    assert fitted == replace(USUAL, **can)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["escpos-80", "escpos-58", "epson-tm-t88", "virtual-58"])
def test_the_slip_is_at_most_200_mm_long(fonts: Fonts, name: str) -> None:
    model = profile(name)
    slip = paper(Model(model.width), model, fonts)
    assert 100 < slip.height / model.dots_per_inch * 25.4 <= LONGEST
    assert {310, 600} <= set(offered(model))


def test_what_the_picture_does_not_show_is_not_said() -> None:
    assert proven_fields((), (), USUAL) == {}
    assert proven_fields({"R1"}, {310}, USUAL) == {
        "pictures": "GS v 0", "raster_alignment": True, "native_qr": 310,
    }  # fmt: skip
    assert "pictures" not in proven_fields({"W384"}, (), USUAL)


def test_a_printer_that_is_known_to_take_more_than_the_slip_has_is_not_told_to_take_less() -> None:
    epson = profile("epson-tm-t88")
    most = max(offered(epson))
    assert proven_fields({"C"}, {310, most}, epson)["native_qr"] == 2000
    assert proven_fields({"C"}, {310}, epson)["native_qr"] == 310


def test_no_mark_holds_what_printers_act_on_at_once() -> None:
    assert not any(command in marks_drawn() for command in REAL_TIME)


def test_the_line_of_letters_that_is_right_says_the_code_page() -> None:
    assert letters_seen("18") == {"code_page": "cp852", "code_page_id": 18}
    assert letters_seen("") == {"code_page": "ascii", "code_page_id": 0}
    for row in ("1", "x", "²", "-1"):
        with pytest.raises(PrinterError, match="no line of letters"):
            letters_seen(row)


def test_each_cut_that_fails_leads_to_the_next_and_in_the_end_to_none() -> None:
    tried, known = [], profile("epson-tm-t88")
    while known.cutter:
        known = replace(known, **next_cut(known))  # type: ignore[arg-type]
        tried.append((known.cut, known.cutter, known.cut_feeds))
    assert tried == [("ESC i", True, False), ("ESC m", True, False), ("ESC m", False, False)]


def test_every_field_that_is_found_is_one_of_a_profile() -> None:
    known = {field.name for field in fields(Profile)}
    everything = {"C", "W512", "F0", "H1", "R0"}
    assert set(proven_fields(everything, {310}, USUAL)) <= known
    assert all(set(habit.needs) <= known for habit in HABITS.values())
