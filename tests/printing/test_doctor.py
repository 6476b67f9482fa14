"""The doctor in several broken worlds: one sentence a trouble, and what helps."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import pytest
import zxingcpp
from click.testing import CliRunner, Result
from PIL import Image, ImageOps
from shares import first_quick
from slips import profile

from edge.adapters.lock import own_printer
from edge.adapters.profiles import own_file, site_profile
from edge.adapters.settings import PrinterSettings, Settings, write_settings
from edge.cli import main
from printers.calibration import LONGEST, calibration_slip, payload, size_read
from printers.connections import bluetooth, serial_port
from printers.connections.device import DeviceConnection
from printers.connections.opening import cannot_open
from printers.discovery import Device
from printers.doctor import Machine, examine, look, machine_troubles, unknown_printer
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.identity import _BROTHER
from printers.interpreter import preview
from printers.interpreter.tables import Abilities as Does
from printers.probe import LADDER
from printers.profile import read_profile
from printers.virtual import Fault, Model, VirtualPrinter
from sync.commands.exits import Exit


@pytest.fixture
def world() -> Iterator[Callable[..., VirtualPrinter]]:
    printers: list[VirtualPrinter] = []

    def make(*faults: Fault, **can: object) -> VirtualPrinter:
        fast = {"millimetres_per_second": 4000, "cut_seconds": 0, **can}
        printer = VirtualPrinter(model=Model(**fast))  # type: ignore[arg-type]
        printers.append(printer)
        printer.start()
        for fault in faults:
            printer.arm(fault)
        return printer

    yield make
    for printer in printers:
        printer.stop()


def codes(troubles: list[PrinterError] | tuple[PrinterError, ...]) -> list[str]:
    return [one.code for one in troubles]


# the machine


def test_a_whole_machine_has_no_trouble() -> None:
    assert machine_troubles(Machine(found=(Device("usb:///dev/usb/lp0", "/dev/usb/lp0"),))) == []


def test_each_trouble_of_a_machine_has_its_own_sentence() -> None:
    machine = Machine(
        found=(Device("serial:///dev/ttyACM0?baud=auto", "/dev/ttyACM0", sure=False),),
        bits=32,
        fonts=PrinterError("fonts.missing", "The Noto fonts are missing."),
        rules=False,
        modem_manager=True,
    )
    troubles = machine_troubles(machine)
    assert codes(troubles) == [
        "fonts.missing", "machine.32-bit", "machine.no-udev-rules", "machine.modem-manager",
    ]  # fmt: skip
    assert "/dev/ttyACM0" in str(troubles[-1])
    assert all(str(one).count(". ") == 0 for one in troubles)


def test_a_machine_without_local_printers_needs_no_udev_rules() -> None:
    board = (Device("serial:///dev/ttyS0?baud=auto", "/dev/ttyS0", sure=False),)
    assert machine_troubles(Machine(rules=False, modem_manager=True)) == []
    assert machine_troubles(Machine(found=board, rules=False, modem_manager=True)) == []


def test_modem_manager_is_no_trouble_where_the_rules_keep_it_away() -> None:
    found = (Device("serial:///dev/ttyUSB0?baud=auto", "/dev/ttyUSB0", sure=False),)
    assert machine_troubles(Machine(found=found, rules=True, modem_manager=True)) == []


def test_a_machine_is_looked_at_by_its_files(tmp_path: Path) -> None:
    (tmp_path / "usr/sbin").mkdir(parents=True)
    (tmp_path / "usr/sbin/ModemManager").touch()
    (tmp_path / "dev/usb").mkdir(parents=True)
    (tmp_path / "dev/usb/lp0").touch()
    machine = look(Fonts(tmp_path, folders=()), tmp_path)
    assert machine.modem_manager
    assert not machine.rules
    assert "/dev/usb/lp0" in [one.device for one in machine.found]
    assert machine.fonts is not None
    assert machine.fonts.code == "fonts.missing"


# a printer


def test_a_well_printer_has_no_trouble(world: Callable[..., VirtualPrinter]) -> None:
    result = examine(world().uri, profile("virtual-80"))
    assert result.troubles == ()
    assert result.abilities is not None


@pytest.mark.parametrize(("kind", "remedy"), [
    ("paper-out", "Put in a new roll."),
    ("cover-open", "Close it."),
    ("broken", "Switch it off and on."),
    ("silent", "else switch it off and on"),
])  # fmt: skip
def test_a_printer_that_stands_still_is_told_with_what_helps(
    world: Callable[..., VirtualPrinter], kind: str, remedy: str
) -> None:
    (trouble,) = examine(world(Fault(kind)).uri, profile("virtual-80")).troubles  # type: ignore[arg-type]
    assert remedy in str(trouble)


def test_a_printer_that_is_not_there_is_told(world: Callable[..., VirtualPrinter]) -> None:
    printer = world()
    printer.stop()
    (trouble,) = examine(printer.uri, profile("virtual-80")).troubles
    assert trouble.code == "printer.unreachable"


@pytest.mark.parametrize(("can", "name", "code"), [
    ({"process_id": False}, "virtual-80", "profile.promises-proof"),
    ({"process_id": False, "transmit_status": False}, "escpos-80", "profile.promises-proof"),
    ({"abilities": Does(native_qr=310)}, "virtual-80", "profile.promises-qr"),
    ({"cutter": False}, "virtual-80", "profile.promises-cutter"),
])  # fmt: skip
def test_a_profile_that_promises_too_much_is_told(
    world: Callable[..., VirtualPrinter], can: dict[str, object], name: str, code: str
) -> None:
    result = examine(world(**can).uri, profile(name))
    assert codes(result.troubles) == [code]


def test_a_profile_that_promises_less_than_the_printer_does_is_no_trouble(
    world: Callable[..., VirtualPrinter],
) -> None:
    assert examine(world().uri, profile("escpos-58")).troubles == ()


def test_a_wrong_speed_is_told_with_the_right_one(world: Callable[..., VirtualPrinter]) -> None:
    printer = world(Fault("silent"), serial=True)
    address = f"serial://{printer.device}?baud=9600&flow=none"
    (trouble,) = examine(address, profile("virtual-80"), right_speed=lambda _: 38400).troubles
    assert "answers at 38400 baud, not at 9600: write baud=38400" in str(trouble)


def test_a_dead_serial_line_is_told_as_such(world: Callable[..., VirtualPrinter]) -> None:
    printer = world(Fault("silent"), serial=True)
    address = f"serial://{printer.device}?baud=9600&flow=none"
    (trouble,) = examine(address, profile("virtual-80")).troubles
    assert trouble.code == "printer.no-answer"
    assert printer.device in str(trouble)


def test_a_silent_usb_printer_is_asked_through_its_port(
    world: Callable[..., VirtualPrinter], monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = world(Fault("silent"), serial=True)
    out = PrinterError("printer.paper-out", "The paper is used up. Put in a new roll.")
    monkeypatch.setattr(DeviceConnection, "port_trouble", lambda self: out)
    result = examine(f"usb://{printer.device}", profile("virtual-80"))
    assert codes(result.troubles) == ["printer.paper-out"]


def test_a_device_one_may_not_open_is_told_with_the_group() -> None:
    def refused(address: str) -> DeviceConnection:
        raise cannot_open("/dev/usb/lp0", 13, "lp")

    (trouble,) = examine("usb:///dev/usb/lp0", profile("virtual-80"), refused).troubles
    assert "Add its user to the group lp" in str(trouble)


# the calibration slip


@pytest.mark.slow
@pytest.mark.parametrize(("name", "sizes"), [
    ("escpos-80", [310, 600, 1000]), ("escpos-58", [310, 600, 1000]), ("epson-tm-t88", [310, 600]),
])  # fmt: skip
def test_every_code_of_the_slip_is_the_printers_own_and_says_its_size(
    world: Callable[..., VirtualPrinter], fonts: Fonts, name: str, sizes: list[int]
) -> None:
    model = profile(name)
    printer = world(width=model.width)
    slip = calibration_slip(model, fonts, "desk", "now")
    assert slip.count(b"1P0divoc-edge calibration native") == len(sizes)
    picture = preview(slip, printer.width).convert("L")
    assert picture.height / model.dots_per_inch * 25.4 <= LONGEST
    tops = (picture.height * tenths // 10 for tenths in (3, 4, 5, 6))
    parts = (picture.crop((0, top, *picture.size)) for top in tops)
    texts = {
        one.text for part in parts for one in zxingcpp.read_barcodes(ImageOps.expand(part, 40, 255))
    }
    read = [text for text in texts if " native " in text]
    assert sorted(size_read(text) for text in read) == sizes
    assert sorted(len(text) for text in read) == sizes


def test_a_code_is_exactly_as_large_as_it_says() -> None:
    assert [len(payload(size)) for size in LADDER] == list(LADDER)


@pytest.mark.parametrize(("text", "size"), [
    ("600", 600), ("0", 0), ("divoc-edge calibration native 310", 310),
    (payload(1000).decode(), 1000), (payload(255, "drawn").decode(), 0),
])  # fmt: skip
def test_what_a_scanner_or_a_person_says_is_understood(text: str, size: int) -> None:
    assert size_read(text) == size


@pytest.mark.parametrize("text", ["", "601", "-1", "hello", payload(600).decode()[:-1]])
def test_what_is_no_code_of_the_slip_is_refused(text: str) -> None:
    with pytest.raises(PrinterError):
        size_read(text)


def test_only_an_escpos_printer_is_calibrated(fonts: Fonts) -> None:
    with pytest.raises(PrinterError) as refused:
        calibration_slip(profile("zebra-203"), fonts, "labels", "now")
    assert "labels speaks zpl" in str(refused.value)


# the command


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    monkeypatch.setattr("printers.doctor.look", lambda fonts: Machine())

    def make(**addresses: str) -> Path:
        printers = tuple(PrinterSettings(n, a, "virtual-80") for n, a in addresses.items())
        write_settings(tmp_path, Settings(facility="DEMO01", printers=printers))
        return tmp_path

    return make


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["print", *(str(one) for one in arguments)])


def test_all_is_well_ends_with_0(
    site: Callable[..., Path], world: Callable[..., VirtualPrinter]
) -> None:
    result = run("doctor", "--data", site(desk=world().uri))
    assert result.exit_code == 0, result.output
    assert "EDGE SOFT-80 1.00: DLE EOT, GS a, GS r, GS ( H, cutter" in result.output
    assert result.output.endswith("All is well.\n")


def test_one_printer_in_trouble_ends_with_1_and_the_others_are_well(
    site: Callable[..., Path], world: Callable[..., VirtualPrinter]
) -> None:
    data = site(desk=world().uri, back=world(Fault("cover-open")).uri)
    result = run("doctor", "--data", data)
    assert result.exit_code == 1
    assert result.output.count("  ! ") == 1
    assert "  ! The cover of the printer is open. Close it." in result.output
    assert run("doctor", "--data", data, "--printer", "desk").exit_code == 0


def test_scripts_read_the_same_as_json(
    site: Callable[..., Path], world: Callable[..., VirtualPrinter]
) -> None:
    data = site(desk=world(Fault("paper-out")).uri)
    result = run("doctor", "--data", data, "--json")
    assert result.exit_code == 1
    (printer,) = json.loads(result.output)["printers"]
    assert printer["problems"][0]["code"] == "printer.paper-out"


def test_without_a_site_the_machine_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = (Device("usb:///dev/usb/lp0", "/dev/usb/lp0", "EPSON", "TM-T20"),)
    monkeypatch.setattr("printers.doctor.look", lambda fonts: Machine(found=found, rules=False))
    result = run("doctor", "--data", tmp_path / "none")
    assert result.exit_code == 1
    assert "not set up: printer EPSON TM-T20  usb:///dev/usb/lp0" in result.output
    assert "70-divoc-edge-printers.rules" in result.output


@pytest.mark.slow
def test_calibrating_prints_the_slip_and_its_result_goes_before_the_profile(
    site: Callable[..., Path], world: Callable[..., VirtualPrinter]
) -> None:
    printer = world(abilities=Does(native_qr=700, qr_excess="blank"))
    data = site(desk=printer.uri)
    run("doctor", "--data", data, "--calibrate")
    assert printer.settle()
    (paper,) = printer.papers()
    picture = Image.open(io.BytesIO(paper.png)).convert("L")
    read = [one.text for one in zxingcpp.read_barcodes(picture)]
    largest = max((text for text in read if " native " in text), key=size_read)
    assert size_read(largest) == 600
    kept = run("calibrate-result", "--data", data, "--printer", "desk", largest)
    assert kept.exit_code == 0, kept.output
    assert own_file(data, "desk").read_text().startswith("# What calibration found out")
    one = PrinterSettings("desk", printer.uri, "virtual-80")
    assert site_profile(data, one).native_qr == 600
    assert site_profile(data, one).confirmation == profile("virtual-80").confirmation
    again = run("doctor", "--data", data)
    assert again.exit_code == 0, again.output


@pytest.mark.slow
def test_a_printer_that_prints_a_slip_just_then_is_sent_no_calibration_slip(
    site: Callable[..., Path], tmp_path: Path
) -> None:
    paper = tmp_path / "paper"
    data = site(desk=f"file://{paper}")
    with own_printer(data, "desk"):
        result = run("doctor", "--data", data, "--calibrate")
    assert result.exit_code == Exit.TRY_LATER
    assert "Another command is using this printer just now." in result.output
    assert paper.read_bytes() == b""
    assert run("doctor", "--data", data, "--calibrate").exit_code == 0
    assert paper.read_bytes() != b""


@pytest.mark.slow
def test_a_photograph_of_the_slip_says_all_that_a_profile_needs(
    site: Callable[..., Path], world: Callable[..., VirtualPrinter]
) -> None:
    habit = Does(
        native_qr=310, qr_excess="blank", aligns_raster=False, wakes_in_chinese=True,
        ignored=frozenset({"FS .", "ESC J", "GS V"}),
    )  # fmt: skip
    printer = world(width=384, abilities=habit, cutter=False)
    data = site(desk=printer.uri)
    run("doctor", "--data", data, "--calibrate")
    assert printer.settle()
    (paper,) = printer.papers()
    photograph = data / "slip.png"
    ImageOps.expand(paper.image.convert("L"), 40, 255).save(photograph)
    kept = run("calibrate-result", "--data", data, "--picture", photograph, "--uncut")
    assert kept.exit_code == 0, kept.output
    known = site_profile(data, PrinterSettings("desk", printer.uri, "virtual-80"))
    assert (known.width, known.columns, known.native_qr) == (384, 32, 310)
    assert (known.code_page, known.cut) == ("ascii", "ESC i")
    assert (known.feeds, known.raster_alignment, known.pictures) == (False, False, "GS v 0")


def test_a_photograph_without_a_code_and_nothing_at_all_are_refused(
    site: Callable[..., Path],
) -> None:
    data = site(desk="file:///dev/null")
    Image.new("L", (90, 90), 255).save(data / "white.png")
    nothing = run("calibrate-result", "--data", data, "--picture", data / "white.png")
    assert "No code that the printer made can be read" in nothing.output
    assert run("calibrate-result", "--data", data).exit_code == 2
    assert not own_file(data, "desk").exists()


def test_what_was_written_by_hand_stays_when_a_result_is_kept(site: Callable[..., Path]) -> None:
    data = site(desk="file:///dev/null")
    path = own_file(data, "desk")
    path.parent.mkdir()
    path.write_text("# slow\nmillimetres_per_second: 60\n")
    run("calibrate-result", "--data", data, "310", "--width", "512", "--code-page", "17")
    one = site_profile(data, PrinterSettings("desk", "file:///dev/null", "virtual-80"))
    assert (one.native_qr, one.width, one.columns) == (310, 512, 42)
    assert (one.code_page, one.code_page_id, one.millimetres_per_second) == ("cp866", 17, 60)
    assert "# slow" in path.read_text()


def test_a_printer_whose_name_is_a_path_keeps_its_file_inside_the_site(tmp_path: Path) -> None:
    path = own_file(tmp_path, "../../etc/desk")
    assert path.parent == tmp_path / "printers"
    assert os.path.normpath(path) == str(path)


def test_a_mistake_in_a_printers_own_file_names_that_file(site: Callable[..., Path]) -> None:
    data = site(desk="file:///dev/null")
    path = own_file(data, "desk")
    path.parent.mkdir()
    path.write_text("native_qr: many\n")
    result = run("doctor", "--data", data)
    assert result.exit_code == 1
    assert (
        "In the printer profile desk.yaml the field native_qr must be a whole number."
        in result.output
    )


def test_a_language_that_nobody_speaks_is_a_trouble_of_the_printer(
    site: Callable[..., Path],
) -> None:
    data = site(desk="file:///dev/null")
    path = own_file(data, "desk")
    path.parent.mkdir()
    path.write_text("language: Escpso\nconfirmation: none\n")
    result = run("doctor", "--data", data)
    assert result.exit_code == 1
    assert "The printer language Escpso is not known. Did you mean escpos?" in result.output


# printers of other languages, and profiles that fit


class Answering:
    """A connection to a printer that gives one answer to whatever it is asked."""

    answers = True

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.asked = b""

    def write(self, data: bytes) -> None:
        self.asked += data

    def read(self, seconds: float) -> bytes:
        first, self.answer = self.answer[:7], self.answer[7:]
        if not first:
            time.sleep(min(seconds, 0.05))
        return first

    def close(self) -> None:
        pass


ZEBRA = b"\x02ZD421-203dpi,V93.21.15Z,8,8176KB\x03\r\n"
WELL = b"\x02030,0,0,0240,000,0,0,0,000,0,0,0\x03\r\n\x02001,0,0,0,1,2,4,0,00000000,1,000\x03\r\n\x020000,0\x03\r\n"
STAR = bytes([0x23, 0x06, 0, 0, 0, 0, 0, 0, 0])


def brother(model: int = 0x41, width: int = 62, length: int = 0, error: int = 0) -> bytes:
    status = bytearray(32)
    status[:5] = b"\x80\x20B4" + bytes([model])
    status[8], status[10], status[17] = error, width, length
    return bytes(status)


@pytest.mark.parametrize(
    ("name", "answer", "identity", "troubles"),
    [
        ("zebra-203", ZEBRA + WELL, "ZD421-203dpi V93.21.15Z", []),
        ("zebra-203", ZEBRA + WELL.replace(b"030,0,", b"030,1,"), "ZD421-203dpi V93.21.15Z", ["printer.paper-out"]),
        ("zebra-203", ZEBRA.replace(b",8,", b",12,") + WELL, "ZD421-203dpi V93.21.15Z", ["profile.other-resolution"]),
        ("brother-ql-62", brother(), "Brother QL-820NWB", []),
        ("brother-ql-62", brother(0x7F, 29, 90), "Brother 0x7f", ["profile.other-labels"]),
        ("brother-ql-62", brother() + brother()[:9], "Brother QL-820NWB", []),
        ("brother-ql-62", brother(error=1, width=0), "Brother QL-820NWB", ["printer.paper-out"]),
        ("star-mc-print3", STAR, "Star", []),
        ("star-mc-print3", STAR[:2] + b"\x20" + STAR[3:], "Star", ["printer.cover-open"]),
        ("star-mc-print3", STAR[:5] + b"\x08" + STAR[6:], "Star", ["printer.paper-out"]),
    ],
)  # fmt: skip
def test_a_printer_of_another_language_is_asked_what_it_is(
    name: str, answer: bytes, identity: str, troubles: list[str]
) -> None:
    connection = Answering(answer)
    result = examine("tcp://192.0.2.9", profile(name), lambda _: connection)
    assert result.identity is not None
    assert result.identity.name == identity
    assert codes(result.troubles) == troubles
    assert connection.asked in (b"~HI~HS", b"\x1biS", b"\x1b\x06\x01")  # nothing is printed


@pytest.mark.parametrize("name", ["zebra-203", "brother-ql-62", "star-mc-print3"])
@pytest.mark.parametrize(
    "answer",
    first_quick([STAR[:4], b"", ZEBRA, b"\x80\x20B4", b"\xff" * 40], 1),  # a second each
)
def test_a_printer_of_another_language_that_says_nothing_whole_is_silent(
    name: str, answer: bytes
) -> None:
    result = examine("tcp://192.0.2.9", profile(name), lambda _: Answering(answer))
    assert result.identity is None
    assert codes(result.troubles) == ["printer.no-answer"]


def test_the_models_are_known_by_the_codes_that_another_program_knows() -> None:
    from brother_ql.models import ALL_MODELS

    known = {one.model_code: one.identifier for one in ALL_MODELS if one.series_code == 0x34}
    assert {code: known[code] for code in _BROTHER} == _BROTHER


def test_a_profile_that_promises_too_much_is_answered_with_one_that_fits(
    site: Callable[..., Path], world: Callable[..., VirtualPrinter]
) -> None:
    data = site(desk=world(process_id=False).uri)
    result = run("doctor", "--data", data)
    assert result.exit_code == 1
    lines = [line.strip() for line in result.output.splitlines()]
    start = next(
        place for place, line in enumerate(lines) if line.startswith("A profile that fits")
    )
    suggested = "\n".join(lines[start + 1 : start + 9])
    assert "confirmation: transmit-status" in suggested
    (data / "fits.yaml").write_text(json.loads(
        run("doctor", "--json", "--data", data).output)["printers"][0]["suggestedProfile"])  # fmt: skip
    assert read_profile(data, "fits").confirmation == "transmit-status"


def test_a_printer_that_is_plugged_in_is_shown_with_a_profile(
    site: Callable[..., Path], world: Callable[..., VirtualPrinter], monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = world()
    found = Device(printer.uri, "/dev/usb/lp0", "EPSON", "TM-T20III", "ESC/POS")
    monkeypatch.setattr("printers.doctor.look", lambda fonts: Machine(found=(found,)))
    result = run("doctor", "--data", site())
    assert f"not set up: printer EPSON TM-T20III  {printer.uri}" in result.output
    assert "language: escpos" in result.output
    assert "confirmation: process-id" in result.output


@pytest.mark.parametrize("commands", ["", "ZPL"])
def test_a_device_that_may_speak_anything_is_not_asked(commands: str) -> None:
    def never(address: str) -> Answering:
        pytest.fail("it was asked")

    found = Device("usb:///dev/usb/lp0", "/dev/usb/lp0", commands=commands)
    assert unknown_printer(found, never).suggested == ""


@pytest.mark.parametrize("text", ["²", "٣", "-1", "9" * 5000, ""])
def test_what_is_no_size_of_the_slip_is_refused_in_words(text: str) -> None:
    with pytest.raises(PrinterError, match="neither a code"):
        size_read(text)


@pytest.mark.parametrize("text", ["²", "٣", "-1", "9" * 5000, "1e3"])
@pytest.mark.parametrize(
    ("address", "module"),
    [
        ("serial:///dev/ttyS0?baud={}", serial_port),
        ("bluetooth://00:11:22:33:44:55?channel={}", bluetooth),
    ],
)
def test_a_speed_or_channel_that_no_printer_has_is_refused_in_words(
    text: str, address: str, module: ModuleType
) -> None:
    with pytest.raises(PrinterError, match=r"The (speed|Bluetooth channel) "):
        module.connect(urlsplit(address.format(text)))
