"""Brother's raster as a QL printer takes it."""

from __future__ import annotations

from PIL import Image, ImageOps

from printers.interpreter.drawing import Band, picture
from printers.languages.brother_ql import HEAD, TAPES
from printers.profile import Profile
from printers.raster import unpacked

_SIZES = {b"@": 2, b"ia": 4, b"iz": 13, b"iM": 4, b"iA": 4, b"iK": 4, b"id": 5, b"iS": 3}
"""The bytes of each command behind ESC, with it."""


def bands(data: bytes, profile: Profile) -> list[Band]:
    """Draw each label; what is not understood ends the drawing."""
    labels: list[Band] = []
    rows = b""
    place = 0
    while place < len(data):
        first = data[place]
        if first == 0x67 and place + 3 <= len(data):  # g: one row
            size = data[place + 2]
            rows += data[place + 3 : place + 3 + size]
            place += 3 + size
        elif first == 0x1B:
            name = data[place + 1 : place + 3]
            size = _SIZES.get(name) or _SIZES.get(name[:1], 0)
            if not size:
                break
            place += size
        elif first in (0x0C, 0x1A):
            labels.append(picture(_label(rows, profile)))
            rows = b""
            place += 1
        elif first == 0x00:
            place += 1
        else:
            break
    return labels


def _label(rows: bytes, profile: Profile) -> Image.Image:
    tape = TAPES.get((profile.paper_width, profile.paper_length), (profile.width, 0, 0))
    drawn = ImageOps.mirror(unpacked(rows, HEAD // 8))
    left = HEAD - profile.width - tape[2]
    return drawn.crop((left, 0, left + profile.width, drawn.height))
