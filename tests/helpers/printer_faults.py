"""The faults of a printer and the stages of a slip they strike at, for simulated and real lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

from slips import profile, slip

from printers.dialogues.base import Dialogue
from printers.document import Document, Text
from printers.fonts import Fonts
from printers.interpreter import preview
from printers.jobs import Job
from printers.languages import encode
from printers.sending import Sending
from printers.spooler import Spooler
from printers.virtual import Fault, Kind

PAPER = profile("virtual-80")
CONFIRMATIONS = ("process-id", "transmit-status", "real-time-status")
FAULTS: list[tuple[Kind, float]] = [
    ("paper-out", 0), ("near-end", 0), ("cover-open", 0), ("cutter", 0), ("overheated", 12),
    ("broken", 0), ("power", 4), ("silent", 0), ("late", 3), ("garbage", 0), ("slow", 0.5),
    ("reset", 0), ("hang-up", 0), ("half-open", 0), ("deaf", 0),
]  # fmt: skip
"""Each kind, and its seconds."""
HOLDING = ("paper-out", "cover-open", "overheated", "near-end")
"""What a printer tells of, so that a slip waits for it and nothing is unknown."""
STAGES = ("before", "start", "in text", "in the code", "last byte", "before the answer")
_MARK = b"7Q4W 12"
_ASKED, _DRESSED, _QUESTION = 12, 3, 11
"""Bytes before a slip (``DLE EOT`` 1 to 4), within it (``GS a``) and behind (``GS ( H``)."""


def end(number: int) -> bytes:
    """Give what a job's closing line says and nothing else does."""
    return f"{number:07d}".encode()


def out(number: int, lines: Iterable[str]) -> int:
    """Count the papers on which a job's closing line stands."""
    wanted = end(number).decode()
    return sum(wanted in line for line in lines)


def numbered_slips(fonts: Fonts, words: int) -> Callable[[int], bytes]:
    """Make the slip of a job: Latin and Devanagari, a code, and a closing line with its number.

    A drawn word has about 300 bytes.
    """

    @cache
    def form() -> bytes:
        head, *rest = slip("क्षत्रिय सिंह", bytes(range(250))).blocks
        drawn = Text("क्षत्रिय " * words)
        return encode(Document((head, drawn, *rest)), PAPER, fonts)

    assert form().count(_MARK) == 1
    return lambda number: form().replace(_MARK, end(number))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fault strikes: at a byte, at a row, or, with neither, before anything."""

    at_byte: int | None = None
    at_row: int | None = None

    def fault(self, kind: Kind, seconds: float) -> Fault:
        """Make the fault that strikes here."""
        return Fault(kind, self.at_byte, self.at_row, seconds)


def place(stage: str, data: bytes) -> Place:
    """Find a stage of the first slip of a printer; ``data`` is the slip without its question."""
    begins = _ASKED + _DRESSED
    match stage:
        case "before":
            return Place()
        case "start":
            return Place(_ASKED)
        case "in text":
            return Place(begins + data.index(b"\x1dv0", data.index(b"Certificate") + 100) + 40)
        case "in the code":
            return Place(begins + data.index(b"1P0") + 100)
        case "last byte":
            return Place(begins + len(data) + _QUESTION)
        case "before the answer":  # all was read, and the last line is not out
            return Place(at_row=preview(data, PAPER.width).height - 10)
    raise ValueError(stage)


def untrue(
    states: Mapping[int, str], lines: Sequence[str], kind: Kind, confirmation: str
) -> Iterator[str]:
    """Say what is wrong with the states of jobs, given every line that came out whole."""
    begun = sum("Certificate" in line for line in lines)
    if begun > len(states):
        yield f"{begun} slips were begun for {len(states)} jobs: one was sent again"
    for job, state in states.items():
        came = out(job, lines)
        if state not in ("printed", "unknown"):
            yield f"job {job} is {state}"
        if came > 1:
            yield f"job {job} came out {came} times"
        # a printer that only says it is well may be well after a power cut, too
        weak = confirmation == "real-time-status"
        if state == "printed" and came != 1 and not weak:
            yield f"job {job} is printed and did not come out"
        if kind in HOLDING and state != "printed":
            yield f"job {job} is {state}, and the printer said what it wanted"


class _Believed(Sending):
    def confirmed(self, size: int) -> bool:
        return True


class Hasty(Spooler):
    """The planted bug: bytes that were sent are taken for paper."""

    def _sending(self, job: Job, dialogue: Dialogue) -> Sending:
        held = partial(self._held, job)
        return _Believed(job, dialogue, self._profile, held, self._patience, self._clock)
