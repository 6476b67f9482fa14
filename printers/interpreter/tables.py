"""What commands are: how many bytes they have, what they ask, and what a model does with them."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Literal, Protocol

from printers.interpreter.drawing import Band

ESCAPE = {
    **dict.fromkeys(b"=?! -GEMRTUVart{%uJd3", 1),
    **dict.fromkeys(b"$\\Bc", 2),
    **dict.fromkeys(b"p", 3),
    **dict.fromkeys(b"W", 8),
}
GROUP = {
    **dict.fromkeys(b"!/BHTabfhrwxI", 1),
    **dict.fromkeys(b"PLW$\\", 2),
    **dict.fromkeys(b"^", 3),
}
FIELD = {**dict.fromkeys(b"!-CW", 1), **dict.fromkeys(b"Spq", 2)}
"""How many bytes follow the name of a command of ESC, GS and FS; others have none."""
LONG_CUTS = b"ABabgh"

Program = Generator[int, bytes, None]
"""Says how many bytes it wants, and is sent them."""


@dataclass(frozen=True, slots=True)
class Question:
    """A command that a printer answers when its turn comes: its name and its bytes."""

    name: Literal["GS a", "GS r", "GS I", "GS ( H", "GS ( k"]
    data: bytes


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the model does with some commands.

    ``native_qr``: the most bytes its QR command takes, none: as the symbol goes; a longer payload
    is ``refused``, printed ``blank``, or its rest as ``text``. ``ignored``: commands passed over.
    """

    native_qr: int | None = None
    qr_excess: Literal["refused", "blank", "text"] = "refused"
    ignored: frozenset[str] = field(default=frozenset())


class Output(Protocol):
    """Where commands take effect."""

    def print(self, band: Band) -> None:
        """Put rows on paper."""
        ...

    def cut(self) -> None:
        """Cut the paper off."""
        ...

    def tear(self) -> None:
        """Leave the paper, fed four lines or more, to be torn off by hand."""
        ...

    def answer(self, question: Question) -> None:
        """Answer a question whose turn has come."""
        ...
