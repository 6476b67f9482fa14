"""How a printer is, from what it says of itself: what holds it up, and what soon will.

The doctor, the test slip and the spooler all judge by this. Source: Epson, ESC/POS application
programming guide, ``DLE EOT`` 1 to 4, ``GS r`` 1 and ``GS a`` (automatic status, four bytes).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from printers.errors import PrinterError

PAPER_OUT = ("paper-out", "The paper is used up. Put in a new roll.")
COVER_OPEN = ("cover-open", "The cover of the printer is open. Close it.")
OFFLINE = ("offline", "The printer is offline. Press its feed or online button.")
BROKEN = ("broken", "The printer reports a fault. Switch it off and on.")
_CUTTER = ("cutter", "The cutter of the printer is blocked. Open the cover and free it.")
_HOT = ("overheated", "The printer is too hot. It goes on by itself.")
_NEAR_END = ("paper-near-end", "The paper of the printer is nearly used up.")

Words = tuple[str, str]

_REAL_TIME: tuple[tuple[int, int, Words], ...] = (
    (4, 0b01100000, PAPER_OUT),
    (2, 0b00000100, COVER_OPEN),
    (2, 0b00100000, PAPER_OUT),
    (3, 0b00001000, _CUTTER),
    (3, 0b01000000, _HOT),
    (3, 0b00100000, BROKEN),
    (1, 0b00001000, OFFLINE),
)
"""Which answer to ``DLE EOT``, which bits, and what they mean, gravest first."""
_AUTOMATIC: tuple[tuple[int, int, Words], ...] = (
    (2, 0b00001100, PAPER_OUT),
    (0, 0b00100000, COVER_OPEN),
    (1, 0b00001000, _CUTTER),
    (1, 0b01000000, _HOT),
    (1, 0b00100000, BROKEN),
    (0, 0b00001000, OFFLINE),
)
"""Which byte of an automatic status, which bits, and what they mean, gravest first."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How a printer says it is.

    ``heard``: it has said something at all. ``cause`` holds it up; ``warning`` does not yet.
    """

    heard: bool = False
    cause: PrinterError | None = None
    warning: PrinterError | None = None


SILENT = Condition()
"""Nothing was heard."""


def real_time(ask: Callable[[int], int | None]) -> dict[int, int]:
    """Put the four questions of ``DLE EOT``; give the answers by number.

    ``ask`` puts one of them. There are printers that answer only some, 1 and 4 as a rule; one that
    does not answer the first is not asked the others.
    """
    answers: dict[int, int] = {}
    for number in (1, 2, 3, 4):
        answer = ask(number)
        if answer is not None:
            answers[number] = answer
        elif number == 1:
            break
    return answers


def proves(answers: Mapping[int, int]) -> bool:
    """Say whether answers to ``DLE EOT`` tell of both: that it is online, and that it has paper."""
    return answers.keys() >= {1, 4}


def from_real_time(answers: Mapping[int, int]) -> Condition:
    """Read the answers to ``DLE EOT`` by their number."""
    near = bool(answers.get(4, 0) & 0b00001100)
    return _condition(bool(answers), answers, _REAL_TIME, near=near)


def from_automatic(status: bytes) -> Condition:
    """Read the four bytes of an automatic status."""
    near = bool(status[2] & 0b00000011)
    return _condition(True, dict(enumerate(status)), _AUTOMATIC, near=near)


def from_transmit(told: Sequence[bytes]) -> Condition:
    """Read what came back on ``GS r`` 1, which was asked twice: it tells of the paper only.

    It is believed where one byte came each time, the same, and nothing behind it: a printer that
    talks nonsense is not, nor one that is late, whose answer would be taken for a slip's.
    """
    first, *more = told
    if len(first) != 1 or first[0] & 0b10010000 or more != [first]:
        return SILENT
    if first[0] & 0b00001100:
        return Condition(heard=True, cause=trouble(PAPER_OUT))
    return Condition(heard=True, warning=trouble(_NEAR_END) if first[0] & 0b00000011 else None)


def transmitted(ask: Callable[[], bytes]) -> Condition:
    """Put ``GS r`` 1, and once more where it was answered; ``ask`` gives all that comes back."""
    first = ask()
    return from_transmit([first, ask()] if first else [first])


def trouble(words: Words) -> PrinterError:
    """Make the error that says what holds a printer up."""
    code, sentence = words
    return PrinterError(f"printer.{code}", sentence, temporary=True)


def _condition(
    heard: bool,
    values: Mapping[int, int],
    meanings: tuple[tuple[int, int, Words], ...],
    *,
    near: bool,
) -> Condition:
    for place, bits, words in meanings:
        if values.get(place, 0) & bits:
            return Condition(heard, cause=trouble(words))
    return Condition(heard, warning=trouble(_NEAR_END) if near else None)
