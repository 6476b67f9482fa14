"""What an ESC/POS printer says, taken apart: several kinds of answer share one line.

The kinds are told apart by their fixed bits (Epson's APG, "Identifying the transmission status"):
XON ``11`` and XOFF ``13``; an answer to ``DLE EOT`` is ``0xx1xx10``; an automatic status (ASB)
begins with ``0xx1xx00`` and three bytes ``0xx0xxxx`` follow; a byte ``0xx0xxxx`` by itself answers
``GS r`` or ``GS I``; a block begins with one of ``35 37 3B 3D 5F`` and ends with NUL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["flow", "real-time", "automatic", "byte", "block"]

_BLOCKS = b"\x35\x37\x3b\x3d\x5f"
_LONGEST_BLOCK = 96


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its kind and its bytes; of a block the first byte stays and the NUL goes."""

    kind: Kind
    data: bytes


def heard(data: bytes) -> tuple[list[Answer], bytes]:
    """Take apart what came in; what is not complete yet is given back to be put before the rest.

    Bytes that no printer sends are passed over: a line that was cut off leaves some.
    """
    found: list[Answer] = []
    place = 0
    while place < len(data):
        first = data[place]
        if first in (0x11, 0x13):
            found.append(Answer("flow", data[place : place + 1]))
        elif first & 0x93 == 0x12:
            found.append(Answer("real-time", data[place : place + 1]))
        elif first & 0x90 == 0:
            found.append(Answer("byte", data[place : place + 1]))
        elif first & 0x93 == 0x10:
            group = data[place : place + 4]
            if any(byte & 0x90 for byte in group[1:]):
                place += 1  # it was cut off: the next byte begins another answer
                continue
            if len(group) < 4:
                return found, data[place:]
            found.append(Answer("automatic", group))
            place += 3
        elif first in _BLOCKS:
            end = data.find(b"\x00", place + 1, place + _LONGEST_BLOCK)
            if end >= 0:
                found.append(Answer("block", data[place:end]))
                place = end
            elif len(data) - place < _LONGEST_BLOCK:
                return found, data[place:]
        place += 1
    return found, b""
