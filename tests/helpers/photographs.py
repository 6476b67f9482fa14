"""Pictures of QR codes, good ones and hostile ones."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import qrcode
from PIL import Image, ImageOps


def code(text: str = "HELLO", size: int = 400) -> Image.Image:
    made: Image.Image = qrcode.make(text).convert("L")
    return made.resize((size, size))


def saved(image: Image.Image, kind: str = "PNG", **more: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **more)
    return buffer.getvalue()


def vast(width: int = 12_000, height: int = 10_000) -> bytes:
    """A PNG of few bytes and many pixels: 120 million, which no camera makes."""
    head = struct.pack("!IIBBBBB", width, height, 8, 6, 0, 0, 0)
    line = bytes(4 * width + 1)
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack("!I", len(data)) + name + data + struct.pack("!I", zlib.crc32(name + data))


def with_chunk(png: bytes, name: bytes, data: bytes) -> bytes:
    """Put a chunk behind a PNG's header."""
    return png[:33] + chunk(name, data) + png[33:]


def maze(width: int = 4000, height: int = 3000) -> bytes:
    """A picture of nothing but corners of QR codes: a decoder tries them for many seconds."""
    corner = qrcode.make("x", box_size=1, border=0).convert("L").crop((0, 0, 7, 7))
    tile = Image.new("L", (16, 16), 255)
    tile.paste(corner.resize((14, 14)), (1, 1))
    row = Image.new("L", (width, 16), 255)
    for x in range(0, width, 16):
        row.paste(tile, (x, 0))
    whole = Image.new("L", (width, height), 255)
    for y in range(0, height, 16):
        whole.paste(row, (0, y))
    return saved(whole)


def sheet(*payloads: bytes | str, dots: int = 4, across: int = 2) -> Image.Image:
    """A page with a code for each payload, as many side by side as it says."""
    codes = [
        qrcode.make(payload, box_size=dots, error_correction=qrcode.ERROR_CORRECT_L).convert("L")
        for payload in payloads
    ]
    side = max(made.width for made in codes)
    whole = Image.new("L", (side * min(across, len(codes)), side * -(-len(codes) // across)), 255)
    for place, made in enumerate(codes):
        whole.paste(made, (place % across * side, place // across * side))
    return whole


def bare(colour: str, mode: str) -> Image.Image:
    """A code of one colour whose light modules are holes, as editors and page makers save it."""
    made = code()
    whole = Image.new(mode, made.size, (0,) * len(mode))
    whole.paste(Image.new("L", made.size, colour).convert(mode), (0, 0), ImageOps.invert(made))
    return whole


def turned(way: int) -> bytes:
    """EXIF of a camera that was held another way."""
    exif = Image.Exif()
    exif[0x0112] = way
    return exif.tobytes()


def far(width: int, height: int, dots: int = 2) -> Image.Image:
    """A photograph whose code is so small that it is gone when it is made smaller."""
    whole = Image.new("L", (width, height), 210)
    made = sheet("HELLO", dots=dots)
    whole.paste(made, (width * 5 // 8 + 1, height * 5 // 8 + 1))
    return whole
