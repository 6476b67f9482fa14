"""Ways to a printer: what they take, what they know of it, and how they let go."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
import threading
import tty
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import serial

from printers.connections import bluetooth, connect
from printers.connections.device import DeviceConnection, port_trouble
from printers.connections.opening import cannot_open
from printers.connections.serial_port import SerialConnection, find_speed, open_port
from printers.connections.stream import StreamConnection
from printers.connections.tcp import watch_over
from printers.errors import ConnectionFailed, PrinterError
from printers.patience import Patience
from printers.virtual import Fault, Model, VirtualPrinter

LINES = b"".join(b"line %05d\n" % number for number in range(4000))


@pytest.fixture
def serial_printer() -> Iterator[VirtualPrinter]:
    model = Model(serial=True, millimetres_per_second=4000, cut_seconds=0, print_ahead=0)
    printer = VirtualPrinter(model=model)
    printer.start()
    yield printer
    printer.stop()


class Port:
    """A serial port whose printer a test plays; ``busy`` counts the looks at DSR it says no to."""

    def __init__(self, busy_each: int = 0, holds: bool = False, speed: int = 0) -> None:
        self.timeout: float | None = 0
        self.taken: list[bytes] = []
        self.out_waiting = 0
        self.closed = False
        self.flushed = 0
        self.said = b""
        self._busy_each = self._busy = busy_each
        self.holds = holds

    @property
    def in_waiting(self) -> int:
        return len(self.said)

    @property
    def dsr(self) -> bool:
        self._busy -= 1
        return self._busy < 0

    def write(self, data: bytes) -> int:
        assert self._busy < 0 or not self._busy_each, "it was written to while it was busy"
        assert self.out_waiting == 0 or not self._busy_each, "the last piece was still in the port"
        self._busy = self._busy_each
        self.taken.append(data)
        if self.holds:
            self.out_waiting += len(data)
        return len(data)

    def read(self, size: int = 1) -> bytes:
        data, self.said = self.said[:size], self.said[size:]
        return data

    def reset_output_buffer(self) -> None:
        self.flushed, self.out_waiting = self.flushed + self.out_waiting, 0

    def close(self) -> None:
        self.closed = True


@pytest.mark.slow
def test_closing_loses_nothing_of_a_job_whose_printer_still_speaks(printer: VirtualPrinter) -> None:
    connection = connect(printer.uri)
    connection.write(b"\x1da\xff" + LINES + b"\x10\x04\x01" * 50 + b"end\n\x1dVB\x00")
    connection.close()  # with unread answers: a plain close would reset the connection
    assert printer.settle()
    assert printer.tape()[-1] == "end"
    assert len(printer.tape()) == 4001


@pytest.mark.slow
def test_closing_waits_for_a_slow_printer_to_take_the_rest(printer: VirtualPrinter) -> None:
    printer.arm(Fault("slow", seconds=0.02))
    connection = connect(printer.uri)
    connection.write(LINES + b"end\n\x1dVB\x00")
    connection.close()
    assert printer.settle(20)
    assert printer.tape()[-1] == "end"


def test_bytes_that_the_other_side_has_not_taken_are_known() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection = connect(f"tcp://127.0.0.1:{listener.getsockname()[1]}")
        assert isinstance(connection, StreamConnection)
        theirs, _ = listener.accept()
        connection.write(bytes(1_000_000))
        assert 0 < connection.unacknowledged() < 1_000_000
        theirs.close()
        connection._socket.close()


def test_a_peer_that_takes_nothing_has_stopped_and_what_went_is_counted() -> None:
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    connection = StreamConnection(ours, stalled=0.1)
    with pytest.raises(ConnectionFailed) as stopped:
        connection.write(bytes(3_000_000))
    assert stopped.value.code == "printer.stalled"
    theirs.setblocking(False)
    arrived = 0
    with contextlib.suppress(BlockingIOError):
        while data := theirs.recv(65536):
            arrived += len(data)
    assert arrived == stopped.value.accepted
    ours.close()
    theirs.close()


def test_the_kernel_is_told_to_find_a_connection_whose_other_end_is_gone() -> None:
    with socket.socket() as one:
        watch_over(one)
        asked = [
            one.getsockopt(socket.IPPROTO_TCP, option)
            for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        ]
        assert one.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert asked[0] + asked[1] * asked[2] <= 20
        # a window that stays closed for want of paper is no dead line
        assert one.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 0


def test_a_printer_that_hangs_up_is_noticed_by_reading(printer: VirtualPrinter) -> None:
    connection = connect(printer.uri)
    connection.write(b"\x10\x04\x01")
    assert connection.read(2)
    printer.arm(Fault("hang-up"))
    with pytest.raises(ConnectionFailed) as lost:
        connection.read(5)
    assert lost.value.code == "printer.cut-off"
    connection.close()


@pytest.mark.slow
def test_a_small_buffer_on_a_serial_line_loses_nothing_with_flow_control(
    serial_printer: VirtualPrinter,
) -> None:
    serial_printer.arm(Fault("slow", seconds=0.3))  # the line is three times as fast
    connection = connect(serial_printer.uri)
    connection.write(LINES[:11_000] + b"\x1dr1")
    said = b""
    while b"\x00" not in said:
        more = connection.read(10)
        assert more, "the last byte of the job did not arrive"
        said += more
    connection.close()
    assert serial_printer.tape() == LINES[:11_000].decode().splitlines()


def test_a_serial_port_has_one_owner(serial_printer: VirtualPrinter) -> None:
    connection = connect(serial_printer.uri)
    with pytest.raises(ConnectionFailed) as taken:
        connect(serial_printer.uri)
    assert taken.value.code == "printer.in-use"
    connection.close()
    connect(serial_printer.uri).close()


def test_dsr_is_heeded_before_every_small_piece() -> None:
    port = Port(busy_each=3)
    SerialConnection(port, "dsrdtr").write(LINES[:1000])
    assert b"".join(port.taken) == LINES[:1000]
    assert max(map(len, port.taken)) <= 64


def test_a_printer_that_stays_busy_from_the_first_byte_has_taken_none() -> None:
    port = Port(busy_each=1_000_000)
    with pytest.raises(ConnectionFailed) as stopped:
        SerialConnection(port, "dsrdtr", stalled=0.05).write(LINES)
    assert (stopped.value.code, stopped.value.accepted) == ("printer.stalled", 0)


@pytest.mark.parametrize("flow", ["xonxoff", "rtscts", "dsrdtr"])
def test_what_a_held_line_keeps_in_the_port_is_thrown_away_when_it_is_given_up(flow: str) -> None:
    port = Port(holds=True)
    connection = SerialConnection(port, flow, stalled=0.05)
    with pytest.raises(ConnectionFailed) as stopped:
        connection.write(LINES)
    assert stopped.value.code == "printer.stalled"
    assert (stopped.value.accepted, port.flushed) == (sum(map(len, port.taken)), 0)
    connection.close()
    assert port.flushed == stopped.value.accepted


@pytest.mark.parametrize("flow", ["xonxoff", "rtscts", "dsrdtr"])
def test_a_line_that_was_held_goes_on_without_a_byte_too_few_or_between(flow: str) -> None:
    port = Port(holds=True)
    connection = SerialConnection(port, flow, stalled=0.05)
    with pytest.raises(ConnectionFailed) as stopped:
        connection.write(LINES)
    with pytest.raises(ConnectionFailed) as question:  # how is it? it cannot hear that now
        connection.write(b"\x10\x04\x01")
    assert question.value.accepted == 0
    port.holds, port.out_waiting = False, 0  # the printer takes everything
    connection.write(LINES[stopped.value.accepted :])
    assert b"".join(port.taken) == LINES
    assert port.flushed == 0


def test_a_port_that_takes_a_part_of_a_piece_is_given_the_rest() -> None:
    class Narrow(Port):
        def write(self, data: bytes) -> int:
            return super().write(data[:100])

    port = Narrow()
    SerialConnection(port, "xonxoff").write(LINES)
    assert b"".join(port.taken) == LINES


def test_a_full_port_whose_line_is_held_has_stopped_and_is_not_cut_off() -> None:
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    connection = SerialConnection(open_port(os.ttyname(theirs), 115200, "xonxoff"), "xonxoff", 0.05)
    with pytest.raises(ConnectionFailed) as stopped:
        connection.write(LINES)  # nobody reads
    assert stopped.value.code == "printer.stalled"
    came = read_all(ours, stopped.value.accepted)
    with ThreadPoolExecutor(1) as threads:
        rest = threads.submit(read_all, ours, len(LINES) - len(came))
        connection.write(LINES[len(came) :])
        assert came + rest.result() == LINES
    connection.close()
    os.close(ours)
    os.close(theirs)


def read_all(handle: int, size: int) -> bytes:
    found = b""
    while len(found) < size:
        found += os.read(handle, size - len(found))
    return found


def test_the_speed_is_the_one_at_which_a_true_answer_comes() -> None:
    ports: dict[int, Port] = {}

    def opened(speed: int) -> Port:
        ports[speed] = port = Port()
        port.said = b"\x16" if speed == 19200 else b"\xf0\x00\x9c"  # noise at wrong speeds
        return port

    assert find_speed(opened, answer_time=0.05) == 19200
    assert list(ports) == [115200, 38400, 19200]
    assert all(port.closed for port in ports.values())


def test_a_port_without_a_printer_has_no_speed() -> None:
    with pytest.raises(ConnectionFailed) as silent:
        find_speed(lambda speed: Port(), "/dev/ttyUSB0", answer_time=0.01)
    assert "/dev/ttyUSB0 answers at none of these speeds: 115200, 38400" in str(silent.value)


def test_a_printer_on_a_serial_line_is_found_without_its_speed(
    serial_printer: VirtualPrinter,
) -> None:
    connection = connect(f"serial://{serial_printer.device}?baud=auto")
    connection.write(b"\x10\x04\x04")
    assert connection.read(2) == b"\x12"
    connection.close()


@pytest.mark.parametrize(("status", "code"), [
    (0b00011000, ""),
    (0b00111000, "printer.paper-out"),
    (0b00110000, "printer.paper-out"),
    (0b00001000, "printer.offline"),
    (0b00010000, "printer.broken"),
])  # fmt: skip
def test_a_usb_port_says_how_its_printer_is(status: int, code: str) -> None:
    trouble = port_trouble(status)
    assert (trouble.code if trouble else "") == code


def test_a_device_that_knows_no_port_status_has_no_trouble_to_tell() -> None:
    ours, theirs = os.openpty()
    connection = DeviceConnection(os.ttyname(theirs), os.O_RDWR | os.O_NONBLOCK, answers=True)
    assert connection.port_trouble() is None
    connection.close()
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize(("number", "code", "remedy"), [
    (errno.ENOENT, "printer.unreachable", "is off or not plugged in"),
    (errno.ENODEV, "printer.unreachable", "is off or not plugged in"),
    (errno.EACCES, "printer.no-permission", "Add its user to the group lp"),
    (errno.EBUSY, "printer.in-use", "Another program uses /dev/usb/lp0."),
    (errno.EIO, "printer.unreachable", "/dev/usb/lp0 cannot be opened."),
])  # fmt: skip
def test_why_a_device_does_not_open_is_told_with_its_remedy(
    number: int, code: str, remedy: str
) -> None:
    failed = cannot_open("/dev/usb/lp0", number, "lp")
    assert failed.code == code
    assert failed.accepted == 0
    assert remedy in str(failed)


@pytest.mark.parametrize(("uri", "sentence"), [
    ("bluetooth://printer", "PRINTER is not a Bluetooth address such as 00:11:22:AA:BB:CC."),
    ("bluetooth://00:11:22:AA:BB:CC?channel=31", "channel 31 is not a number from 1 to 30."),
    ("tcp://127.0.0.1:99999", "has no valid port."),
])  # fmt: skip
def test_an_address_with_a_mistake_in_it_is_refused_in_words(uri: str, sentence: str) -> None:
    with pytest.raises(PrinterError) as refused:
        connect(uri)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(("error", "sentence"), [
    (ConnectionRefusedError(), "refuses the connection: another computer may hold this printer"),
    (ConnectionResetError(), "refuses the connection: another computer may hold this printer"),
    (TimeoutError(), "check that it is on, its cable, and its address"),
    (OSError(errno.EHOSTUNREACH, ""), "check that it is on, its cable, and its address"),
    (OSError(errno.ENETUNREACH, ""), "check that it is on, its cable, and its address"),
    (socket.gaierror(), "check that it is on, its cable, and its address"),
])  # fmt: skip
def test_a_printer_that_refuses_is_told_from_one_that_is_off(
    monkeypatch: pytest.MonkeyPatch, error: OSError, sentence: str
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(socket, "create_connection", fails)
    with pytest.raises(ConnectionFailed) as failed:
        connect("tcp://192.0.2.9")
    assert failed.value.code == "printer.unreachable"
    assert sentence in str(failed.value)


def test_a_bluetooth_address_has_channel_1_unless_it_says_another() -> None:
    plain = bluetooth.address_of(urlsplit("bluetooth://00:11:22:aa:bb:cc"))
    other = bluetooth.address_of(urlsplit("bluetooth://00:11:22:aa:bb:cc?channel=4"))
    assert plain == ("00:11:22:AA:BB:CC", 1)
    assert other == ("00:11:22:AA:BB:CC", 4)


def test_a_python_without_bluetooth_names_the_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_BLUETOOTH", raising=False)
    with pytest.raises(PrinterError) as refused:
        connect("bluetooth://00:11:22:AA:BB:CC")
    assert "rfcomm bind" in str(refused.value)
    assert "serial:///dev/rfcomm0" in str(refused.value)


def test_a_serial_line_that_goes_away_is_a_lost_connection() -> None:
    class Gone(Port):
        def write(self, data: bytes) -> int:
            raise serial.SerialException("device disconnected")

    with pytest.raises(ConnectionFailed) as lost:
        SerialConnection(Gone(), "none").write(b"abc")
    assert (lost.value.code, lost.value.accepted) == ("printer.cut-off", 0)


def test_answers_that_never_stop_do_not_keep_a_connection_open() -> None:
    ours, theirs = socket.socketpair()
    stop = threading.Event()

    def chatter() -> None:
        while not stop.is_set():
            try:
                theirs.send(b"\x12")
            except OSError:
                return

    thread = threading.Thread(target=chatter, daemon=True)
    thread.start()
    StreamConnection(ours, closing=0.2).close()
    stop.set()
    thread.join(5)
    assert ours.fileno() == -1
    theirs.close()


def test_a_device_is_tried_once_more_after_a_busy_machine_has_held_the_process_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its time went by while it did not run: what the device would take now is given to it."""
    pipe, now, looked = tmp_path / "pipe", [0.0], [0]
    os.mkfifo(pipe)
    ours = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    line = DeviceConnection(str(pipe), os.O_WRONLY | os.O_NONBLOCK, answers=False, stalled=2.0)
    real = select.select

    def held_up(*arguments: Any) -> Any:
        looked[0] += 1
        if looked[0] == 1:
            now[0] += 60  # it did not run meanwhile, and the look before had found no room
            return [], [], []
        return real(*arguments)

    monkeypatch.setattr(select, "select", held_up)
    monkeypatch.setattr(
        "printers.connections.device.Patience", lambda seconds: Patience(seconds, lambda: now[0])
    )
    line.write(b"SLIP")
    assert os.read(ours, 10) == b"SLIP"
    os.close(ours)
