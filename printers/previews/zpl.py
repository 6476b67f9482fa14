"""ZPL as this project writes it: labels of one ``^GFA`` picture each."""

from __future__ import annotations

import base64
import binascii
import re
import zlib

from PIL import Image

from printers.interpreter.drawing import Band, picture
from printers.profile import Profile
from printers.raster import unpacked

_LABEL = re.compile(rb"\^XA.*?\^XZ", re.DOTALL)
_SIZE = re.compile(rb"\^PW(\d+)\^LL(\d+)")
_GRAPHIC = re.compile(rb"\^GFA,\d+,(\d+),(\d+),:Z64:([^:^~]*):([0-9A-F]{4})")


def bands(data: bytes, profile: Profile) -> list[Band]:  # noqa: ARG001
    """Draw each label; a picture whose check does not hold leaves its label white."""
    return [picture(_label(found.group())) for found in _LABEL.finditer(data)]


def _label(data: bytes) -> Image.Image:
    size, graphic = _SIZE.search(data), _GRAPHIC.search(data)
    width, height = (int(size[1]), int(size[2])) if size else (8, 8)
    label = Image.new("L", (width, height), 255)
    if graphic and binascii.crc_hqx(graphic[3], 0) == int(graphic[4], 16):
        bits = zlib.decompress(base64.b64decode(graphic[3]))
        label.paste(unpacked(bits, int(graphic[2])), (0, 0))
    return label
