"""From a picture, a scanner's text or a file to what a code holds."""

from __future__ import annotations

import codecs
from collections.abc import Callable

from edge.credentials.evidence import ScannedInput
from edge.credentials.verdict import UnreadableError

LARGEST_PAYLOAD = 8 * 1024 * 1024
LARGEST_TEXT = 64 * 1024

ReadPicture = Callable[[bytes], list[bytes]]
"""Gives what the QR codes of a picture hold; raises :class:`UnreadableError` for none."""


def no_pictures(_picture: bytes) -> list[bytes]:
    """Read no picture: for places where only what a code holds may stand."""
    raise UnreadableError("This is a picture, and not what its code holds.")


def shown_in(payload: bytes, read: ReadPicture = no_pictures) -> list[ScannedInput]:
    """Give what was shown: every QR code of a picture, or the payload itself.

    Raises :class:`UnreadableError` when there is nothing that could be a certificate.
    """
    if len(payload) > LARGEST_PAYLOAD:
        raise UnreadableError("This is too large to be a certificate.")
    codes = read(payload) if is_picture(payload) else [payload]
    if any(len(code) > LARGEST_TEXT for code in codes):
        raise UnreadableError("This is too large to be a certificate.")
    return [_shown(code) for code in codes]


def is_picture(data: bytes) -> bool:
    """Say whether bytes begin as a picture, also as one of a format that is not read."""
    known = data.startswith(_PICTURES) or data[4:8] == b"ftyp"
    return known or is_document(data) or _is_bitmap(data)


def is_document(data: bytes) -> bool:
    """Say whether bytes begin as a PDF; some programs write blanks or a mark before it."""
    return data[:64].removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"%PDF-")


def _is_bitmap(data: bytes) -> bool:
    """Look further than the first two letters of a BMP: a text may begin with them."""
    return data.startswith(b"BM") and data[6:10] == bytes(4)


def _shown(data: bytes) -> ScannedInput:
    """Take bytes for text where they can be; a final line end is the scanner's, not the code's."""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # what Notepad calls Unicode
    try:
        text = data.decode("utf-16" if wide else "utf-8")
    except UnicodeDecodeError:
        return ScannedInput(data, "")
    return ScannedInput(data, text.removesuffix("\n").removesuffix("\r"))


_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"II*\x00", b"MM\x00*")
