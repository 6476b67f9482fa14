"""What a printer says of itself (``DLE EOT`` 1 to 4), in words."""

from __future__ import annotations

import time
from collections.abc import Mapping

from printers.connections import Connection
from printers.errors import PrinterError

_FIXED, _FIXED_VALUE = 0b10010011, 0b00010010
"""Bits 1 and 4 are set and bits 0 and 7 clear in every answer: so it is known from other bytes."""

_CAUSES: tuple[tuple[int, int, str, str], ...] = (
    (4, 0b01100000, "paper-out", "The paper is used up. Put in a new roll."),
    (2, 0b00000100, "cover-open", "The cover of the printer is open. Close it."),
    (2, 0b00100000, "paper-out", "The paper is used up. Put in a new roll."),
    (3, 0b00001000, "cutter", "The cutter of the printer is blocked. Open the cover and free it."),
    (3, 0b01000000, "overheated", "The printer is too hot. It goes on by itself."),
    (3, 0b00100000, "broken", "The printer reports a fault. Switch it off and on."),
    (1, 0b00001000, "offline", "The printer is offline. Press its feed or online button."),
)
"""Which answer, which bits, and what they mean, gravest first (ESC/POS guide, ``DLE EOT``)."""


def ready_or_cause(connection: Connection, patience: float) -> PrinterError | None:
    """Ask a printer how it is; none: ready, or one that does not answer such questions."""
    answers: dict[int, int] = {}
    for number in (1, 2, 3, 4):
        connection.write(b"\x10\x04" + bytes([number]))
        answer = _answer(connection, min(patience, 1.0))
        if answer is None:
            break
        answers[number] = answer
    return cause_of(answers)


def cause_of(answers: Mapping[int, int]) -> PrinterError | None:
    """Say why a printer stands still, from its answers by the number of ``DLE EOT``."""
    for number, bits, code, sentence in _CAUSES:
        if answers.get(number, 0) & bits:
            return PrinterError(f"printer.{code}", sentence, temporary=True)
    return None


def _answer(connection: Connection, seconds: float) -> int | None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        for byte in reversed(connection.read(left)):
            if byte & _FIXED == _FIXED_VALUE:
                return byte
    return None
