"""ESC/POS as a printer understands it: bytes in, dots on paper and answers out.

Drives the printer in software and the preview, so that both are drawn from the very bytes that
would be sent.
"""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image

from printers.interpreter.commands import Commands
from printers.interpreter.drawing import SPACING, Band, drawn
from printers.interpreter.tables import Abilities, Question


class Interpreter:
    """A printer for which paper takes no time; keeps the paper that is being printed.

    ``answer`` takes the bytes the printer sends back, ``cut`` each finished paper as an image.
    """

    def __init__(
        self,
        width: int,
        answer: Callable[[bytes], None] = lambda data: None,  # noqa: ARG005
        cut: Callable[[Image.Image], None] = lambda paper: None,  # noqa: ARG005
    ) -> None:
        self._width = width
        self._sheet = _Sheet(width, answer, cut)
        self._commands = Commands(width, self._sheet, Abilities())

    @property
    def rows(self) -> int:
        """Rows of dots on the paper so far."""
        return sum(band.height for band in self._sheet.bands)

    def feed(self, data: bytes) -> None:
        """Take bytes; a command that is not complete yet waits for its rest."""
        self._commands.feed(data)

    def paper(self) -> Image.Image:
        """Draw the paper as it is now."""
        return drawn(self._sheet.bands, self._width)


class _Sheet:
    def __init__(
        self, width: int, answer: Callable[[bytes], None], cut: Callable[[Image.Image], None]
    ) -> None:
        self.bands: list[Band] = []
        self._width = width
        self._answer = answer
        self._cut = cut

    def print(self, band: Band) -> None:
        self.bands.append(band)

    def cut(self) -> None:
        if self.bands:
            self.bands.append(Band(SPACING))
            self._cut(drawn(self.bands, self._width))
            self.bands.clear()

    def tear(self) -> None:
        self.cut()

    def answer(self, question: Question) -> None:
        if question.name == "GS r":
            self._answer(b"\x00")
        elif question.name == "GS ( H" and question.data[:2] == b"00":
            self._answer(b"7\x22" + question.data[2:6] + b"\x00")


def bands(data: bytes, width: int, abilities: Abilities | None = None) -> list[Band]:
    """Give what these bytes would print, from top to bottom, of all papers that they cut.

    ``abilities``: those of a model; a printer that can do everything by default.
    """
    reel = _Reel()
    Commands(width, reel, abilities or Abilities()).feed(data)
    return reel.bands


class _Reel:
    """Keeps everything and cuts nothing off."""

    def __init__(self) -> None:
        self.bands: list[Band] = []

    def print(self, band: Band) -> None:
        self.bands.append(band)

    def cut(self) -> None: ...

    def tear(self) -> None: ...

    def answer(self, question: Question) -> None: ...


def preview(data: bytes, width: int) -> Image.Image:
    """Draw what these bytes would print."""
    finished: list[Image.Image] = []
    interpreter = Interpreter(width, cut=finished.append)
    interpreter.feed(data)
    return finished[0] if finished else interpreter.paper()
