"""The printer in software as others see it: libraries that speak to real printers."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zxingcpp
from escpos.printer import Dummy, Network, Serial
from PIL import Image
from requirements import missing

from printers.connections import Connection, connect
from printers.errors import ConnectionFailed
from printers.interpreter import preview
from printers.virtual import Fault, Kind, Model, VirtualPrinter
from printers.virtual.panel import obey

FAST = Model(millimetres_per_second=4000, cut_seconds=0)
SERIAL = Model(serial=True)


@pytest.fixture
def switched_on() -> Iterator[Callable[..., VirtualPrinter]]:
    printers: list[VirtualPrinter] = []

    def make(model: Model = FAST, folder: Path | None = None) -> VirtualPrinter:
        printer = VirtualPrinter(model=model, folder=folder)
        printer.start()
        printers.append(printer)
        return printer

    yield make
    for printer in printers:
        printer.stop()


def taken(connection: Connection, data: bytes) -> int:
    """Write, and count what was taken before the line was held for long."""
    try:
        connection.write(data)
    except ConnectionFailed as error:
        if error.code != "printer.stalled":
            raise
        return error.accepted
    return len(data)


def until(happened: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not happened():
        time.sleep(0.01)
    return happened()


@pytest.mark.parametrize("endpoint", ["tcp", "pty"])
@pytest.mark.parametrize(("kinds", "online", "paper"), [
    ([], True, 2), (["near-end"], True, 1), (["paper-out"], False, 0), (["cover-open"], False, 2),
])  # fmt: skip
def test_python_escpos_reads_the_right_state_from_it(
    switched_on: Callable[..., VirtualPrinter],
    endpoint: str,
    kinds: list[Kind],
    online: bool,
    paper: int,
) -> None:
    printer = switched_on(SERIAL if endpoint == "pty" else FAST)
    for kind in kinds:
        printer.arm(Fault(kind))
    host = (
        Serial(printer.device, baudrate=115200, timeout=0.5)
        if endpoint == "pty"
        else Network("127.0.0.1", printer.port, timeout=2)
    )
    try:
        assert host.is_online() is online
        assert host.paper_status() == paper
    finally:
        host.close()


@pytest.mark.parametrize("how", ["bitImageRaster", "graphics", "bitImageColumn"])
def test_each_of_its_ways_to_print_a_picture_is_drawn_to_the_dot(how: str) -> None:
    picture = Image.new("L", (48 * 8, 240), 255)
    picture.paste(symbol("a picture in dots", 4), (32, 24))
    host = Dummy()
    host.image(picture.convert("1"), impl=how, center=False)
    drawn = preview(host.output, 576)
    box = drawn.point(lambda value: 255 - value).getbbox()
    want = picture.point(lambda value: 255 - value).getbbox()
    assert box is not None
    assert want is not None
    assert drawn.crop(box).tobytes() == picture.crop(want).tobytes()
    assert box[0] == want[0]


def symbol(text: str, dots: int) -> Image.Image:
    """Draw a code with another library than the interpreter's own."""
    drawn = Image.fromarray(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image())
    side = (drawn.width * dots, drawn.height * dots)
    return drawn.convert("L").resize(side, Image.Resampling.NEAREST)


@pytest.mark.parametrize("native", [True, False])
def test_its_codes_are_read_back_from_the_paper(native: bool) -> None:
    host = Dummy()
    host.qr("from another library " * 8, native=native, size=5)
    host.ln(4)
    (found,) = zxingcpp.read_barcodes(preview(host.output, 576))
    assert found.text == "from another library " * 8


def test_its_text_comes_out_in_order_over_the_network(
    switched_on: Callable[..., VirtualPrinter],
) -> None:
    printer = switched_on()
    host = Network("127.0.0.1", printer.port)
    host.set(bold=True, double_height=True)
    host.text("first\n")
    host.set_with_default()
    host.text("second é\n")
    host.cut()
    host.close()
    assert until(lambda: len(printer.papers()) == 1)
    assert printer.tape() == ["first", "second é"]


def test_over_a_serial_line_with_flow_control_nothing_is_lost(
    switched_on: Callable[..., VirtualPrinter],
) -> None:
    printer = switched_on(Model(serial=True, millimetres_per_second=2000, cut_seconds=0))
    printer.arm(Fault("slow", seconds=0.12))
    connection = connect(printer.uri)
    wanted = [f"{number:040d}" for number in range(400)]
    data = "\n".join(wanted).encode() + b"\n"
    while data:
        data = data[taken(connection, data) :]
    assert until(lambda: printer.tape() == wanted, 60)
    connection.close()


@pytest.fixture(scope="session")
def receiptio(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The status client of the Open Foodservice System Consortium, from npm."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        missing("npm")
    folder = tmp_path_factory.mktemp("npm")
    command = [
        str(npm),
        "install",
        "--prefix",
        str(folder),
        "--no-audit",
        "--no-fund",
        "receiptio@2.1.2",
    ]
    try:
        done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        missing("npm's receiptio")
    if done.returncode:
        missing("npm's receiptio")
    return [str(node), str(folder / "node_modules/receiptio/bin/cli.js")]


def run_receiptio(receiptio: list[str], printer: VirtualPrinter, *more: str) -> str:
    # it takes only an address for a printer on the network, and only the usual port
    text = "^^^Certificate\n\nName | Zoe\n\n---\nEND 0001\n"
    port = Path(receiptio[1]).parents[3] / "port.js"
    port.write_text(
        "const net = require('net'), real = net.connect;"
        "net.connect = (port, host, then) => real(+process.env.PRINTER_PORT, host, then);"
    )
    command = [receiptio[0], "-r", str(port), receiptio[1], "-d", "127.0.0.1", *more]
    environment = {**os.environ, "PRINTER_PORT": str(printer.port)}
    done = subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
        check=False,
    )
    return done.stderr.strip()


@pytest.mark.slow
def test_receiptio_says_success_and_the_paper_is_there(
    switched_on: Callable[..., VirtualPrinter], receiptio: list[str]
) -> None:
    printer = switched_on(Model(print_ahead=0, identity=("EPSON", "TM-T88V")))
    assert run_receiptio(receiptio, printer, "-t", "20") == "success"
    (paper,) = printer.papers()
    said = [line.strip() for line in paper.lines if line.strip()]
    assert said[0] == "Certificate"
    assert said[1].split() == ["Name", "Zoe"]
    assert said[-1] == "END 0001"


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "at_row", "says"), [
    ("cover-open", None, "coveropen"), ("paper-out", None, "paperempty"),
    ("broken", None, "error"), ("paper-out", 40, "paperempty"), ("cover-open", 40, "coveropen"),
    ("power", 40, "disconnect"), ("silent", None, "offline"),
])  # fmt: skip
def test_receiptio_names_what_is_wrong_and_no_closing_line_came_out(
    switched_on: Callable[..., VirtualPrinter],
    receiptio: list[str],
    kind: Kind,
    at_row: int | None,
    says: str,
) -> None:
    printer = switched_on(Model(print_ahead=0))
    printer.arm(Fault(kind, at_row=at_row))
    assert run_receiptio(receiptio, printer, "-t", "5") == says
    assert not any("END 0001" in line for line in printer.tape())


def test_a_second_connection_is_refused_or_waits_for_the_first_to_end(
    switched_on: Callable[..., VirtualPrinter],
) -> None:
    def ask(line: socket.socket) -> bytes:
        line.settimeout(0.3)
        line.sendall(b"\x10\x04\x01")
        try:
            return line.recv(10)
        except (TimeoutError, ConnectionError):
            return b""

    for second, answer in (("waits", b"\x12"), ("refused", b"")):
        printer = switched_on(Model(second=second))  # type: ignore[arg-type]
        place = ("127.0.0.1", printer.port)
        with socket.create_connection(place) as first, socket.create_connection(place) as other:
            assert ask(first) == b"\x12"
            try:
                assert ask(other) == b""
            except ConnectionError:
                assert second == "refused"
            first.close()
            other.settimeout(3)
            try:
                assert other.recv(10) == answer
            except ConnectionError:
                assert second == "refused"


@pytest.mark.parametrize("kind", ["reset", "hang-up", "power"])
def test_a_connection_that_the_printer_drops_is_seen_to_be_lost(
    switched_on: Callable[..., VirtualPrinter], kind: Kind
) -> None:
    printer = switched_on()
    printer.arm(Fault(kind, at_byte=2000))
    connection = connect(printer.uri)
    with pytest.raises(ConnectionFailed) as lost:
        connection.write(bytes(20_000_000))
    connection.close()
    assert lost.value.accepted >= 2000
    assert printer.machine.received == 2000


def test_a_half_open_printer_accepts_and_says_nothing(
    switched_on: Callable[..., VirtualPrinter],
) -> None:
    printer = switched_on()
    printer.arm(Fault("half-open"))
    connection = connect(printer.uri)
    connection.write(b"\x10\x04\x01")
    assert connection.read(0.3) == b""
    printer.clear("half-open")
    assert connection.read(3) == b"\x12"
    connection.close()


def test_pictures_of_papers_go_to_a_folder_and_are_numbered_on(
    switched_on: Callable[..., VirtualPrinter], tmp_path: Path
) -> None:
    for number in (1, 2):
        printer = switched_on(FAST, tmp_path)
        connection = connect(printer.uri)
        connection.write(b"x\n\x1dV\x00")
        connection.close()
        picture = tmp_path / f"{number:06d}.png"
        assert until(picture.exists)
        assert Image.open(picture).size == (576, 60)


@pytest.mark.parametrize(("line", "bits"), [
    ("cover open", b"\x1a\x16\x12\x12"), ("paper out", b"\x1a\x32\x12\x7e"),
    ("Paper near end", b"\x12\x12\x12\x1e"), ("overheated 60", b"\x1a\x52\x52\x12"),
])  # fmt: skip
def test_the_switches_are_set_by_words(
    switched_on: Callable[..., VirtualPrinter], line: str, bits: bytes
) -> None:
    printer = switched_on()

    def state() -> bytes:
        asked = (printer.machine.condition.real_time(number) for number in (1, 2, 3, 4))
        return bytes(asked)

    assert obey(line, printer) == "ok"
    assert state() == bits
    assert obey("ok", printer) == "ok"
    assert state() == b"\x12\x12\x12\x12"


def test_a_word_that_is_no_switch_is_not_obeyed(
    switched_on: Callable[..., VirtualPrinter],
) -> None:
    printer = switched_on()
    for line in ("explode", "cover", "cover open at", "cover open at noon", "power 1 2", "ok then"):
        assert obey(line, printer) == "Not understood; try help."
    assert "cover open" in obey("help", printer)
    assert obey("papers", printer) == "0 papers, 0 lines"


def test_it_runs_as_a_program_with_its_switches_on_standard_input(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "printers.virtual", "--port", "0", "--folder", str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        uri = process.stdout.readline().split()[0]
        process.stdin.write("cover open\n")
        process.stdin.flush()
        assert process.stdout.readline() == "ok\n"
        connection = connect(uri)
        connection.write(b"\x10\x04\x02")
        assert connection.read(5) == b"\x16"
        connection.close()
        process.terminate()
