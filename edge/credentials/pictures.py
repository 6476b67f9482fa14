"""From a picture to what its QR codes hold; how much it may cost is known before it is decoded.

A picture of few bytes can be one of many pixels, so its header is looked at first. Only the two
formats are opened that cameras, screens and scanners make, by their own readers: no other reader
of the library is reached, whatever the bytes say.
"""

from __future__ import annotations

import io

import zxingcpp
from PIL import Image, ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from edge.credentials.verdict import UnreadableError

MOST_PIXELS = 12_000_000
"""Pixels that are decoded. A tablet's camera has twelve million."""
_LARGEST_JPEG = 200_000_000
"""Pixels of a JPEG, which is made smaller by up to eight each way while it is decoded."""
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG"
_MOST_CODES, _MANY = 24, 3


def codes_in_picture(data: bytes) -> list[bytes]:
    """Give what the QR codes of a JPEG or PNG hold, each once.

    Where there are many, its upper and its lower part are looked at once more: a code is missed
    whose corners are taken together with those of a torn one.

    Raises :class:`UnreadableError` for none, for more than 24 (none of them is left out by chance)
    and for a picture that is not opened.
    """
    try:
        grey = _grey(data)
        codes = _codes(grey)
        if len(codes) >= _MANY:
            size, part = grey.size, grey.height * 3 // 5
            codes += _codes(grey.crop((0, 0, size[0], part)))
            codes += _codes(grey.crop((0, size[1] - part, *size)))
    except MemoryError:
        raise UnreadableError(_TOO_LARGE) from None
    each = list(dict.fromkeys(codes))
    if len(each) > _MOST_CODES:
        raise UnreadableError(
            "There are too many QR codes in the picture. Photograph a part of it."
        )
    if not each:
        raise UnreadableError("There is no readable QR code in the picture.")
    return each


def _codes(grey: Image.Image) -> list[bytes]:
    only = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    found = zxingcpp.read_barcodes(grey, formats=only)
    return [bytes(code.bytes) for code in found if code.bytes]


def _grey(data: bytes) -> Image.Image:
    if not data.startswith((_JPEG, _PNG)):
        raise UnreadableError(_OTHER_FORMAT)
    try:
        with _opened(data) as picture:
            return picture.convert("L")
    except (OSError, ValueError, SyntaxError, IndexError, KeyError, TypeError, OverflowError):
        raise UnreadableError("The picture cannot be opened.") from None


def _opened(data: bytes) -> ImageFile.ImageFile:
    """Read the header, and refuse or make smaller what has too many pixels."""
    if data.startswith(_PNG):
        png = PngImageFile(io.BytesIO(data))
        if png.width * png.height > MOST_PIXELS:
            raise UnreadableError(_TOO_LARGE)
        if getattr(png, "is_animated", False) or data[24] > 8:  # frames; bits of a sample
            raise UnreadableError(_OTHER_FORMAT)
        return png
    jpeg = JpegImageFile(io.BytesIO(data))
    if jpeg.width * jpeg.height > _LARGEST_JPEG:
        raise UnreadableError(_TOO_LARGE)
    scale = 1
    while jpeg.width * jpeg.height > MOST_PIXELS * scale * scale:
        scale *= 2
    jpeg.draft("L", (max(1, jpeg.width // scale), max(1, jpeg.height // scale)))
    if jpeg.width * jpeg.height > 1.1 * MOST_PIXELS:  # a narrow one is not made smaller
        raise UnreadableError(_TOO_LARGE)
    return jpeg


_TOO_LARGE = "The picture is too large."
_OTHER_FORMAT = "Pictures of this kind are not read. Send a photograph as JPEG, or a PNG."
