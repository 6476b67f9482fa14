"""The calibration slip, printed from a tablet and read back with the tablet's camera."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from edge.adapters.settings import PrinterSettings
from edge.credentials.verdict import UnreadableError
from edge.domain.errors import BadInput, NotFound, Unavailable
from edge.ports import Clock
from edge.services.admission import Asker
from edge.services.printing.print_room import PrintRoom
from printers.calibration import (
    calibration_slip,
    letters_seen,
    next_cut,
    offered,
    proven_fields,
    proven_sizes,
)
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.marks import MARKS, marks_in
from printers.probe import LADDER
from printers.profile import Profile

_MOST_CARRIED = 20
"""Numbers and marks a form carries at most: there are seven sizes and nine marks."""
_MOST_PICTURES = 8


@dataclass(frozen=True, slots=True)
class CodeSizes:
    """A printer's own codes: the sizes its slip has (bytes), and which of them were read.

    ``marks``: what else was read on it (``printers/marks.py``).
    """

    printer: str
    profile: Profile
    offered: tuple[int, ...]
    read: frozenset[int] = frozenset()
    marks: frozenset[str] = frozenset()

    @property
    def best(self) -> int:
        """The largest size that was read; 0: none."""
        return max(self.read, default=0)

    @property
    def carried(self) -> str:
        """Everything that was read, as a form carries it."""
        marks = [mark for mark in MARKS if mark in self.marks]
        return " ".join([*map(str, sorted(self.read)), *marks])

    @property
    def found(self) -> dict[str, object]:
        """The fields of a profile that were proven."""
        return proven_fields(self.marks, self.read, self.profile)


class Calibration:
    """Calibrates the printers of one site.

    ``keep`` writes what was found into a printer's own file and gives its new profile; ``decode``
    gives what the QR codes of a picture hold.
    """

    def __init__(
        self,
        room: PrintRoom,
        printers: Mapping[str, PrinterSettings],
        fonts: Fonts,
        clock: Clock,
        keep: Callable[[PrinterSettings, Mapping[str, object]], Profile],
        decode: Callable[[bytes, Asker], list[bytes]],
    ) -> None:
        self._room = room
        self._printers = printers
        self._fonts = fonts
        self._clock = clock
        self._keep = keep
        self._decode = decode

    def ladder(
        self, printer: str, read: Iterable[int] = (), marks: Iterable[str] = ()
    ) -> CodeSizes:
        """Give what the slip of a printer has; raises :class:`NotFound` for one it is not for."""
        profile = self._room.profiles.get(printer)
        if profile is None or profile.language != "escpos":
            raise NotFound(
                "calibration.not-here",
                "There is nothing to calibrate: the slip is for the ESC/POS printers of this site.",
            )
        sizes = frozenset(size for size in read if size in LADDER)
        known = frozenset(marks) & frozenset(MARKS)
        return CodeSizes(printer, profile, offered(profile), sizes, known)

    def print_slip(self, printer: str) -> None:
        """Print the slip; raises :class:`Unavailable` in words when the printer takes nothing."""
        profile = self._room.profiles[self.ladder(printer).printer]
        now = self._clock.now().strftime("%Y-%m-%d %H:%M UTC")
        try:
            slip = calibration_slip(profile, self._fonts, printer, now)
            self._room.spoolers[printer].print_at_once(slip)
        except PrinterError as error:
            raise Unavailable(error.code, error.sentence, **dict[str, Any](error.values)) from None

    def read(
        self, ladder: CodeSizes, pictures: Iterable[bytes], texts: Iterable[str], asker: Asker
    ) -> CodeSizes:
        """Add what pictures show and what the tablet has read itself.

        Raises :class:`BadInput` where pictures were given and no code of the slip is on any.
        """
        told = list(texts)
        shown = [picture for picture in pictures if picture][:_MOST_PICTURES]
        for picture in shown:
            try:
                codes = self._decode(picture, asker)
            except UnreadableError:
                continue
            told += [code.decode(errors="replace") for code in codes]
        found, marks = proven_sizes(told), marks_in(told)
        if shown and not found and not marks:
            raise BadInput(
                "calibration.nothing-read",
                "No code that the printer made can be read in this picture.",
                hint="Hold the tablet closer and straight, with light on the paper.",
                field="picture",
            )
        return self.ladder(ladder.printer, ladder.read | found, ladder.marks | marks)

    def keep(self, read: CodeSizes, size: int, letters: str = "", cut: str = "") -> None:
        """Let what was found go before a printer's profile; it counts at once.

        ``size``: bytes up to which it makes QR codes itself, 0: none; ``letters``: the line of
        letters that is right, ``none``: no line, empty: as it was; ``cut``: ``no`` where the slip
        was not cut off. Raises :class:`BadInput`.
        """
        printer = read.printer
        ladder = self.ladder(printer, [size], read.marks)
        if size != ladder.best:  # 0 is always one
            raise BadInput(
                "calibration.size",
                "This is no size of a code on the calibration slip.",
                field="size",
            )
        found = {"native_qr": size, **ladder.found}
        try:
            if letters and "H1" not in read.marks:
                found |= letters_seen("" if letters == "none" else letters)
        except PrinterError as error:
            values = dict[str, Any](error.values)
            raise BadInput(error.code, error.sentence, field="letters", **values) from None
        if cut == "no":
            found |= next_cut(ladder.profile)
        profile = self._keep(self._printers[printer], found)
        self._room.use(printer, profile)


def carried(text: str) -> list[int]:
    """Read the sizes that a form carries from one picture to the next."""
    return [
        int(value) for value in text.split()[:_MOST_CARRIED] if value.isdecimal() and len(value) < 5
    ]
