"""How a picture is cut into low bands of few bytes: what is white is fed and not sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image

from printers.document import Align

TALLEST = 24
"""Rows of a band: power that fails in one leaves so much garbage, a few centimetres, not metres."""
_HEAD, _FEED = 24, 12
"""Bytes a further band and a further feed must save: more than they have, as each costs time."""

_Extent = tuple[int, int]
"""Where the ink of rows begins and ends, in dots from the left."""


@dataclass(frozen=True, slots=True)
class Band:
    """White rows to feed, and the ink below them, trimmed so that it stands at its side."""

    white: int
    ink: Image.Image


@dataclass(frozen=True, slots=True)
class BandedPicture:
    """A picture as bands, all set from one side, and the white rows below the last."""

    side: Align
    bands: tuple[Band, ...]
    white: int


def banded(picture: Image.Image) -> BandedPicture:
    """Cut a picture (white 255, black 0; a multiple of 8 dots wide) into bands of fewest bytes.

    Every band is set from one side, the one that makes them smallest: a printer that is told a
    wrong width then moves a paragraph as a whole.
    """
    inverted = picture.point(lambda value: 255 - value)
    rows = [_extent(inverted, row) for row in range(picture.height)]
    plans = {side: _plan(rows, crop, picture.width) for side, crop in _CROPS.items()}
    side = min(plans, key=lambda one: plans[one][0])
    bands, below = [], 0
    for top, bottom in plans[side][1]:
        left, right = _CROPS[side](_joined(rows[top:bottom]), picture.width)
        bands.append(Band(top - below, picture.crop((left, top, right, bottom))))
        below = bottom
    return BandedPicture(side, tuple(bands), picture.height - below)


def _extent(inverted: Image.Image, row: int) -> _Extent | None:
    box = inverted.crop((0, row, inverted.width, row + 1)).getbbox()
    return (box[0], box[2]) if box else None


def _joined(rows: Sequence[_Extent | None]) -> _Extent:
    inked = [row for row in rows if row]
    return min(left for left, _ in inked), max(right for _, right in inked)


def _from_left(ink: _Extent, width: int) -> _Extent:
    return 0, min(width, -(-ink[1] // 8) * 8)


def _from_right(ink: _Extent, width: int) -> _Extent:
    return ink[0] // 8 * 8, width


def _from_centre(ink: _Extent, width: int) -> _Extent:
    spare = min(ink[0], width - ink[1]) // 8 * 8
    return spare, width - spare


_CROPS: dict[Align, Callable[[_Extent, int], _Extent]] = {
    "left": _from_left,
    "right": _from_right,
    "centre": _from_centre,
}


def _plan(
    rows: Sequence[_Extent | None], crop: Callable[[_Extent, int], _Extent], width: int
) -> tuple[int, list[tuple[int, int]]]:
    """Give the cheapest bands (top, bottom), and their cost; found from the last row upwards."""
    costs, ends = [0] * (len(rows) + 1), [0] * len(rows)
    for top in reversed(range(len(rows))):
        if rows[top] is None:
            known = top + 1 < len(rows) and rows[top + 1] is None
            costs[top], ends[top] = costs[top + 1] + (0 if known else _FEED), top
            continue
        found = []
        ink = rows[top]
        for bottom in range(top + 1, min(top + TALLEST, len(rows)) + 1):
            last = rows[bottom - 1]
            if last is None or ink is None:
                continue
            ink = (min(ink[0], last[0]), max(ink[1], last[1]))
            left, right = crop(ink, width)
            size = (bottom - top) * (right - left) // 8
            found.append((_HEAD + size + costs[bottom], bottom))
        costs[top], ends[top] = min(found)
    bands, top = [], 0
    while top < len(rows):
        if ends[top] > top:
            bands.append((top, ends[top]))
        top = max(ends[top], top + 1)
    return costs[0], bands
