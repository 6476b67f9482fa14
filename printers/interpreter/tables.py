"""What commands are: how many bytes they have, what they ask, and what a model does with them."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Literal, Protocol

from printers.interpreter.drawing import Band, State

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
    is ``refused``, printed ``blank``, or its rest as ``text``. ``ignored``: commands passed over,
    with what belongs to them. ``aligns_raster``: whether ``ESC a`` moves ``GS v 0``.
    ``wakes_in_chinese``: whether it takes pairs of bytes for Chinese characters until ``FS .``, and
    again after each ``ESC @``. ``dots_per_inch``, 0: a unit of a feed is a dot; ``feed_units``: how
    many make an inch before ``GS P``.
    """

    native_qr: int | None = None
    qr_excess: Literal["refused", "blank", "text"] = "refused"
    ignored: frozenset[str] = field(default=frozenset())
    aligns_raster: bool = True
    wakes_in_chinese: bool = False
    dots_per_inch: int = 0
    feed_units: int = 0

    def woken(self) -> State:
        """Give what is set after the power has come, and after ``ESC @``."""
        return State(chinese=self.wakes_in_chinese, feed_units=self.feed_units)

    def fed(self, units: int, state: State) -> int:
        """Give the dots of a feed."""
        return (
            units * self.dots_per_inch // (state.feed_units or 1) if self.dots_per_inch else units
        )


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
