"""A job's way to paper: printed when the printer says so, never twice by itself."""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from slips import NAMES, profile, slip

from printers.connections import connect
from printers.errors import ConnectionFailed, PrinterError
from printers.fonts import Fonts
from printers.jobs import MOVES, Job, PrintState, RenderedSlip
from printers.languages import encode
from printers.spooler import Spooler
from printers.virtual import Fault, VirtualPrinter


class Store:
    """Jobs in memory, which insists on the allowed moves."""

    def __init__(self, *states: str) -> None:
        self.states = dict(enumerate(states or ("queued",), start=1))
        self.causes: list[str] = []

    def next_job(self) -> Job | None:
        return next((Job(id_) for id_, state in self.states.items() if state == "queued"), None)

    def in_flight(self) -> list[Job]:
        return [Job(i) for i, state in self.states.items() if state in ("sending", "sent")]

    def torn(self) -> bool:
        return False

    def hold(self, job: Job, cause: str) -> None:
        self.causes.append(cause)

    def remark_missing_letters(self, job: Job) -> None:
        """Keep no remarks."""

    def move(self, job: Job, state: str, cause: str, sha256: str) -> bool:
        assert state in MOVES[PrintState(self.states[job.id])]
        self.states[job.id] = state
        self.causes.append(cause)
        return True


@pytest.fixture
def spool(fonts: Fonts, printer: VirtualPrinter) -> Callable[..., Spooler]:
    def make(
        store: Store, name: str = "virtual-80", uri: str = "", patience: float = 0.4
    ) -> Spooler:
        model = profile(name)
        data = encode(slip(NAMES["Devanagari"], bytes(range(250))), model, fonts)
        address = uri or f"tcp://127.0.0.1:{printer.port}"
        return Spooler(
            model, store, lambda job: RenderedSlip(data), lambda: connect(address), patience
        )

    return make


@pytest.mark.parametrize("name", ["virtual-80", "escpos-80"])
def test_a_job_is_printed_when_the_printer_says_so(
    spool: Callable[..., Spooler], printer: VirtualPrinter, name: str
) -> None:
    store = Store("queued", "queued")
    assert spool(store, name, patience=3).run() == 2
    assert set(store.states.values()) == {"printed"}
    assert len(printer.papers()) == 2


def test_a_printer_that_falls_silent_leaves_the_job_unknown_and_it_is_not_sent_again(
    spool: Callable[..., Spooler], printer: VirtualPrinter
) -> None:
    printer.arm(Fault("silent", at_byte=500))
    store = Store()
    spooler = spool(store)
    spooler.run()
    assert store.states[1] == "unknown"
    spooler.run()
    assert len(printer.papers()) == 1


@pytest.mark.parametrize(
    ("fault", "code"), [("paper_out", "printer.paper-out"), ("cover_open", "printer.cover-open")]
)
def test_without_paper_or_with_the_cover_open_the_job_waits_and_goes_on_by_itself(
    spool: Callable[..., Spooler], printer: VirtualPrinter, fault: str, code: str
) -> None:
    setattr(printer.faults, fault, True)
    store = Store()
    spooler = spool(store, patience=3)
    assert spooler.run() == 0
    assert store.states[1] == "queued"
    assert spooler.health.code == code
    setattr(printer.faults, fault, False)
    assert spooler.run() == 1
    assert store.states[1] == "printed"
    assert spooler.health.code == ""


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.98])
def test_power_that_fails_in_the_middle_leaves_the_job_unknown(
    spool: Callable[..., Spooler], printer: VirtualPrinter, share: float
) -> None:
    store = Store()
    spooler = spool(store)
    size = len(spooler._render(Job(1)).data)
    printer.faults.power_cut_at = 12 + int(size * share)
    spooler.run()
    assert store.states[1] == "unknown"
    spooler.run()
    assert store.states[1] == "unknown"
    assert printer.papers() == []


class Failing:
    """A connection that breaks while the job is sent."""

    answers = False

    def __init__(self, accepted: int) -> None:
        self.accepted = accepted

    def write(self, data: bytes) -> None:
        raise ConnectionFailed("printer.cut-off", "It was lost.", self.accepted)

    def read(self, seconds: float) -> bytes:
        return b""

    def close(self) -> None:
        pass


@pytest.mark.parametrize(("accepted", "state"), [(0, "queued"), (1, "unknown"), (4000, "unknown")])
def test_a_job_may_be_sent_again_only_if_not_one_byte_was_taken(
    spool: Callable[..., Spooler], accepted: int, state: str
) -> None:
    store = Store()
    spooler = spool(store)
    spooler._connect = lambda: Failing(accepted)
    spooler.run()
    assert store.states[1] == state


def test_a_printer_that_is_not_there_keeps_the_job(spool: Callable[..., Spooler]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    store = Store()
    spooler = spool(store, uri=f"tcp://127.0.0.1:{port}")
    assert spooler.run() == 0
    assert store.states[1] == "queued"
    assert spooler.health.code == "printer.unreachable"


def test_a_slip_is_not_made_again_and_again_while_the_printer_is_not_ready(
    spool: Callable[..., Spooler], printer: VirtualPrinter
) -> None:
    printer.faults.cover_open = True
    store = Store()
    spooler = spool(store, patience=3)
    made, good = [], spooler._render
    spooler._render = lambda job: made.append(job) or good(job)  # type: ignore[func-returns-value]
    for _ in range(3):
        spooler.run()
    assert made == []
    printer.faults.cover_open = False
    spooler.run()
    assert (len(made), store.states[1]) == (1, "printed")


def test_after_a_restart_what_was_on_its_way_is_unknown_and_the_rest_is_printed(
    spool: Callable[..., Spooler], printer: VirtualPrinter
) -> None:
    store = Store("sending", "sent", "queued", "printed")
    spooler = spool(store, patience=3)
    spooler.recover()
    spooler.run()
    assert store.states == {1: "unknown", 2: "unknown", 3: "printed", 4: "printed"}
    # a torn piece, here an empty one, is cut off before the next slip
    assert [any("END" in line for line in paper.lines) for paper in printer.papers()] == [
        True,
        False,
    ]


def test_a_slip_that_cannot_be_made_fails_and_the_next_is_printed(
    spool: Callable[..., Spooler], printer: VirtualPrinter
) -> None:
    store = Store("queued", "queued")
    spooler = spool(store, patience=3)
    good = spooler._render

    def render(job: Job) -> RenderedSlip:
        if job.id == 1:
            raise PrinterError("qr.does-not-fit", "It does not fit.")
        return good(job)

    spooler._render = render
    spooler.run()
    assert store.states == {1: "failed", 2: "printed"}
    assert "qr.does-not-fit" in store.causes


@pytest.mark.parametrize("broken", [KeyError("covid-19"), OSError(36, "File name too long")])
def test_a_slip_whose_making_breaks_fails_and_the_next_is_printed(
    spool: Callable[..., Spooler],
    printer: VirtualPrinter,
    broken: Exception,
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = Store("queued", "queued")
    spooler = spool(store, patience=3)
    good = spooler._render

    def render(job: Job) -> RenderedSlip:
        if job.id == 1:
            raise broken
        return good(job)

    spooler._render = render
    spooler.run()
    assert store.states == {1: "failed", 2: "printed"}
    assert "print.cannot-be-made" in store.causes
    assert type(broken).__name__ in caplog.text
    assert str(broken) not in caplog.text  # what an error says may be somebody's name


class Full(Store):
    """A store whose disk is full from the move to a state on, so many times."""

    def __init__(self, at: str, times: int) -> None:
        super().__init__("queued", "queued")
        self.at, self.times = at, times

    def move(self, job: Job, state: str, cause: str, sha256: str) -> bool:
        if self.times and (state == self.at or self.states[job.id] == "sending"):
            self.times -= 1
            raise sqlite3.OperationalError("database or disk is full")
        return super().move(job, state, cause, sha256)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_slip_whose_end_could_not_be_written_down_is_asked_about_and_the_next_is_printed(
    spool: Callable[..., Spooler], printer: VirtualPrinter, times: int
) -> None:
    store = Full("sent", times)
    spooler = spool(store, patience=3)
    with pytest.raises(sqlite3.OperationalError):
        spooler.run()
    assert spooler.health.code == "printer.software"
    for _ in range(3):
        with contextlib.suppress(sqlite3.OperationalError):
            spooler.run()
    assert store.states == {1: "unknown", 2: "printed"}
    assert "print.interrupted" in store.causes
    assert sum("END" in line for paper in printer.papers() for line in paper.lines) == 2
    assert spooler.health.code == ""


def test_a_printer_that_the_software_fails_with_says_so_and_keeps_the_slip(
    spool: Callable[..., Spooler], printer: VirtualPrinter
) -> None:
    store = Store("queued")
    spooler = spool(store, patience=3)
    good = spooler._connect
    spooler._connect = lambda: int("")  # type: ignore[assignment,return-value]
    with pytest.raises(ValueError, match="invalid literal"):
        spooler.run()
    assert (store.states[1], spooler.health.code) == ("queued", "printer.software")
    spooler._connect = good
    spooler.run()
    assert (store.states[1], spooler.health.code) == ("printed", "")


def test_what_is_no_job_is_printed_only_by_a_printer_that_is_ready(
    spool: Callable[..., Spooler], printer: VirtualPrinter
) -> None:
    spooler = spool(Store("printed"), patience=3)
    data = spooler._render(Job(1)).data
    printer.faults.paper_out = True
    with pytest.raises(PrinterError, match="The paper is used up"):
        spooler.print_at_once(data)
    assert printer.machine.roll.rows == 0
    printer.faults.paper_out = False
    with spooler._busy, pytest.raises(PrinterError, match="printing a slip just now"):
        spooler.print_at_once(data)
    spooler.print_at_once(data)
    assert printer.settle()
    assert len(printer.papers()) == 1


def test_a_slip_that_is_no_job_and_was_cut_off_does_not_spoil_the_next(
    spool: Callable[..., Spooler], printer: VirtualPrinter
) -> None:
    store = Store("printed")
    spooler = spool(store, patience=3)
    good, data = spooler._connect, spooler._render(Job(1)).data
    place = data.index(b"1P0") + 100

    class Cut:
        answers = True

        def __init__(self) -> None:
            self._line, self._left = good(), place

        def write(self, data: bytes) -> None:
            self._line.write(data[: self._left])
            if len(data) > self._left:
                raise ConnectionFailed("printer.cut-off", "It was lost.", self._left)
            self._left -= len(data)

        def read(self, seconds: float) -> bytes:
            return self._line.read(seconds)

        def close(self) -> None:
            self._line.close()

    spooler._connect = Cut
    with pytest.raises(ConnectionFailed):
        spooler.print_at_once(data)
    spooler._connect = good
    store.states[2] = "queued"
    spooler.run()
    assert store.states[2] == "printed"
    newest, _torn = printer.papers()
    assert [len(code) for code in newest.codes] == [250]
    assert sum("Certificate" in line for line in newest.lines) == 1


def test_one_printer_has_one_owner_at_a_time(
    spool: Callable[..., Spooler], printer: VirtualPrinter
) -> None:
    printer.faults.seconds_per_kilobyte = 0.05
    store = Store("queued")
    spooler = spool(store, patience=5)
    threads = [threading.Thread(target=spooler.run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.states[1] == "printed"
    assert len(printer.papers()) == 1


def test_a_slow_printer_is_waited_for(
    spool: Callable[..., Spooler], printer: VirtualPrinter
) -> None:
    printer.faults.seconds_per_kilobyte = 0.2
    store = Store()
    spool(store, patience=5).run()
    assert store.states[1] == "printed"


def test_a_file_takes_every_byte_and_answers_nothing(
    spool: Callable[..., Spooler], tmp_path: Path
) -> None:
    store = Store("queued", "queued")
    spooler = spool(store, uri=f"file://{tmp_path}/paper.bin")
    spooler.run()
    data = spooler._render(Job(1)).data
    written = (tmp_path / "paper.bin").read_bytes()
    assert written.count(data) == 2
    assert set(store.states.values()) == {"unknown"}  # nobody has said that it came out


def test_a_usb_printer_is_a_device_that_takes_bytes_and_answers(
    spool: Callable[..., Spooler], fonts: Fonts
) -> None:
    device(spool, "usb://{}")


def test_a_serial_printer_is_spoken_to_with_flow_control(
    spool: Callable[..., Spooler], fonts: Fonts
) -> None:
    device(spool, "serial://{}?baud=115200&flow=xonxoff")


def device(spool: Callable[..., Spooler], form: str) -> None:
    """Print over a pseudo-terminal behind which a printer in software sits."""
    import tty

    from printers.interpreter import Interpreter

    master, slave = os.openpty()
    tty.setraw(slave)
    papers: list[object] = []

    def answer(data: bytes) -> None:
        os.write(master, data)

    interpreter = Interpreter(576, answer, papers.append)

    def serve() -> None:
        while True:
            try:
                data = os.read(master, 4096)
            except OSError:
                return
            start = 0
            while (place := data.find(b"\x10\x04", start)) >= 0:
                os.write(master, b"\x12")
                start = place + 3
            interpreter.feed(data)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    store = Store()
    spool(store, uri=form.format(os.ttyname(slave)), patience=5).run()
    assert store.states[1] == "printed"
    assert len(papers) == 1
    os.close(slave)
    os.close(master)


@pytest.mark.parametrize(("uri", "sentence"), [
    ("lpt1:", "is not the address of a printer. Addresses begin with: tcp:"),
    ("serial:///dev/null?baud=1200", "The speed 1200 is not one of: auto, 4800"),
    ("serial:///dev/null?flow=dsr", "The flow control dsr is not one of: xonxoff, rtscts, dsrdtr, none."),
    ("serial:///dev/nothing-here", "There is no /dev/nothing-here: the printer is off or not plugged in."),
    ("usb:///dev/usb/lp99", "There is no /dev/usb/lp99"),
    ("file:///nowhere/paper.bin", "/nowhere/paper.bin cannot be opened."),
])  # fmt: skip
def test_an_address_that_leads_nowhere_is_refused_in_words(uri: str, sentence: str) -> None:
    with pytest.raises(PrinterError) as refused:
        connect(uri)
    assert sentence in str(refused.value)


def test_the_allowed_moves_never_lead_back_once_a_byte_was_taken() -> None:
    sent, unknown, printed, failed = (
        MOVES[PrintState(state)] for state in ("sent", "unknown", "printed", "failed")
    )
    assert "queued" not in sent | unknown | printed | failed
    assert printed == failed == frozenset()


def test_a_lost_connection_says_how_many_bytes_were_taken(printer: VirtualPrinter) -> None:
    printer.faults.power_cut_at = 5000
    connection = connect(f"tcp://127.0.0.1:{printer.port}")
    with pytest.raises(ConnectionFailed) as lost:
        connection.write(bytes(20_000_000))
    assert lost.value.accepted >= 5000
    assert lost.value.temporary
    connection.close()
