"""From a picture, a scanner's text or a file to what a code holds."""

from __future__ import annotations

import io

import zxingcpp
from PIL import Image, UnidentifiedImageError

from edge.credentials.evidence import Shown
from edge.credentials.verdict import UnreadableError

LARGEST_PAYLOAD = 8 * 1024 * 1024
LARGEST_TEXT = 64 * 1024
_LARGEST_PICTURE = 40_000_000
"""Pixels. A tablet's camera has twelve million."""
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"II*\x00", b"MM\x00*")
_MOST_CODES = 8


def shown_in(payload: bytes) -> list[Shown]:
    """Give what was shown: every QR code of a picture, or the payload itself.

    Raises :class:`UnreadableError` when there is nothing that could be a certificate.
    """
    if len(payload) > LARGEST_PAYLOAD:
        raise UnreadableError("This is too large to be a certificate.")
    codes = codes_in_picture(payload) if payload.startswith(_PICTURES) else [payload]
    if any(len(code) > LARGEST_TEXT for code in codes):
        raise UnreadableError("This is too large to be a certificate.")
    return [_shown(code) for code in codes[:_MOST_CODES]]


def _shown(data: bytes) -> Shown:
    """Take bytes for text where they can be; a final line end is the scanner's, not the code's."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return Shown(data, "")
    return Shown(data, text.removesuffix("\n").removesuffix("\r"))


def codes_in_picture(data: bytes) -> list[bytes]:
    """Give what every QR code of a picture holds; raises :class:`UnreadableError` for none."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > _LARGEST_PICTURE:
                raise UnreadableError("The picture is too large.")
            grey = picture.convert("L")
    except UnreadableError:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError):
        raise UnreadableError("The picture cannot be opened.") from None
    found = zxingcpp.read_barcodes(
        grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    codes = [bytes(code.bytes) for code in found if code.bytes]
    if codes:
        return codes
    raise UnreadableError("There is no readable QR code in the picture.")
