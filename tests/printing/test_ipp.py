"""Pages through a queue: what is asked, what is refused, and what its answers are worth."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from requirements import missing
from slips import profile, slip

from printers.connections import connect
from printers.connections.ipp import IppConnection, cause_of
from printers.connections.ipp_message import GET_PRINTER_ATTRIBUTES, Response, request, response
from printers.doctor import examine
from printers.errors import ConnectionFailed, PrinterError
from printers.fonts import Fonts
from printers.languages import encode

PDF = b"%PDF-1.4\n% an invented page\n%%EOF\n"
STATE, REASONS, MODEL, ACCEPTS, JOB, JOB_STATE = (
    "printer-state", "printer-state-reasons", "printer-make-and-model",
    "printer-is-accepting-jobs", "job-id", "job-state",
)  # fmt: skip


def attribute(tag: int, name: str, *values: bytes) -> bytes:
    written, key = b"", name.encode()
    for value in values:
        written += struct.pack(">BH", tag, len(key)) + key + struct.pack(">H", len(value)) + value
        key = b""
    return written


class Queue(ThreadingHTTPServer):
    """A queue that tells what a test wants, and keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.documents: list[bytes] = []
        self.asked: list[int] = []
        self.state, self.reasons, self.model, self.accepts = 3, ["none"], "ACME Page", True
        self.job_states = [3, 5, 9]
        self.refuses = 0
        self.drops_document = False

    @property
    def uri(self) -> str:
        return f"ipp://127.0.0.1:{self.server_address[1]}/printers/office"

    def answer(self, body: bytes) -> bytes | None:
        operation, number = struct.unpack(">HI", body[2:8])
        self.asked.append(operation)
        status, told = 0, b""
        if operation == 0x0B:
            told = b"\x04" + attribute(0x23, STATE, struct.pack(">i", self.state))
            told += attribute(0x44, REASONS, *(one.encode() for one in self.reasons))
            told += attribute(0x41, MODEL, self.model.encode())
            told += attribute(0x22, ACCEPTS, bytes([self.accepts]))
        elif operation == 0x02:
            if self.drops_document:
                return None
            status = self.refuses
            self.documents.append(body[body.index(b"%PDF") :])
            told = b"\x02" + attribute(0x21, JOB, struct.pack(">i", 7))
        elif operation == 0x09:
            assert attribute(0x21, JOB, struct.pack(">i", 7)) in body
            state = self.job_states.pop(0) if len(self.job_states) > 1 else self.job_states[0]
            told = b"\x02" + attribute(0x23, JOB_STATE, struct.pack(">i", state))
        charset = b"\x01" + attribute(0x47, "attributes-charset", b"utf-8")
        return struct.pack(">HHI", 0x0101, status, number) + charset + told + b"\x03"


class Handler(BaseHTTPRequestHandler):
    server: Queue

    def do_POST(self) -> None:
        assert self.headers["Content-Type"] == "application/ipp"
        answer = self.server.answer(self.rfile.read(int(self.headers["Content-Length"])))
        if answer is None:
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def queue() -> Iterator[Queue]:
    server = Queue()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join(5)
    server.server_close()


def opened(queue: Queue, pauses: list[float] | None = None) -> IppConnection:
    taken = pauses if pauses is not None else []
    return IppConnection(queue.uri, pause=taken.append)


def test_a_page_goes_to_the_queue_as_it_is(queue: Queue, fonts: Fonts) -> None:
    page = encode(slip("Zoë", b"HC1:TEST"), profile("page-a6"), fonts)
    pauses: list[float] = []
    connection = opened(queue, pauses)
    connection.write(page)
    connection.close()
    assert queue.documents == [page]
    assert queue.asked == [0x0B, 0x02, 0x09, 0x09, 0x09]
    assert len(pauses) == 2  # it waited while the job was pending and processing


def test_a_page_written_in_pieces_is_one_job(queue: Queue) -> None:
    connection = opened(queue)
    for start in range(0, len(PDF), 3):
        connection.write(PDF[start : start + 3])
    connection.close()
    assert [one.rstrip() for one in queue.documents] == [PDF.rstrip()]


def test_a_page_that_was_not_written_to_its_end_is_never_printed(queue: Queue) -> None:
    connection = opened(queue)
    connection.write(PDF[:-8])
    connection.close()
    assert queue.documents == []


@pytest.mark.parametrize("data", [b"\x1b@hello", b"^XA^XZ", b"%!PS", b"x" + PDF])
def test_what_is_no_page_is_refused_and_nothing_is_sent(queue: Queue, data: bytes) -> None:
    connection = opened(queue)
    with pytest.raises(PrinterError) as refused:
        connection.write(data)
    connection.close()
    assert refused.value.code == "ipp.not-pdf"
    assert queue.documents == []


@pytest.mark.parametrize(("reason", "code"), [
    ("media-empty", "printer.paper-out"),
    ("media-empty-error", "printer.paper-out"),
    ("media-jam-error", "printer.jammed"),
    ("cover-open", "printer.cover-open"),
    ("door-open-error", "printer.cover-open"),
    ("toner-empty", "printer.no-ink"),
    ("offline-report", ""),
    ("media-low-warning", ""),
    ("media-empty-warning", ""),
    ("none", ""),
])  # fmt: skip
def test_why_a_queue_stands_still_is_told_and_a_warning_stops_nothing(
    queue: Queue, reason: str, code: str
) -> None:
    queue.reasons = ["none-of-ours", reason]
    if not code:
        opened(queue).close()
        return
    with pytest.raises(ConnectionFailed) as held:
        opened(queue)
    assert (held.value.code, held.value.accepted, held.value.temporary) == (code, 0, True)
    assert queue.asked == [0x0B]


@pytest.mark.parametrize(("state", "accepts"), [(5, True), (3, False)])
def test_a_stopped_queue_holds_the_job(queue: Queue, state: int, accepts: bool) -> None:
    queue.state, queue.accepts = state, accepts
    with pytest.raises(ConnectionFailed) as held:
        opened(queue)
    assert held.value.code == "printer.paused"


def test_a_refused_page_may_be_sent_again(queue: Queue) -> None:
    queue.refuses = 0x040A
    connection = opened(queue)
    with pytest.raises(ConnectionFailed) as refused:
        connection.write(PDF)
    connection.close()
    assert (refused.value.code, refused.value.accepted) == ("ipp.refused", 0)


@pytest.mark.parametrize("state", [7, 8])
def test_a_page_that_the_queue_gave_up_may_have_come_out(queue: Queue, state: int) -> None:
    queue.job_states = [5, state]
    connection = opened(queue)
    with pytest.raises(ConnectionFailed) as aborted:
        connection.write(PDF)
    connection.close()
    assert (aborted.value.code, aborted.value.accepted) == ("ipp.aborted", len(PDF))


def test_a_line_that_breaks_after_the_page_was_sent_leaves_it_in_doubt(queue: Queue) -> None:
    queue.drops_document = True
    connection = opened(queue)
    with pytest.raises(ConnectionFailed) as lost:
        connection.write(PDF)
    connection.close()
    assert lost.value.accepted == len(PDF)


def test_a_queue_that_is_never_done_is_not_waited_for_for_ever(queue: Queue) -> None:
    queue.job_states = [5]
    pauses: list[float] = []
    connection = IppConnection(queue.uri, pause=pauses.append, longest=5)
    connection.write(PDF)
    connection.close()
    assert len(pauses) == 5


def test_a_queue_never_says_that_paper_came_out(queue: Queue) -> None:
    connection = connect(queue.uri)
    assert not connection.answers
    assert connection.read(0) == b""
    connection.close()
    assert profile("page-a4").confirmation == profile("page-a6").confirmation == "none"


def test_a_queue_that_is_not_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectionFailed) as gone:
        connect(f"ipp://127.0.0.1:{port}/printers/office")
    assert (gone.value.code, gone.value.accepted) == ("printer.unreachable", 0)


@pytest.mark.parametrize("uri", ["ipp://", "ipp://host", "ipp://host:x/printers/a", "ipp:office"])
def test_an_address_of_no_queue_is_refused(uri: str) -> None:
    with pytest.raises(PrinterError) as refused:
        connect(uri)
    assert "ipp://host:631/printers/NAME" in str(refused.value)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x01\x01", b"<html>no</html>" * 9, bytes(8), b"\x01\x01\0\0\0\0\0\1\x04\x44\xff\xff"],
)
def test_an_answer_that_is_not_ipp_is_told(data: bytes) -> None:
    with pytest.raises(PrinterError) as told:
        response(data)
    assert told.value.code == "ipp.not-ipp"


def test_a_request_is_read_back_as_it_was_written() -> None:
    wanted = ("printer-state", "media")
    data = request(
        GET_PRINTER_ATTRIBUTES, 9, {"printer-uri": "ipp://x/y", "requested-attributes": wanted}
    )
    told = response(data)
    assert told.status == GET_PRINTER_ATTRIBUTES
    assert told.texts("requested-attributes") == wanted
    assert next(iter(told.attributes)) == "attributes-charset"  # RFC 8011, 4.1.4: it comes first


def test_reasons_in_any_order_give_the_gravest() -> None:
    told = Response(0, {"printer-state-reasons": ("paused", "cover-open", "media-empty")})
    cause = cause_of(told)
    assert cause is not None
    assert cause.code == "printer.paper-out"


def test_the_doctor_sees_a_raw_queue_and_a_profile_that_makes_no_pages(queue: Queue) -> None:
    assert examine(queue.uri, profile("page-a6")).troubles == ()
    queue.model = "Local Raw Printer"
    found = examine(queue.uri, profile("escpos-80")).troubles
    assert [one.code for one in found] == ["profile.not-pages", "printer.raw-queue"]


# CUPS itself

_LISTEN = """Listen 127.0.0.1:{port}
Browsing Off
DefaultAuthType None
<Location />
Order allow,deny
Allow all
</Location>
<Location /admin>
Order allow,deny
Allow all
</Location>
<Policy default>
<Limit All>
Order deny,allow
</Limit>
</Policy>
"""
_FILES = """FileDevice Yes
ServerRoot {folder}/root
RequestRoot {folder}/spool
TempDir {folder}/spool/tmp
CacheDir {folder}/cache
StateDir {folder}/state
ErrorLog {folder}/error
AccessLog {folder}/access
PageLog {folder}/page
"""


@pytest.fixture
def cups(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """CUPS from Debian on a port of this machine; gives the address of a queue to a device."""
    if shutil.which("cupsd") is None or shutil.which("lpadmin") is None:
        missing("CUPS (cups-daemon, cups-client)")
    if os.geteuid() != 0:
        missing("Root, which alone may start cupsd,")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for name in ("root", "spool/tmp", "cache", "state"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "cupsd.conf").write_text(_LISTEN.format(port=port))
    (tmp_path / "files.conf").write_text(_FILES.format(folder=tmp_path))
    command = ["cupsd", "-f", "-c", f"{tmp_path}/cupsd.conf", "-s", f"{tmp_path}/files.conf"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 20
        while time.monotonic() < until and server.poll() is None:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)

        def queue(device: str) -> str:
            add = [
                "lpadmin",
                "-h",
                f"127.0.0.1:{port}",
                "-p",
                "desk",
                "-E",
                "-v",
                device,
                "-m",
                "raw",
            ]
            subprocess.run(add, check=True, capture_output=True, timeout=20)
            return f"ipp://127.0.0.1:{port}/printers/desk"

        yield queue
    finally:
        server.terminate()
        server.wait(20)


def test_cups_completes_a_job_of_which_no_byte_has_come_out(
    cups: Callable[[str], str], tmp_path: Path
) -> None:
    paper = tmp_path / "paper"
    paper.touch()
    uri = cups(f"file://{paper}")
    connection = connect(uri)
    connection.write(PDF)  # raises unless CUPS says completed, or is busy for a minute
    told = connection._ask(0x0009, {"job-id": 1})  # type: ignore[attr-defined]
    connection.close()
    assert told.number("job-state") == 9
    assert paper.read_bytes() == b""
    assert [one.code for one in examine(uri, profile("page-a6")).troubles] == ["printer.raw-queue"]
