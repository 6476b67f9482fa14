"""Dots in ESC/POS: as rows (``GS v 0``), or as columns (``ESC *``) where a printer has no rows.

Source: Epson's ESC/POS application programming guide. Printers act on real-time commands even in
the middle of a picture, so dots are moved until they spell none. White rows within a picture are a
picture, too: a printer that passes over feeds would push letters together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PIL import Image

from printers.document import Align
from printers.languages.bands import SIDES, TALLEST, BandedPicture, banded, strips
from printers.profile import Profile
from printers.raster import packed

REAL_TIME = (b"\x10\x04", b"\x10\x05", b"\x10\x14")
"""What printers act on at once even in the middle of a picture (DLE EOT, ENQ, DC4)."""
ALIGN = {"left": b"\x1ba\x00", "centre": b"\x1ba\x01", "right": b"\x1ba\x02"}
LINES, DOTS = b"\x1b2", b"\x1b3" + bytes([TALLEST])
"""The distance of lines (``ESC 2``, ``ESC 3``): the usual one, and where columns of dots touch."""


class Pen:
    """Knows how the printer is set, and writes only what changes; white rows are fed together."""

    def __init__(self, profile: Profile, **usual: bytes) -> None:
        self._columns = profile.pictures == "ESC *"
        self._feeds = profile.feeds
        self._sides = SIDES if profile.raster_alignment or self._columns else ("left",)
        self._width = profile.width
        self._set = {"align": ALIGN["left"], "lines": LINES, **usual}
        self._white = 0

    def feed(self, dots: int) -> None:
        """Leave white rows before what comes next."""
        self._white += dots

    def ready(self, **wanted: bytes) -> bytes:
        """Give the commands after which the next line or picture can follow."""
        fed, self._white = self._white, 0
        parts = [min(255, fed - done) for done in range(0, fed, 255)]
        feeds = [b"\x1bJ" + bytes([rows]) for rows in parts] if self._feeds else [self.white(fed)]
        changed = [one for name, one in wanted.items() if self._set[name] != one]
        self._set.update(wanted)
        return b"".join([*feeds, *changed])

    def white(self, rows: int) -> bytes:
        """Write white rows that no printer passes over."""
        if rows <= 0:
            return b""
        if not self._columns:
            return _rows(bytes(rows), 1, 0)
        set_so = self.ready(lines=DOTS)
        return set_so + columns_line(Image.new("L", (1, TALLEST), 255)) * -(-rows // TALLEST)

    def picture(self, picture: Image.Image) -> Iterator[bytes]:
        """Write a picture of the paper's width, moved by the printer's alignment to its place."""
        lines = {"lines": DOTS} if self._columns else {}
        found, written = self._written(picture)
        for place, (band, data) in enumerate(zip(found.bands, written, strict=True)):
            if place:
                yield self.white(band.white) + data
                continue
            self._white += band.white
            yield self.ready(align=ALIGN[found.side], **lines) + data
        self._white += found.white

    def symbol(self, drawn: Image.Image, factor: int, quiet: int) -> Iterator[bytes]:
        """Write a QR code between its white rows; ``factor``: times the printer enlarges it."""
        if self._columns:
            whole = Image.new("L", (self._width, drawn.height * factor), 255)
            large = drawn.resize((drawn.width * factor,) * 2, Image.Resampling.NEAREST)
            whole.paste(large, ((whole.width - large.width) // 2, 0))
            yield self.ready() + self.white(quiet)
            yield from self.picture(whole)
        else:
            side: Align = "centre" if "centre" in self._sides else "left"
            if side == "left":
                room = (self._width // factor - drawn.width) // 2
                moved = Image.new("L", (room + drawn.width, drawn.height), 255)
                moved.paste(drawn, (room, 0))
                drawn = moved
            tops = range(0, drawn.height, TALLEST // factor)
            parts = [drawn.crop((0, top, drawn.width, min(top + TALLEST // factor, drawn.height)))
                     for top in tops]  # fmt: skip
            yield self.ready(align=ALIGN[side]) + self.white(quiet)
            yield from raster([(side, part) for part in parts], 3 if factor == 2 else 0)
        yield self.white(quiet)

    def _written(self, picture: Image.Image) -> tuple[BandedPicture, list[bytes]]:
        if not self._columns:
            found = banded(picture, self._sides)
            return found, raster([(found.side, band.ink) for band in found.bands], 0)
        for above in range(TALLEST):
            found = strips(picture, self._sides, above)
            written = [columns_line(band.ink) for band in found.bands]
            if not any(has_real_time(data) for data in written):
                break
        return found, written


def raster(images: Sequence[tuple[Align, Image.Image]], mode: int) -> list[bytes]:
    """Write bands with ``GS v 0``, all moved by the dots that free them of real-time commands."""
    for shift in range(8):
        written = [_bits(image, shift, side) for side, image in images]
        if not any(has_real_time(data) for data, _ in written):
            break
    return [_rows(data, width, mode) for data, width in written] if images else []


def has_real_time(data: bytes) -> bool:
    """Say whether bytes hold what printers act on while they receive it."""
    return any(command in data for command in REAL_TIME)


def _rows(data: bytes, width: int, mode: int) -> bytes:
    height = (len(data) // width).to_bytes(2, "little")
    return b"\x1dv0" + bytes([mode]) + width.to_bytes(2, "little") + height + data


def columns_line(image: Image.Image) -> bytes:
    """Write 24 rows as one line of columns, in the printer's own density (``ESC *`` 33)."""
    turned = packed(image.transpose(Image.Transpose.TRANSPOSE))
    return b"\x1b*\x21" + image.width.to_bytes(2, "little") + turned + b"\n"


def _bits(image: Image.Image, shift: int, side: Align) -> tuple[bytes, int]:
    """Give an image's rows as bytes, black 1, moved from its side; and the bytes of a row."""
    width = -(-(image.width + shift) // 8)
    canvas = Image.new("L", (width * 8, image.height), 255)
    left = canvas.width - image.width - shift if side == "right" else shift
    canvas.paste(image, (left, 0))
    return packed(canvas), width
