"""Asks an ESC/POS printer what it can do, without printing anything.

Source: Epson's APG: ``DLE EOT``, ``GS a``, ``GS r``, ``GS I``, ``GS ( H`` function 48, ``GS ( k``
functions 167, 169, 180 and 182. Each question waits a bounded time, and a printer that has not
answered the first ones is not asked further: to it they might be text.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from printers.answers import Answer, heard
from printers.condition import SILENT, Condition, from_real_time, proves, real_time, transmitted
from printers.connections import Connection
from printers.errors import PrinterError
from printers.patience import Patience
from printers.profile import Confirmation

LADDER = (100, 255, 310, 600, 1000, 1600, 2000)
"""Bytes of QR codes at which printers are known to stop, and 2000, which no certificate needs."""
_ID = b"PROB"
_TELL_ALL, _TELL_NOTHING = b"\x1da\xff", b"\x1da\x00"
_LONGEST = 20.0
_AUTOCUTTER = 0x02
_WAYS: tuple[Confirmation, ...] = ("process-id", "transmit-status", "real-time-status", "none")
"""How a printer can say that paper came out, the best first."""
_QUIET = 0.1
"""Seconds of silence behind an answer, after which nothing more belongs to it."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What one printer answered.

    ``real_time``: ``DLE EOT``, of which at least 1 and 4; ``condition``: how it is, as it says
    itself; ``automatic``: ``GS a``; ``transmit``: ``GS r 1``; ``process_id``: ``GS ( H``;
    ``cutter`` is none where it does not say. ``native_qr``: the most bytes (of :data:`LADDER`) of
    which it says that it can print them as a QR code; none where it says nothing about that.
    """

    real_time: bool = False
    condition: Condition = SILENT
    automatic: bool = False
    transmit: bool = False
    process_id: bool = False
    maker: str = ""
    model: str = ""
    firmware: str = ""
    serial_number: str = ""
    languages: str = ""
    cutter: bool | None = None
    native_qr: int | None = None

    @property
    def silent(self) -> bool:
        """Whether it has answered nothing at all."""
        return not self.condition.heard

    @property
    def trouble(self) -> PrinterError | None:
        """Give what holds it up."""
        return self.condition.cause

    @property
    def confirmation(self) -> Confirmation:
        """The best way it has to say that paper came out."""
        return next(way for way in _WAYS if self.confirms(way))

    def confirms(self, way: Confirmation) -> bool:
        """Say whether it answers what a profile with this ``confirmation`` waits for."""
        answered: Mapping[Confirmation, bool] = {
            "process-id": self.process_id,
            "transmit-status": self.transmit,
            "real-time-status": self.real_time,
            "none": True,
        }
        return answered.get(way, False)


def probe(
    connection: Connection,
    patience: float = 0.6,
    clock: Callable[[], float] = time.monotonic,
) -> Abilities:
    """Ask, waiting ``patience`` seconds for each answer and 20 s in all at most."""
    asker = _Asker(connection, patience, clock)
    known = real_time(lambda n: asker.byte("real-time", b"\x10\x04" + bytes([n])))
    condition = from_real_time(known) if known else transmitted(lambda: asker.said(b"\x1dr1"))
    able = Abilities(real_time=proves(known), condition=condition, transmit=not known)
    if not condition.heard:
        return Abilities()
    if condition.cause is not None:  # it reads nothing else while it stands still
        return able
    transmit = not known or asker.byte("byte", b"\x1dr1") is not None
    automatic = asker.ask(_TELL_ALL, lambda one: one.kind == "automatic") is not None
    asker.tell(_TELL_NOTHING)
    process = asker.block(b"\x1d(H\x06\x0000" + _ID, b"7\x22") == _ID
    kind = asker.byte("byte", b"\x1dI\x02")
    texts = {number: asker.text(number) for number in (65, 66, 67, 68, 69)} if transmit else {}
    return replace(
        able,
        automatic=automatic,
        transmit=transmit,
        process_id=process,
        maker=texts.get(66, ""),
        model=texts.get(67, ""),
        firmware=texts.get(65, ""),
        serial_number=texts.get(68, ""),
        languages=texts.get(69, ""),
        cutter=bool(kind & _AUTOCUTTER) if kind is not None else None,
        native_qr=_most_of_its_own(asker),
    )


def suggested_profile(abilities: Abilities, width: int, columns: int) -> str:
    """Write a profile (YAML) from what a printer answered, for paper ``width`` dots wide."""
    told = " ".join(filter(None, (abilities.maker, abilities.model, abilities.firmware)))
    lines = [f"# {told or 'A printer'}, as it answered; see docs/printing.md for every field."]
    lines += ["language: escpos", f"width: {width}", f"columns: {columns}"]
    lines += [f"confirmation: {abilities.confirmation}"]
    if abilities.cutter is not None:
        lines.append(f"cutter: {str(abilities.cutter).lower()}")
    if abilities.native_qr:
        lines.append(
            f"# It says that it takes {abilities.native_qr} bytes: print doctor --calibrate"
        )
        lines.append("# prints the proof; put the largest that a tablet reads here.")
    lines.append("native_qr: 0")
    return "\n".join(lines) + "\n"


def _most_of_its_own(asker: _Asker) -> int | None:
    """Store larger and larger symbols, and ask of each whether it could be printed.

    They are made of NUL, which printers pass over where it stands as text: so nothing is printed
    by one that takes fewer bytes than it was sent.
    """
    most: int | None = None
    for size in LADDER:
        store = b"\x1d(k" + (size + 3).to_bytes(2, "little") + b"1P0" + bytes(size)
        asker.tell(b"\x1d(k\x03\x001C\x03" + b"\x1d(k\x03\x001E0" + store)
        told = asker.block(b"\x1d(k\x03\x001R0", b"76")
        if told is None:
            break
        most = most or 0
        if not told.endswith(b"\x1f1\x1f0"):
            break
        most = size
    asker.tell(b"\x1b@")
    return most


class _Asker:
    """Puts questions one at a time."""

    def __init__(self, connection: Connection, patience: float, clock: Callable[[], float]) -> None:
        self._connection = connection
        self._patience = patience
        self._clock = clock
        self._left = _LONGEST
        self._rest = b""

    def tell(self, command: bytes) -> None:
        if self._left > 0:
            self._connection.write(command)

    def _looks(self) -> Iterator[float]:
        """Wait for an answer; a machine that is held up meanwhile uses up no more than that."""
        waits, begun = min(self._patience, self._left), self._clock()
        try:
            yield from Patience(waits, self._clock).looks()
        finally:
            self._left -= min(waits, self._clock() - begun)

    def ask(self, question: bytes, wanted: Callable[[Answer], bool]) -> Answer | None:
        """Give the first answer that fits; the others answer earlier questions, too late."""
        self._rest = b""
        self.tell(question)
        for left in self._looks():
            found, self._rest = heard(self._rest + self._connection.read(left))
            for answer in found:
                if wanted(answer):
                    return answer
        return None

    def said(self, question: bytes) -> bytes:
        """Give all that comes back."""
        self.tell(question)
        for left in self._looks():
            if said := self._connection.read(left):
                return said + self._connection.read(_QUIET)
        return b""

    def byte(self, kind: str, question: bytes) -> int | None:
        answer = self.ask(question, lambda one: one.kind == kind)
        return answer.data[0] if answer else None

    def block(self, question: bytes, head: bytes) -> bytes | None:
        answer = self.ask(question, lambda one: one.kind == "block" and one.data.startswith(head))
        return answer.data[len(head) :] if answer else None

    def text(self, number: int) -> str:
        return (self.block(b"\x1dI" + bytes([number]), b"_") or b"").decode("ascii", "replace")
