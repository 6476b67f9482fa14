"""Asks a printer that does not speak ESC/POS what it is, without printing anything.

Sources: ``~HI`` (Zebra, ZPL II programming guide); the 32 bytes of ``ESC i S`` (Brother, raster
command reference: model, width and length of the labels); ``ESC ACK SOH``, answered with Star's
automatic status, which says how a printer is and not what (Star, StarPRNT specifications).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from printers.condition import COVER_OPEN, OFFLINE, PAPER_OUT, trouble
from printers.connections import Connection
from printers.errors import PrinterError
from printers.languages import brother_ql, starprnt, zpl
from printers.patience import Patience

_HOST_IDENTIFICATION = b"~HI"
_HOST = re.compile(rb"([A-Z][^,\x02\x03]{2,40}),([^,\x02\x03]{2,30}),(\d{1,2}),(\d+)(?:KB)?[,\x03]")
_RESOLUTIONS = {6: 152, 8: 203, 12: 300, 24: 600}
"""Dots an inch by dots a millimetre, as Zebra rounds them."""
_BROTHER = {
    0x38: "QL-800", 0x39: "QL-810W", 0x41: "QL-820NWB", 0x43: "QL-1100", 0x44: "QL-1110NWB",
    0x35: "QL-700", 0x36: "QL-710W", 0x37: "QL-720NW", 0x47: "QL-600",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Identity:
    """What a printer says it is.

    ``name`` is its maker and model, as far as it tells; ``dots_per_inch`` 0: not told; ``labels``
    are those in it, width and length in mm (a length of 0: a roll); ``trouble`` holds it up,
    ``warning`` does not yet.
    """

    name: str
    dots_per_inch: int = 0
    labels: tuple[int, int] | None = None
    trouble: PrinterError | None = None
    warning: PrinterError | None = None


Read = Callable[[bytes], Identity | None]


def identify(
    connection: Connection,
    language: str,
    patience: float = 1.0,
    clock: Callable[[], float] = time.monotonic,
) -> Identity | None:
    """Ask, waiting ``patience`` seconds; none: it does not answer, or cannot be asked."""
    if language not in _QUESTIONS:
        return None
    question, read = _QUESTIONS[language]
    connection.write(question)
    answer = b""
    for left in Patience(patience, clock).looks():
        answer += connection.read(left)
        if (found := read(answer)) is not None:
            return found
    return None


def _zebra(answer: bytes) -> Identity | None:
    told, status = _HOST.search(answer), zpl.host_status(answer)
    if told is None or status is None:
        return None
    name = f"{told[1].decode('ascii', 'replace')} {told[2].decode('ascii', 'replace')}".strip()
    words = (PAPER_OUT if status.paper_out else None) or (COVER_OPEN if status.head_open else None)
    return Identity(
        name,
        dots_per_inch=_RESOLUTIONS.get(int(told[3]), 0),
        trouble=trouble(words or OFFLINE) if words or status.paused else None,
    )


def _brother(answer: bytes) -> Identity | None:
    status = brother_ql.status(answer)
    if status is None:
        return None
    newest = brother_ql.whole_statuses(answer)[0][-1]  # behind it another one may have begun
    model, width, length = (newest[place] for place in (4, 10, 17))
    name = f"Brother {_BROTHER.get(model, f'{model:#04x}')}"
    return Identity(name, labels=(width, length) if width else None, trouble=status.trouble)


def _star(answer: bytes) -> Identity | None:
    condition = starprnt.heard(answer).condition
    if not condition.heard:
        return None
    return Identity("Star", trouble=condition.cause, warning=condition.warning)


_QUESTIONS: Mapping[str, tuple[bytes, Read]] = {
    "zpl": (_HOST_IDENTIFICATION + zpl.QUESTION, _zebra),
    "brother-ql": (brother_ql.QUESTION, _brother),
    "starprnt": (starprnt.STATUS_QUESTION, _star),
}
