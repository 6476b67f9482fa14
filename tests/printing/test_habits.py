"""Printers with bad habits: each slip is whole on every one of them, drawn as that printer draws."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from on_paper import MARGIN, bands_of, unlike
from PIL import Image, ImageOps
from printer_faults import out
from simulated import Clock, Line, Store
from slips import NAMES, profile, slip

from printers.connections import connect
from printers.document import Cut, Document, Field, Qr, Rule, Space, Text
from printers.fonts import Fonts
from printers.interpreter import bands
from printers.interpreter.drawing import Band, drawn
from printers.interpreter.tables import Abilities
from printers.jobs import RenderedSlip
from printers.languages import encode
from printers.profile import Profile, read_profile
from printers.qr import lay_out
from printers.spooler import Spooler
from printers.virtual import Machine, Model, VirtualPrinter
from printers.virtual.habits import HABITS, Habit

USUAL = profile("escpos-80")
PAYLOAD = random.Random(22).randbytes(420)


def fitted(habit: Habit, usual: Profile = USUAL) -> Profile:
    """Give the profile of a printer after its calibration."""
    return replace(usual, **dict(habit.needs))  # type: ignore[arg-type]


def kinds() -> dict[str, Document]:
    """Give a slip of each kind of block and script: paragraphs of several lines, both directions."""
    arabic = "محمد عبد الرحمن التشغيلة " * 5
    made = {
        name: slip(NAMES[name], PAYLOAD, rtl=name == "Arabic")
        for name in ("Latin", "Devanagari", "Arabic", "Khmer")
    }
    made["paragraphs"] = Document(
        (
            Text("Café, Ñandú, 4121Z025", "large", align="centre"),
            Text(arabic, align="right"),
            Text("ক্ষত্রিয় রহিমা খাতুন " * 4, "large", bold=True, align="centre"),
            Space(40),
            Field("Lot", "4121Z025 Łódź"),
            Text("ជំងឺកញ្ជ្រិល " * 6),
            Rule(),
            Qr(b"HC1:" + b"6BFOXN%TSMAHN-H3" * 12),
            Text("END 7Q4W 12", "small", align="centre"),
            Cut(),
        )
    )
    return made


def printed(document: Document, profile: Profile, habit: Habit, fonts: Fonts) -> list[Band]:
    model = habit.model
    return bands(encode(document, profile, fonts), model.width, model.abilities)


UNASKED = ("wakes-in-chinese", "raster-not-aligned", "feeds-ignored", "cuts-by-escape", "mute")
"""Habits on which a slip is whole, if not as fine, before any calibration."""
FELT = ("stays-in-chinese", "180-dpi", "columns-only")
"""Habits that spoil a slip which was made without knowing of them."""


@pytest.mark.slow  # every kind of slip on every habit
@pytest.mark.parametrize("name", HABITS)
def test_a_slip_is_whole_on_a_printer_with_a_bad_habit(fonts: Fonts, name: str) -> None:
    habit = HABITS[name]
    for kind, document in kinds().items():
        paper = printed(document, fitted(habit), habit, fonts)
        assert not list(unlike(paper, document, fitted(habit), fonts)), kind


@pytest.mark.slow  # every kind of slip
@pytest.mark.parametrize("name", UNASKED)
def test_a_printer_nobody_has_calibrated_moves_a_paragraph_and_tears_none(
    fonts: Fonts, name: str
) -> None:
    for kind, document in kinds().items():
        paper = printed(document, USUAL, HABITS[name], fonts)
        assert not list(unlike(paper, document, USUAL, fonts)), kind


@pytest.mark.parametrize("name", FELT)
def test_a_habit_is_felt_by_a_profile_that_does_not_know_it(fonts: Fonts, name: str) -> None:
    document = Document((Text("Café"), Text("ক্ষত্রিয় রহিমা খাতুন " * 4), Qr(PAYLOAD)))
    assert list(unlike(printed(document, USUAL, HABITS[name], fonts), document, USUAL, fonts))


@pytest.mark.slow  # prints every kind of slip in simulated time
@pytest.mark.parametrize("name", HABITS)
def test_every_kind_of_slip_ends_in_a_state_that_is_true(fonts: Fonts, name: str) -> None:
    habit = HABITS[name]
    profile, clock = fitted(habit), Clock()
    machine = Machine(habit.model)
    store = Store(lambda: machine.received)
    documents = dict(enumerate(kinds().values(), 1))
    spooler = Spooler(
        profile,
        store,
        lambda job: RenderedSlip(encode(documents[job.id], profile, fonts)),
        lambda: Line(machine, clock),
        clock=clock,
    )
    for number in documents:
        store.queue(number)
        spooler.run()
        clock.now += 30
        machine.advance(clock.now)
    wanted = "unknown" if name == "mute" else "printed"
    assert store.states == dict.fromkeys(documents, wanted), store.history
    assert len(machine.roll.papers) == len(documents)
    for number, paper in enumerate(machine.roll.papers, 1):
        whole = unlike(bands_of(paper.strips), documents[number], profile, fonts)
        assert not list(whole), number


def white_rows(image: Image.Image, rows: range) -> int:
    """Count the rows without ink of some, from the first on."""
    for count, row in enumerate(rows):
        if image.crop((0, row, image.width, row + 1)).getextrema()[0] == 0:
            return count
    return len(rows)


@pytest.mark.parametrize("native_qr", [0, 2000])
@pytest.mark.parametrize("name", ["feeds-ignored", "180-dpi", "columns-only"])
def test_a_code_has_four_modules_of_white_above_and_below(
    fonts: Fonts, name: str, native_qr: int
) -> None:
    """Without the help of feeds, which some pass over and others take for half dots."""
    habit = HABITS[name]
    profile = replace(fitted(habit), native_qr=native_qr)
    document = Document((Rule(), Qr(PAYLOAD), Rule()))
    paper = drawn(printed(document, profile, habit, fonts), profile.width)
    assert zxingcpp.read_barcodes(ImageOps.expand(paper, MARGIN, 255))
    box = paper.point(lambda dot: 255 - dot).getbbox()
    assert box is not None
    top, bottom = box[1] + 2, box[3] - 3  # within the lines across
    dots = lay_out(
        PAYLOAD, profile.width, in_bytes=native_qr > 0, dots_per_inch=profile.dots_per_inch
    ).dots
    assert dots * 25.4 / profile.dots_per_inch >= 0.37
    assert white_rows(paper, range(top, top + 4 * dots)) == 4 * dots
    assert white_rows(paper, range(bottom, bottom - 4 * dots, -1)) == 4 * dots


@pytest.mark.parametrize("name", ["wakes-in-chinese", "feeds-ignored", "cuts-by-escape"])
@pytest.mark.parametrize("cutter", [True, False])
def test_the_last_line_is_past_where_paper_is_torn(fonts: Fonts, name: str, cutter: bool) -> None:
    document = Document((Text("END 7Q4W 12"), Cut()))
    profile = replace(fitted(HABITS[name]), cutter=cutter)
    paper = drawn(printed(document, profile, HABITS[name], fonts), profile.width)
    box = paper.point(lambda dot: 255 - dot).getbbox()
    assert box is not None
    assert paper.height - box[3] >= 120


@pytest.mark.parametrize("cut", ["GS V", "ESC i", "ESC m"])
def test_paper_is_cut_by_the_command_that_the_cutter_knows(fonts: Fonts, cut: str) -> None:
    others = frozenset({"GS V", "ESC i", "ESC m"} - {cut})
    machine = Machine(Model(abilities=Abilities(ignored=others)))
    data = encode(Document((Text("END"), Cut())), replace(USUAL, cut=cut), fonts)  # type: ignore[arg-type]
    machine.receive(data, 0)
    machine.advance(10)
    assert [paper.lines for paper in machine.roll.papers] == [("END",)]


def test_a_slip_waits_while_another_computer_holds_the_only_connection(
    slip_bytes: Callable[[int], bytes],
) -> None:
    """On a real socket: the kernel takes the second connection, and the printer lets it go."""
    printer = VirtualPrinter(model=replace(HABITS["one-connection"].model, print_ahead=0))
    printer.start()
    store = Store(lambda: printer.machine.received)
    store.queue(1)
    spooler = Spooler(
        USUAL,
        store,
        lambda job: RenderedSlip(slip_bytes(job.id)),
        lambda: connect(printer.uri),
    )
    try:
        other = connect(printer.uri)
        other.write(b"\x10\x04\x01")
        assert other.read(5)
        for _ in range(3):
            assert spooler.run() == 0
        assert store.states == {1: "queued"}
        assert spooler.health.held  # let go while it was opened, or a moment later
        assert spooler.health.code in ("printer.unreachable", "printer.cut-off")
        assert "another computer may hold this printer" in spooler.health.sentence
        other.close()
        until = time.monotonic() + 20
        while not spooler.run() and time.monotonic() < until:
            time.sleep(0.05)
        assert store.states == {1: "printed"}
        assert out(1, printer.tape()) == 1
    finally:
        printer.stop()


def test_a_bridge_takes_at_once_and_gives_on_at_its_speed() -> None:
    machine = Machine(HABITS["slow-bridge"].model)
    assert machine.room == 16_384
    assert machine.receive(b"x" * 40 + b"\n" + bytes(4096) + b"\x10\x04\x01", 0) == b""
    assert machine.advance(3.9) == b""
    assert machine.roll.lines == ["x" * 40]
    assert machine.advance(4.1) == b"\x12"


@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        *(
            (f"TM-T88{number}", {"dots_per_inch": 180, "width": 512})
            for number in ("III", "IV", "V")
        ),
        ("TM-T20II", {"dots_per_inch": 203, "width": 576}),
        ("TM-U220", {"pictures": "ESC *"}),
        ("TM-T20II-42col", {"width": 544}),  # 546 there, and rows are whole bytes
        ("SP2000", {"dots_per_inch": 203}),  # a needle printer of 85: beyond what a profile takes
    ],
)
def test_what_the_database_knows_of_a_model_is_taken_from_it(
    tmp_path: Path, model: str, wanted: dict[str, object]
) -> None:
    text = f"escpos_model: {model}\nlanguage: escpos\n"
    own = "" if "width" in wanted or model.startswith("TM") else "width: 576\n"
    (tmp_path / "mine.yaml").write_text(text + own)
    found = read_profile(tmp_path, "mine")
    assert {name: getattr(found, name) for name in wanted} == wanted
