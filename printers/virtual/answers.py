"""What a printer answers to questions whose turn has come, but those about paper.

Source: Epson, ESC/POS application programming guide, ``GS r``, ``GS I``, ``GS ( k`` function 182.
"""

from __future__ import annotations

from printers.interpreter.tables import Question
from printers.virtual.model import Model
from printers.virtual.status import Condition

_FIRMWARE, _SERIAL_NUMBER = "1.00", "000001"
_CUTTER = 0x02


def answer_to(question: Question, model: Model, condition: Condition) -> bytes:
    """Give the answer; empty: this model has none."""
    match question.name:
        case "GS r" if model.transmit_status:
            number = question.data[0] % 48
            return bytes([condition.paper() if number == 1 else 0]) if number in (1, 2) else b""
        case "GS I" if model.identity is not None:
            return _identity(question.data[0], model.identity, cutter=model.cutter)
        case "GS ( k":
            return b"76" + question.data + b"\x00"
    return b""


def _identity(number: int, names: tuple[str, str], *, cutter: bool) -> bytes:
    one = {1: b"\x20", 2: bytes([_CUTTER * cutter]), 3: b"\x01"}
    if number % 48 in one and number < 64:
        return one[number % 48]
    many = {65: _FIRMWARE, 66: names[0], 67: names[1], 68: _SERIAL_NUMBER, 69: ""}
    return b"_" + many[number].encode("ascii") + b"\x00" if number in many else b""
