"""The printer in software as a pure machine: what is proven against it must be true of printers."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import zxingcpp
from PIL import Image
from shares import HOSTILE_STREAMS
from slips import NAMES, profile, slip

from printers.fonts import Fonts
from printers.interpreter.drawing import Band
from printers.interpreter.tables import Abilities
from printers.languages import encode
from printers.virtual import Fault, Machine, Model
from printers.virtual.roll import Roll

MODEL = Model(millimetres_per_second=100, cut_seconds=0.25)  # a row takes 1.25 ms
CUT = b"\x1dV\x00"
CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
PROCESS = b"\x1d(H\x06\x0000"


def lines(*texts: str) -> bytes:
    return b"".join(text.encode("cp437") + b"\n" for text in texts)


def slip_of(number: int, rows: int = 20) -> bytes:
    body = lines(*(f"line {number}" for _ in range(rows)), f"END {number:04d}")
    return b"\x1b@" + body + CUT + PROCESS + f"{number:04d}".encode()


def qr(payload: bytes, function: bytes = b"1Q0") -> bytes:
    def command(body: bytes) -> bytes:
        return b"\x1d(k" + len(body).to_bytes(2, "little") + body

    return command(b"1C\x04") + command(b"1E0") + command(b"1P0" + payload) + command(function)


def picture(width: int, height: int) -> bytes:
    ink = random.Random(5).randbytes(width * height).replace(b"\x10", b"\x11")
    head = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    return b"\x1dv0\x00" + head + ink


def test_the_answer_that_paper_is_out_comes_when_it_is_out_and_not_before() -> None:
    machine = Machine(MODEL)
    data = lines(*["row"] * 10)
    assert machine.receive(data + PROCESS + b"0007", 0.0) == b""
    rows = 300
    assert machine.advance(rows / 800 - 0.01) == b""
    assert machine.roll.rows < rows
    assert machine.advance(rows / 800 + 0.01) == b"7\x220007\x00"
    assert machine.roll.rows == rows


def test_of_process_ids_that_wait_only_the_latest_is_told() -> None:
    machine = Machine(replace(MODEL, print_ahead=10_000))
    machine.receive(lines("a") + PROCESS + b"0001" + lines("b") + PROCESS + b"0002", 0.0)
    assert machine.advance(10.0) == b"7\x220002\x00"


def test_the_status_answer_comes_when_everything_before_was_read_though_paper_trails() -> None:
    machine = Machine(MODEL)
    assert machine.receive(lines("a") + b"\x1dr\x01", 0.0) == b"\x00"
    assert machine.roll.rows == 0


@pytest.mark.parametrize("step", [0.001, 0.0137, 0.4, 60.0])
@pytest.mark.parametrize("piece", [1, 7, 512])
def test_the_same_bytes_give_the_same_paper_however_time_and_bytes_are_cut_up(
    step: float, piece: int
) -> None:
    machine = Machine(MODEL)
    data = slip_of(1) + picture(40, 100) + slip_of(2)
    now, said = 0.0, b""
    while data or not machine.idle:
        size = min(piece, machine.room)
        said += machine.receive(data[:size], now)
        data = data[size:]
        now += step if not machine.room or not data else 0.0
    assert said == b"7\x220001\x00" + b"7\x220002\x00"
    whole = Machine(replace(MODEL, buffer=1 << 20))
    whole.receive(slip_of(1) + picture(40, 100) + slip_of(2), 0.0)
    whole.advance(60.0)
    assert [paper.png for paper in machine.roll.papers] == [p.png for p in whole.roll.papers]
    assert machine.roll.lines == whole.roll.lines


def test_a_band_is_drawn_once_for_a_paper_however_few_rows_came_out_at_a_time() -> None:
    drawn = []

    def paint() -> Image.Image:
        drawn.append("once")
        return Image.linear_gradient("L")

    band, roll = Band(256, paint), Roll(256, keep=None)
    for top in range(200):
        roll.print(band, top, 1)
    roll.cut(b"")
    roll.print(band, 200, 50)
    roll.print(band, 250, 6)
    roll.cut(b"")
    upper, lower = (paper.image for paper in roll.papers)
    assert drawn == ["once", "once"]
    assert upper.tobytes() + lower.tobytes() == Image.linear_gradient("L").tobytes()


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("cuts", [(), (1,), (2,), (1, 2)])
def test_a_status_question_is_answered_at_once_wherever_it_is_cut(
    number: int, cuts: tuple[int, ...]
) -> None:
    machine = Machine(MODEL)
    machine.receive(lines(*["much"] * 50), 0.0)
    question = b"\x10\x04" + bytes([number])
    pieces = [question[a:b] for a, b in zip((0, *cuts), (*cuts, 3), strict=True)]
    said = b"".join(machine.receive(piece, 0.0) for piece in pieces)
    assert said == b"\x12"


@pytest.mark.parametrize(
    "data", [b"\x10\x04\x00", b"\x10\x04\x05", b"\x10\x04\x1b@\x10\x04", b"\x10\x10\x04"]
)
def test_two_bytes_of_a_status_question_are_none(data: bytes) -> None:
    assert Machine(MODEL).receive(data, 0.0) == b""


def test_a_broken_real_time_command_does_not_eat_the_text_behind_it() -> None:
    machine = Machine(MODEL)
    machine.receive(b"\x10\x04ABC\n\x10XYZ\n", 0.0)
    machine.advance(10.0)
    assert machine.roll.lines == ["ABC", "XYZ"]


def test_a_status_question_within_a_picture_is_answered_and_is_still_part_of_it() -> None:
    machine = Machine(MODEL)
    said = machine.receive(b"\x1dv0\x00\x03\x00\x01\x00\x10\x04\x01" + lines("after"), 0.0)
    machine.advance(10.0)
    assert said == b"\x12"
    assert machine.roll.lines == ["after"]
    assert machine.roll.rows == 31


def test_a_printer_that_stands_still_with_a_full_buffer_still_tells_why() -> None:
    machine = Machine(replace(MODEL, serial=True, xonxoff=False))
    machine.arm(Fault("cover-open"), 0.0)
    machine.receive(b"x" * 5000, 0.0)
    assert machine.room == 0
    for _ in range(3000):
        assert machine.receive(b"\x10\x04\x02", 0.0) == b"\x16"
    machine.clear("cover-open", 1.0)
    machine.receive(b"\n", 2.0)
    machine.advance(100.0)
    assert sum(map(len, machine.roll.lines)) == 4096


def test_questions_asked_at_once_take_no_room_in_the_buffer() -> None:
    machine = Machine(MODEL, [Fault("cover-open")])
    machine.receive(b"x" * 2000, 0.0)
    for _ in range(2000):
        assert machine.receive(b"\x10\x04\x02", 0.0) == b"\x16"
    assert machine.room == 2096
    machine.clear("cover-open", 1.0)
    machine.receive(b"\n", 2.0)
    machine.advance(100.0)
    assert sum(map(len, machine.roll.lines)) == 2000


STATES = {
    "ready": ([], b"\x12\x12\x12\x12", b"\x10\x00\x00\x00"),
    "paper out": (["paper-out"], b"\x1a\x32\x12\x7e", b"\x18\x00\x0f\x00"),
    "near end": (["near-end"], b"\x12\x12\x12\x1e", b"\x10\x00\x03\x00"),
    "cover open": (["cover-open"], b"\x1a\x16\x12\x12", b"\x38\x00\x00\x00"),
    "too hot": (["overheated"], b"\x1a\x52\x52\x12", b"\x18\x40\x00\x00"),
    "broken": (["broken"], b"\x1a\x52\x32\x12", b"\x18\x20\x00\x00"),
}


@pytest.mark.parametrize(("kinds", "asked", "told"), STATES.values(), ids=STATES)
def test_each_state_has_its_bits_asked_and_told(
    kinds: list[str], asked: bytes, told: bytes
) -> None:
    machine = Machine(MODEL)
    assert machine.receive(b"\x1da\xff", 0.0) == STATES["ready"][2]
    for kind in kinds:
        machine.arm(Fault(kind), 1.0)  # type: ignore[arg-type]
    assert machine.advance(1.0) == (told if kinds else b"")
    assert b"".join(machine.receive(b"\x10\x04" + bytes([n]), 2.0) for n in (1, 2, 3, 4)) == asked
    for kind in kinds:
        machine.clear(kind, 3.0)  # type: ignore[arg-type]
    assert machine.advance(3.0) == (STATES["ready"][2] if kinds else b"")


def test_only_what_was_asked_for_is_told_by_itself() -> None:
    machine = Machine(MODEL)
    machine.receive(b"\x1da\x08", 0.0)
    machine.arm(Fault("cover-open"), 1.0)
    assert machine.advance(1.0) == b""
    machine.arm(Fault("near-end"), 2.0)
    assert machine.advance(2.0) == b"\x38\x00\x03\x00"


def test_the_offline_response_is_sent_when_it_was_asked_for() -> None:
    machine = Machine(MODEL)
    machine.receive(b"\x1d(H\x03\x0010\x02", 0.0)
    machine.arm(Fault("paper-out"), 1.0)
    assert machine.advance(1.0) == b"7#\x40\x00"


@pytest.mark.parametrize(("number", "answer"), [
    (1, b"\x20"), (2, b"\x02"), (49, b"\x20"), (66, b"_EDGE\x00"), (67, b"_SOFT-80\x00"), (69, b"_\x00"), (99, b""),
])  # fmt: skip
def test_it_tells_what_it_is(number: int, answer: bytes) -> None:
    assert Machine(MODEL).receive(b"\x1dI" + bytes([number]), 0.0) == answer


@pytest.mark.parametrize(("lacks", "question"), [
    ({"real_time_status": False}, b"\x10\x04\x01"), ({"automatic_status": False}, b"\x1da\xff"),
    ({"transmit_status": False}, b"\x1dr\x01"), ({"process_id": False}, PROCESS + b"0001"),
    ({"identity": None}, b"\x1dI\x42"),
])  # fmt: skip
def test_a_model_does_not_answer_what_it_does_not_know(
    lacks: dict[str, object], question: bytes
) -> None:
    assert Machine(MODEL).receive(question, 0.0)
    machine = Machine(replace(MODEL, **lacks))  # type: ignore[arg-type]
    assert machine.receive(question + lines("x"), 0.0) + machine.advance(10.0) == b""
    assert machine.roll.lines == ["x"]


def test_paper_that_ends_in_the_middle_goes_on_where_it_was_with_a_new_roll() -> None:
    machine = Machine(MODEL, [Fault("paper-out", at_row=333)])
    machine.receive(slip_of(1), 0.0)
    assert machine.advance(100.0) == b""
    assert machine.roll.rows == 333
    machine.clear("paper-out", 200.0)
    assert machine.advance(300.0) == b"7\x220001\x00"
    (paper,) = machine.roll.papers
    assert paper.lines == (*["line 1"] * 20, "END 0001")
    assert paper.rows == 22 * 30


def test_without_power_everything_received_is_lost_and_the_piece_stays_in() -> None:
    machine = Machine(MODEL, [Fault("power", at_row=95, seconds=5)])
    machine.receive(slip_of(1), 0.0)
    machine.advance(1.0)
    assert (machine.on, machine.line) == (False, "reset")
    assert machine.receive(slip_of(2) + b"\x10\x04\x01", 2.0) == b""
    machine.advance(6.0)
    assert machine.on
    machine.connected()
    assert machine.roll.remainder().lines == ("line 1",) * 3
    machine.receive(slip_of(3, 1), 7.0)
    machine.advance(100.0)
    (paper,) = machine.roll.papers
    assert paper.lines == (*["line 1"] * 3, "line 3", "END 0003")
    assert paper.rows == 95 + 3 * 30


def test_what_is_left_of_a_picture_after_a_power_cut_is_printed_as_text() -> None:
    machine = Machine(replace(MODEL, serial=True, xonxoff=False), [Fault("power", at_byte=900)])
    ink = picture(12, 100).replace(b"\n", b"!")
    machine.receive(ink[:600], 0.0)
    machine.receive(ink[600:900], 0.2)
    machine.receive(ink[900:] + b"\n", 1.0)
    machine.advance(100.0)
    assert len(machine.roll.lines) > 0
    assert machine.roll.rows < 100 + 30 * 10  # and some of the picture was there before
    whole = Machine(MODEL)
    whole.receive(ink + b"\n", 0.0)
    whole.advance(100.0)
    assert whole.roll.lines == []


def test_it_forgets_on_a_power_cut_that_it_was_to_tell_of_changes() -> None:
    machine = Machine(MODEL)
    machine.receive(b"\x1da\xff", 0.0)
    machine.arm(Fault("power"), 1.0)
    machine.advance(1.0)
    machine.connected()
    machine.arm(Fault("cover-open"), 2.0)
    assert machine.advance(3.0) == b""


@pytest.mark.parametrize(("enquiry", "printed"), [(b"\x10\x05\x01", 1), (b"\x10\x05\x02", 0)])
def test_a_blocked_cutter_stops_it_until_it_is_freed_and_the_host_says_how_to_go_on(
    enquiry: bytes, printed: int
) -> None:
    machine = Machine(MODEL, [Fault("cutter")])
    machine.receive(slip_of(1), 0.0)
    machine.advance(100.0)
    assert machine.receive(b"\x10\x04\x03", 100.0) == b"\x1a"
    machine.receive(enquiry, 101.0)
    assert machine.receive(b"\x10\x04\x03", 102.0) == b"\x1a"  # it is not freed yet
    machine.clear("cutter", 103.0)
    said = machine.receive(enquiry, 104.0) + machine.advance(200.0)
    assert len(machine.roll.papers) == printed
    assert (said == b"7\x220001\x00") is bool(printed)


def test_it_cools_down_by_itself() -> None:
    machine = Machine(MODEL, [Fault("overheated", at_row=100, seconds=30)])
    machine.receive(slip_of(1), 0.0)
    assert machine.advance(30.0) == b""
    assert machine.roll.rows == 100
    assert machine.advance(31.2) == b"7\x220001\x00"


def test_clearing_the_buffers_is_confirmed_and_the_job_is_never_said_to_be_printed() -> None:
    machine = Machine(MODEL)
    machine.receive(slip_of(1), 0.0)
    assert machine.receive(CLEAR[:4], 0.1) + machine.receive(CLEAR[4:], 0.1) == b"7%\x00"
    assert machine.advance(100.0) == b""
    assert "END 0001" not in machine.roll.lines
    machine.receive(slip_of(2), 101.0)
    assert machine.advance(200.0) == b"7\x220002\x00"


def test_a_serial_printer_says_when_to_stop_and_when_to_go_on() -> None:
    machine = Machine(replace(MODEL, serial=True))
    machine.arm(Fault("cover-open"), 0.0)
    assert machine.receive(b"x" * 3967, 0.0) == b""
    assert machine.receive(b"x", 0.0) == b"\x13"
    assert machine.room == 128
    machine.clear("cover-open", 1.0)
    assert machine.advance(100.0) == b"\x11"


def test_bytes_beyond_a_full_buffer_are_lost_on_a_serial_line() -> None:
    machine = Machine(replace(MODEL, serial=True, xonxoff=False))
    machine.receive(lines(*(f"{number:05d}" for number in range(2000))), 0.0)
    machine.advance(1000.0)
    assert 600 < len(machine.roll.lines) < 800
    assert machine.roll.lines == sorted(machine.roll.lines)


def test_a_silent_printer_prints_and_a_late_one_answers_late() -> None:
    silent = Machine(MODEL, [Fault("silent")])
    assert silent.receive(slip_of(1) + b"\x10\x04\x01", 0.0) + silent.advance(100.0) == b""
    assert silent.roll.lines[-1] == "END 0001"
    late = Machine(MODEL, [Fault("late", seconds=3)])
    assert late.receive(b"\x10\x04\x01", 0.0) + late.advance(2.9) == b""
    assert late.advance(3.0) == b"\x12"


def test_garbage_is_the_same_for_the_same_seed() -> None:
    def said(seed: int) -> bytes:
        machine = Machine(MODEL, [Fault("garbage")], seed)
        return b"".join(machine.receive(b"\x10\x04\x01", 0.0) for _ in range(20))

    assert said(1) == said(1) != said(2)
    assert said(1) != b"\x12" * 20


@pytest.mark.parametrize("kind", ["reset", "hang-up"])
def test_a_connection_is_dropped_at_the_byte_asked_for(kind: str) -> None:
    machine = Machine(MODEL, [Fault(kind, at_byte=8)])  # type: ignore[arg-type]
    machine.receive(b"1234\n67\n90\n", 0.0)
    assert (machine.line, machine.received) == (kind, 8)
    machine.connected()
    machine.receive(b"next\n", 1.0)
    machine.advance(10.0)
    assert machine.roll.lines == ["1234", "67", "next"]


@pytest.mark.parametrize("kind", ["deaf", "half-open"])
def test_a_printer_that_stops_reading_takes_nothing(kind: str) -> None:
    machine = Machine(MODEL, [Fault(kind, at_byte=5)])  # type: ignore[arg-type]
    machine.receive(b"1234\n5678\n", 0.0)
    machine.advance(10.0)
    assert machine.room == 0
    assert machine.roll.lines == ["1234"]


def test_a_slow_printer_takes_its_time_to_read() -> None:
    machine = Machine(replace(MODEL, millimetres_per_second=1e6), [Fault("slow", seconds=2)])
    machine.receive(lines("x" * 47) * 20 + b"\x1dr\x01", 0.0)
    assert machine.advance(1.7) == b""
    assert machine.advance(2.0) == b"\x00"


@pytest.mark.parametrize(("excess", "size", "code", "text"), [
    ("refused", 200, 1, ""), ("refused", 201, 0, ""), ("blank", 201, 0, ""), ("text", 230, 1, "z" * 30),
])  # fmt: skip
def test_a_code_too_large_for_the_model_is_refused_or_left_blank_or_spills(
    excess: str, size: int, code: int, text: str
) -> None:
    abilities = Abilities(native_qr=200, qr_excess=excess)  # type: ignore[arg-type]
    machine = Machine(replace(MODEL, abilities=abilities))
    payload = (b"y" * 200 + b"z" * 100)[:size]
    machine.receive(qr(payload) + b"\n", 0.0)
    machine.advance(10.0)
    assert [len(one) for one in machine.roll.codes] == [200] * code
    assert "".join(machine.roll.lines) == text
    assert (machine.roll.rows > 100) is (excess != "refused" or code == 1)


def test_it_tells_how_large_a_code_would_be_and_whether_it_can_be_printed() -> None:
    machine = Machine(MODEL)
    # 300 bytes at level L are version 11 (ISO/IEC 18004, table 7): 61 modules of 4 dots
    assert machine.receive(qr(b"y" * 300, b"1R0"), 0.0) == b"76244\x1f244\x1f1\x1f0\x00"
    assert machine.receive(qr(b"y" * 2000, b"1R0"), 0.0).endswith(b"1\x1f1\x00")
    machine.advance(10.0)
    assert machine.roll.rows == 0


@pytest.mark.parametrize(("cutter", "end", "papers"), [
    (True, CUT, 1), (True, b"\x1bd\x04", 0), (False, CUT, 0), (False, b"\x1bd\x04", 1), (False, b"\x1bd\x03", 0),
])  # fmt: skip
def test_paper_is_cut_off_by_a_cutter_or_torn_off_by_hand(
    cutter: bool, end: bytes, papers: int
) -> None:
    machine = Machine(replace(MODEL, cutter=cutter))
    machine.receive(lines("x") + end, 0.0)
    machine.advance(10.0)
    assert len(machine.roll.papers) == papers


def test_a_model_may_ignore_a_feed() -> None:
    plain, poor = (
        Machine(MODEL),
        Machine(replace(MODEL, abilities=Abilities(ignored=frozenset({"ESC J"})))),
    )
    for machine in (plain, poor):
        machine.receive(b"\x1bJ\x50" + lines("x"), 0.0)
        machine.advance(10.0)
    assert (plain.roll.rows, poor.roll.rows) == (110, 30)


def test_a_certificate_is_whole_on_the_paper_and_in_its_log(fonts: Fonts) -> None:
    model = profile("virtual-80")
    payload = bytes(range(1, 200))
    machine = Machine(MODEL)
    data, now = encode(slip(NAMES["Devanagari"], payload), model, fonts), 0.0
    sent = data
    while data:
        size = machine.room
        machine.receive(data[:size], now)
        data, now = data[size:], now + 0.1
    machine.advance(now + 60)
    (paper,) = machine.roll.papers
    (code,) = zxingcpp.read_barcodes(paper.image)
    assert bytes(code.bytes) == payload == paper.codes[0]
    assert paper.data == sent
    assert isinstance(paper.image, Image.Image)


@pytest.mark.parametrize("seed", HOSTILE_STREAMS)
def test_no_bytes_whatever_bring_it_down_and_it_prints_after_being_cleared(seed: int) -> None:
    chance = random.Random(seed)
    machine = Machine(replace(MODEL, serial=True, millimetres_per_second=1e6, cut_seconds=0))
    now = 0.0
    starts = [
        b"\x1b",
        b"\x1d",
        b"\x1d(k",
        b"\x1d(L",
        b"\x1c",
        b"\x10",
        b"\x1dv0",
        b"\x1b*",
        b"\x1d8L",
    ]
    for _ in range(400):
        machine.receive(chance.choice(starts) + chance.randbytes(chance.randrange(30)), now)
        now += 0.1
    machine.receive(CLEAR + slip_of(7), now)
    machine.advance(now + 1000)
    assert machine.roll.lines[-1] == "END 0007"
    assert machine.roll.papers[-1].lines[-1] == "END 0007"
