"""From a picture or a PDF to what its QR codes hold."""

from __future__ import annotations

from collections.abc import Iterator

import zxingcpp
from PIL import Image

from edge.credentials.picture_formats import parts, views
from edge.credentials.reading import is_document
from edge.credentials.verdict import UnreadableError

_MOST_CODES, _MANY = 24, 3


def codes_in_picture(data: bytes) -> list[bytes]:
    """Give what the QR codes of a JPEG, a PNG, an AVIF, a HEIC or the first pages of a PDF hold.

    Each once; HEIC where its reader is installed.

    Raises :class:`UnreadableError` for none, for more than 24 (none of them is left out by chance)
    and for what is not opened.
    """
    try:
        each = _each(views(data)) or _each(parts(data))
    except MemoryError:
        raise UnreadableError("The picture is too large.") from None
    if len(each) > _MOST_CODES:
        raise UnreadableError(
            "There are too many QR codes in the picture. Photograph a part of it."
        )
    if not each:
        raise UnreadableError(_none_in(data))
    return each


def _none_in(data: bytes) -> str:
    """Say that there is no code, and of a long PDF that its other pages were not looked at."""
    if is_document(data):
        from edge.credentials.document_pages import MOST_PAGES, page_count

        if page_count(data) > MOST_PAGES:
            return (
                "There is no readable QR code on the first four pages, and the others are not"
                " looked at. Send the page with the code by itself."
            )
    return "There is no readable QR code in the picture."


def _each(pictures: Iterator[Image.Image]) -> list[bytes]:
    """Read picture after picture, so that one of them is in memory at a time."""
    found: dict[bytes, None] = {}
    for grey in pictures:
        found.update(dict.fromkeys(_in(grey)))
    return list(found)


def _in(grey: Image.Image) -> list[bytes]:
    """Read a picture's codes.

    Where there are many, its upper and its lower part are looked at once more: a code is missed
    whose corners are taken together with those of a torn one.
    """
    codes = _codes(grey)
    if len(codes) >= _MANY:
        size, part = grey.size, grey.height * 3 // 5
        codes += _codes(grey.crop((0, 0, size[0], part)))
        codes += _codes(grey.crop((0, size[1] - part, *size)))
    return codes


def _codes(grey: Image.Image) -> list[bytes]:
    only = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    found = zxingcpp.read_barcodes(grey, formats=only)
    return [bytes(code.bytes) for code in found if code.bytes]
