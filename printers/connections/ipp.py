"""Pages through CUPS or a printer that speaks IPP itself: PDF only.

Source: RFC 8011: Get-Printer-Attributes, Print-Job, Get-Job-Attributes. Receipts do not go this
way: a raw queue is on its way out of CUPS, and none of its answers comes from paper. That a job is
``completed`` says that CUPS has handed it on, so a slip printed here stays for a person to look at.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable
from urllib.parse import SplitResult, urlsplit

import requests

from printers.connections.ipp_message import (
    GET_JOB_ATTRIBUTES,
    GET_PRINTER_ATTRIBUTES,
    PRINT_JOB,
    Response,
    request,
    response,
)
from printers.errors import ConnectionFailed, PrinterError

_PORT = 631
_PATIENCE = 10.0
_SLOWEST_LINE = 960
"""Bytes a second: so slowly a page may leave this machine, which has taken it all at once."""
_LONGEST = 60.0
_EVERY = 1.0
_STOPPED = 5
_CANCELED, _ABORTED, _COMPLETED = 7, 8, 9
_PDF_BEGIN, _PDF_END = b"%PDF", b"%%EOF"
_ASKED = (
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "printer-make-and-model",
    "document-format-supported",
)
_CAUSES: tuple[tuple[str, str, str], ...] = (
    ("media-empty", "paper-out", "The paper is used up. Put in new paper."),
    ("media-needed", "paper-out", "The paper is used up. Put in new paper."),
    ("media-jam", "jammed", "The paper is jammed. Take it out."),
    ("cover-open", "cover-open", "The cover of the printer is open. Close it."),
    ("door-open", "cover-open", "The cover of the printer is open. Close it."),
    ("interlock-open", "cover-open", "The cover of the printer is open. Close it."),
    ("toner-empty", "no-ink", "The toner or ink is used up. Put in a new cartridge."),
    ("marker-supply-empty", "no-ink", "The toner or ink is used up. Put in a new cartridge."),
    ("shutdown", "offline", "The printer is switched off, or CUPS does not reach it."),
    ("offline", "offline", "The printer is switched off, or CUPS does not reach it."),
    ("paused", "paused", "The queue of the printer is stopped. Start it with cupsenable."),
)
"""A reason's keyword (RFC 8011, section 5.4.12), our code, and the sentence, gravest first."""


Asked = dict[str, str | int | tuple[str, ...]]


class IppConnection:
    """One queue. The document goes as a whole once its last bytes have been written."""

    answers = False

    def __init__(
        self, uri: str, pause: Callable[[float], object] = time.sleep, longest: float = _LONGEST
    ) -> None:
        self._uri = uri
        parts = urlsplit(uri)
        self._url = f"http://{parts.netloc}{parts.path}"
        self._numbers = itertools.count(1)
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy has no business between here and a printer
        self._pause = pause
        self._longest = longest
        self._waiting = b""
        try:
            self.printer = self._printer()
        except PrinterError:
            self._session.close()
            raise

    def write(self, data: bytes) -> None:
        """Take the document; send it when it is whole, and wait until the queue is done with it."""
        if not self._waiting and not data.strip():
            return  # what may stand behind the end of a document
        document = self._waiting + data
        if not document.startswith(_PDF_BEGIN[: len(document)]):
            raise ConnectionFailed(
                "ipp.not-pdf",
                "Only pages (PDF) go to {uri}. Give this printer a profile whose language is pdf,"
                " or connect it directly.",
                uri=self._uri,
            )
        self._waiting = document
        if not document.rstrip().endswith(_PDF_END):
            return
        self._waiting = b""
        self._follow(self._send(document), len(document))

    def read(self, seconds: float) -> bytes:  # noqa: ARG002
        """Give nothing: a queue says nothing of paper."""
        return b""

    def close(self) -> None:
        """Let go; a document that never became whole was never sent."""
        self._session.close()

    def _printer(self) -> Response:
        told = self._ask(GET_PRINTER_ATTRIBUTES, {"requested-attributes": _ASKED})
        if not told.done:
            raise ConnectionFailed(
                "printer.unreachable",
                "There is no queue {uri}. List those that there are with lpstat -v.",
                uri=self._uri,
            )
        cause = cause_of(told)
        if cause is not None:
            raise cause
        return told

    def _send(self, document: bytes) -> int:
        told = self._ask(
            PRINT_JOB,
            {
                "requesting-user-name": "divoc-edge",
                "job-name": "slip",
                "document-format": "application/pdf",
            },
            document,
        )
        job = told.number("job-id")
        if not told.done or job is None:
            raise ConnectionFailed(
                "ipp.refused",
                "{uri} refuses the page (IPP status {status}).",
                uri=self._uri,
                status=f"{told.status:#06x}",
            )
        return job

    def _follow(self, job: int, size: int) -> None:
        """Wait until a job ends; one that takes very long is left to the queue."""
        asked: Asked = {"job-id": job, "requested-attributes": ("job-state", "job-state-reasons")}
        for _ in range(max(1, int(self._longest / _EVERY))):
            state = self._ask(GET_JOB_ATTRIBUTES, asked, taken=size).number("job-state")
            if state == _COMPLETED:
                return
            if state in (_CANCELED, _ABORTED):
                raise ConnectionFailed(
                    "ipp.aborted",
                    "The queue {uri} has given the page up. Look at the printer, and at its queue.",
                    size,
                    uri=self._uri,
                )
            self._pause(_EVERY)

    def _ask(
        self,
        operation: int,
        attributes: Asked,
        document: bytes = b"",
        taken: int = 0,
    ) -> Response:
        """Ask; ``taken`` bytes have gone already when it fails, and a document may have."""
        body = request(operation, next(self._numbers), {"printer-uri": self._uri, **attributes})
        headers = {"Content-Type": "application/ipp"}
        patience = (_PATIENCE, _PATIENCE + len(document) / _SLOWEST_LINE)
        try:
            answer = self._session.post(
                self._url, body + document, headers=headers, timeout=patience, stream=False
            )
        except requests.ConnectTimeout:
            raise self._unreachable(taken) from None
        except requests.RequestException as error:
            refused = "NewConnectionError" in repr(error)
            raise self._unreachable(taken if refused else max(taken, len(document))) from None
        if answer.status_code != 200:
            raise self._unreachable(taken)
        return response(answer.content)

    def _unreachable(self, taken: int) -> ConnectionFailed:
        return ConnectionFailed(
            "printer.unreachable",
            "{uri} does not answer: check that CUPS or the printer is on.",
            taken,
            uri=self._uri,
        )


def cause_of(told: Response) -> PrinterError | None:
    """Say why a queue prints nothing now; what ends in -warning or -report stops nothing."""
    reasons = {text.removesuffix("-error") for text in told.texts("printer-state-reasons")}
    for keyword, code, sentence in _CAUSES:
        if keyword in reasons:
            return ConnectionFailed(f"printer.{code}", sentence)
    if told.number("printer-is-accepting-jobs") == 0:
        return ConnectionFailed(
            "printer.paused", "The queue takes no pages. Let it with cupsaccept."
        )
    if told.number("printer-state") == _STOPPED:
        return ConnectionFailed(
            "printer.paused", "The queue of the printer is stopped. Start it with cupsenable."
        )
    return None


def is_raw(told: Response) -> bool:
    """Say whether a queue is a raw one, which passes on what the printer cannot read."""
    models: Iterable[str] = told.texts("printer-make-and-model")
    return any("raw" in model.lower().split() for model in models)


def connect_ipp(parts: SplitResult) -> IppConnection:
    """Open ``ipp://host:631/printers/NAME``."""
    try:
        port = parts.port or _PORT
    except ValueError:
        port = 0
    if not parts.hostname or not port or not parts.path.strip("/"):
        raise PrinterError(
            "connection.ipp",
            "{uri} is not the address of a queue, such as ipp://host:631/printers/NAME.",
            uri=parts.geturl(),
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return IppConnection(f"ipp://{host}:{port}{parts.path}")


def connect_cups(parts: SplitResult) -> IppConnection:
    """Open ``cups:NAME``: a queue of this machine's CUPS."""
    return connect_ipp(urlsplit(f"ipp://localhost:{_PORT}/printers/{parts.path.strip('/')}"))
