"""Opens what telephones write of themselves, HEIC and AVIF: one still picture in a box of ISO.

AVIF is read by Pillow, HEIC by ``pillow-heif`` where that is installed (``divoc-edge[heic]``): it
brings a decoder of a patented format, so nobody gets it unasked. Both decode a picture whole, with
one thread, so its size is asked before (ISO/IEC 23008-12; AV1 Image File Format, section 4).
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import IO, Any

from PIL import AvifImagePlugin, Image

from edge.credentials.verdict import UnreadableError

_AVIF, _HEIC = b"avif", frozenset({b"heic", b"heix", b"heim", b"heis"})
_MOST_BRANDS = 32


def is_phone_picture(data: bytes) -> bool:
    """Say whether this is a still AVIF or HEIC, by the brands in its first box."""
    return bool(_brands(data) & (_HEIC | {_AVIF}))


def phone_picture(data: bytes, most_pixels: float) -> Image.Image:
    """Open one of so many pixels at the most; it is decoded when its pixels are asked for.

    Raises :class:`UnreadableError` for a larger one, and where nothing here reads HEIC. What is
    broken raises what Pillow's readers raise.
    """
    picture = _avif(data) if _AVIF in _brands(data) else _heic(data)
    if picture.width * picture.height > most_pixels:
        raise UnreadableError("The picture is too large.")
    return picture


def load_phone_formats() -> None:
    """Have the libraries of these formats in memory, as far as they are there."""
    _heic_reader()


def _brands(data: bytes) -> frozenset[bytes]:
    if data[4:8] != b"ftyp":
        return frozenset()
    end = min(int.from_bytes(data[:4], "big"), 16 + 4 * _MOST_BRANDS)
    box = data[8:end]
    return frozenset({box[:4], *(box[place : place + 4] for place in range(8, len(box), 4))})


def _avif(data: bytes) -> Image.Image:
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # each has its own memory
    return AvifImagePlugin.AvifImageFile(io.BytesIO(data))


def _heic(data: bytes) -> Image.Image:
    reader = _heic_reader()
    if reader is None:
        raise UnreadableError(
            "Pictures of an iPhone's own kind (HEIC) are not read at this site. Send it as JPEG."
        )
    picture: Image.Image = reader(io.BytesIO(data))
    return picture


def _heic_reader() -> Callable[[IO[bytes]], Any] | None:
    """Give what opens a HEIC's main picture alone; None where it is not installed."""
    try:
        from pillow_heif import options
        from pillow_heif.as_plugin import HeifImageFile
    except ImportError:
        return None
    options.DECODE_THREADS = 1
    options.THUMBNAILS = options.AUX_IMAGES = options.DEPTH_IMAGES = False
    reader: Callable[[IO[bytes]], Any] = HeifImageFile
    return reader
