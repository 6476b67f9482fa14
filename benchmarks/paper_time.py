"""How long a slip takes from its first byte to the printer's word that it is out: a model.

The printer in software as a pure machine, in simulated time, so that every contender's bytes meet
the same line, buffer, paper and cutter, and nothing is measured with a clock.
"""

from __future__ import annotations

import itertools

from printers.virtual import Machine, Model

BAUDS = (9600, 38400, 115200)
_BITS = 10
"""8N1: a start bit, eight bits, a stop bit."""
_PIECE = 16
_QUESTION, _ANSWER = b"\x1d(H\x06\x00000001", b"7\x220001\x00"
"""``GS ( H`` function 48, answered when everything before it is on paper (Epson)."""
_LONGEST = 600.0


def seconds_to_confirmation(data: bytes, width: int, speed: float, baud: int | None) -> float:
    """Give the modelled seconds until the answer to a question behind the slip is back.

    ``width`` in dots, ``speed`` of the paper in mm/s, ``baud`` of a serial line with 10 bits a
    byte; none: TCP, whose time on the wire is not counted. The buffer of 4096 bytes holds the line
    up while it is full.
    """
    machine = Machine(Model(width, millimetres_per_second=speed))
    return _until_answered(machine, data + _QUESTION, _BITS / baud if baud else 0.0)


def seconds_of_paper(data: bytes, width: int, speed: float) -> float:
    """Give what the paper and the cutter take when every byte is there at once."""
    machine = Machine(Model(width, millimetres_per_second=speed, buffer=len(data) + 4096))
    return _until_answered(machine, data + _QUESTION, 0.0)


def _until_answered(machine: Machine, data: bytes, seconds_a_byte: float) -> float:
    now, said = 0.0, b""
    for start in itertools.count():
        piece = data[start * _PIECE : (start + 1) * _PIECE]
        if not piece:
            break
        while machine.room < len(piece) and now < _LONGEST:
            said += machine.advance(now := _next(machine, now))
        now += len(piece) * seconds_a_byte
        said += machine.receive(piece, now)
    while not said.endswith(_ANSWER) and now < _LONGEST:
        said += machine.advance(now := _next(machine, now))
    if not said.endswith(_ANSWER):
        raise ValueError("the printer never answered")
    return now + len(_ANSWER) * seconds_a_byte


def _next(machine: Machine, now: float) -> float:
    found = machine.next_time()
    return max(found, now + 1e-4) if found is not None else _LONGEST
