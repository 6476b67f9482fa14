"""What a printer in software can do, and what can go wrong with it, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from printers.interpreter.tables import Abilities
from printers.virtual.bridge import BridgeModel

Kind = Literal[
    "paper-out", "near-end", "cover-open", "cutter", "overheated", "broken", "power",
    "silent", "late", "garbage", "slow", "reset", "hang-up", "half-open", "deaf",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Model:
    """One model.

    ``width`` in dots (8 a millimetre), ``buffer`` in bytes, ``print_ahead`` the rows it reads
    ahead of the paper. ``serial``: bytes beyond a full buffer are lost instead of waiting, and
    ``xonxoff`` says when to stop. ``second``: what becomes of a second connection on the network;
    ``bridge``: what stands between that and the printer.
    """

    width: int = 576
    millimetres_per_second: float = 250.0
    cut_seconds: float = 0.25
    buffer: int = 4096
    print_ahead: int = 64
    cutter: bool = True
    real_time_status: bool = True
    automatic_status: bool = True
    transmit_status: bool = True
    process_id: bool = True
    identity: tuple[str, str] | None = ("EDGE", "SOFT-80")
    serial: bool = False
    xonxoff: bool = True
    second: Literal["waits", "refused"] = "waits"
    bridge: BridgeModel | None = None
    abilities: Abilities = field(default_factory=Abilities)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong at once, at the nth byte received, or at the nth row printed.

    ``seconds``: how long ``power`` is off and ``overheated`` lasts, how ``late`` answers come, and
    how long ``slow`` takes for a kilobyte. Bytes and rows count from when the printer was made.
    """

    kind: Kind
    at_byte: int | None = None
    at_row: int | None = None
    seconds: float = 0.0
