"""How a picture is cut into low bands of few bytes, which no printer can set apart.

Where a printer's alignment does not move pictures, every band begins at the left edge. So all bands
of a picture have their first dot in the same column, or their last, or their middle: what is moved
is moved as a whole, and a letter is never torn.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from PIL import Image

from printers.document import Align

TALLEST = 24
"""Rows of a band: power that fails in one leaves so much garbage, a few centimetres, not metres."""
_HEAD = 24
"""Bytes that a further band must save: more than its head has, as each costs time."""
SIDES: tuple[Align, ...] = ("left", "right", "centre")

_Extent = tuple[int, int]
"""Where the ink of rows begins and ends, in dots from the left."""


@dataclass(frozen=True, slots=True)
class Band:
    """White rows, and the ink below them, trimmed so that it stands at its side."""

    white: int
    ink: Image.Image


@dataclass(frozen=True, slots=True)
class BandedPicture:
    """A picture as bands, all set from one side, and the white rows below the last."""

    side: Align
    bands: tuple[Band, ...]
    white: int


def banded(picture: Image.Image, sides: Collection[Align] = SIDES) -> BandedPicture:
    """Cut a picture (white 255, black 0; a multiple of 8 dots wide) into bands of fewest bytes.

    Every band is set from one side, that of ``sides`` which makes them smallest.
    """
    inverted = picture.point(lambda value: 255 - value)
    rows = [_extent(inverted, row) for row in range(picture.height)]
    if not any(rows):
        return BandedPicture("left", (), picture.height)
    crops = {side: _CROPS[side](_joined(rows), picture.width) for side in SIDES if side in sides}
    plans = {side: _plan(rows, crop) for side, crop in crops.items()}
    side = min(plans, key=lambda one: plans[one][0])
    bands, below = [], 0
    for top, bottom in plans[side][1]:
        left, right = crops[side](_joined(rows[top:bottom]))
        bands.append(Band(top - below, picture.crop((left, top, right, bottom))))
        below = bottom
    return BandedPicture(side, tuple(bands), picture.height - below)


def strips(picture: Image.Image, sides: Collection[Align] = SIDES, above: int = 0) -> BandedPicture:
    """Cut a picture into bands of :data:`TALLEST` rows, one behind the other, all of one width.

    For printers that set pictures as lines, which have a height. ``above``: white rows that stand
    over the ink in the first band.
    """
    inverted = picture.point(lambda value: 255 - value)
    box = inverted.getbbox()
    if box is None:
        return BandedPicture("left", (), picture.height)
    ink, white = (box[0], box[2]), max(0, box[1] - above)
    found = {side: _CROPS[side](ink, picture.width)(ink) for side in SIDES if side in sides}
    side = min(found, key=lambda one: found[one][1] - found[one][0])
    left, right = found[side]
    count = -(-(box[3] - box[1] + above) // TALLEST)
    whole = Image.new("L", (right - left, count * TALLEST), 255)
    whole.paste(picture.crop((left, box[1], right, box[3])), (0, above))
    tops = range(0, whole.height, TALLEST)
    bands = [whole.crop((0, top, whole.width, top + TALLEST)) for top in tops]
    below = max(0, picture.height - white - whole.height)
    return BandedPicture(
        side, tuple(Band(0 if at else white, band) for at, band in enumerate(bands)), below
    )


def _extent(inverted: Image.Image, row: int) -> _Extent | None:
    box = inverted.crop((0, row, inverted.width, row + 1)).getbbox()
    return (box[0], box[2]) if box else None


def _joined(rows: Sequence[_Extent | None]) -> _Extent:
    inked = [row for row in rows if row]
    return min(left for left, _ in inked), max(right for _, right in inked)


_Crop = Callable[[_Extent], _Extent]
"""Gives what of some rows is sent, of where their ink is."""


def _from_left(_whole: _Extent, width: int) -> _Crop:
    return lambda ink: (0, min(width, -(-ink[1] // 8) * 8))


def _from_right(whole: _Extent, width: int) -> _Crop:
    alike = (whole[0] // 8 * 8, width)
    return lambda _ink: alike


def _from_centre(whole: _Extent, width: int) -> _Crop:
    spare = min(whole[0], width - whole[1]) // 8 * 8
    alike = (spare, width - spare)
    return lambda _ink: alike


_CROPS: dict[Align, Callable[[_Extent, int], _Crop]] = {
    "left": _from_left,
    "right": _from_right,
    "centre": _from_centre,
}


def _plan(rows: Sequence[_Extent | None], crop: _Crop) -> tuple[int, list[tuple[int, int]]]:
    """Give the cheapest bands (top, bottom), and their cost; found from the last row upwards."""
    costs, ends = [0] * (len(rows) + 1), [0] * len(rows)
    for top in reversed(range(len(rows))):
        if rows[top] is None:
            known = top + 1 < len(rows) and rows[top + 1] is None
            costs[top], ends[top] = costs[top + 1] + (1 if known else _HEAD), top
            continue
        found = []
        ink = rows[top]
        for bottom in range(top + 1, min(top + TALLEST, len(rows)) + 1):
            last = rows[bottom - 1]
            if last is None or ink is None:
                continue
            ink = (min(ink[0], last[0]), max(ink[1], last[1]))
            left, right = crop(ink)
            size = (bottom - top) * (right - left) // 8
            found.append((_HEAD + size + costs[bottom], bottom))
        costs[top], ends[top] = min(found)
    bands, top = [], 0
    while top < len(rows):
        if ends[top] > top:
            bands.append((top, ends[top]))
        top = max(ends[top], top + 1)
    return costs[0], bands
