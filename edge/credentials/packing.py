"""From a credential to the bytes in a QR code, and from whatever was read back to its text.

DIVOC puts a ZIP archive with one file, ``certificate.json``, into the symbol. Its Go services put
the bytes in as they are, its Node services as a text of the same characters in UTF-8; both are
read here, and the shorter is written.
"""

from __future__ import annotations

import io
import zipfile
import zlib

import zxingcpp
from PIL import Image, UnidentifiedImageError

NAME = "certificate.json"
LARGEST_PAYLOAD = 8 * 1024 * 1024
LARGEST_TEXT = 64 * 1024
_LARGEST_PICTURE = 40_000_000
"""Pixels. A tablet's camera has twelve million."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"II*\x00", b"MM\x00*")


class UnreadableError(Exception):
    """The bytes hold nothing that can be a certificate; the text says why, in one sentence."""


def pack(credential: str) -> bytes:
    """Zip a credential for a QR code in byte mode; the same text gives the same bytes."""
    buffer = io.BytesIO()
    entry = zipfile.ZipInfo(NAME, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 0
    with zipfile.ZipFile(buffer, "w", compresslevel=9) as archive:
        archive.writestr(entry, credential.encode())
    return buffer.getvalue()


def unpack(payload: bytes) -> str:
    """Read a certificate's text from a picture, a ZIP in either encoding, or plain text."""
    if len(payload) > LARGEST_PAYLOAD:
        raise UnreadableError("This is too large to be a certificate.")
    if payload.startswith(_PICTURES):
        payload = _in_picture(payload)
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        if payload.startswith(b"PK"):
            return _unzipped(payload)
        raise UnreadableError("These bytes are not the text of a certificate.") from None
    if text.startswith("PK"):
        try:
            return _unzipped(text.encode("latin-1"))
        except UnicodeEncodeError:
            raise UnreadableError("The archive in this code is damaged.") from None
    if len(text) > LARGEST_TEXT:
        raise UnreadableError("This is too large to be a certificate.")
    return text.strip("\ufeff \t\r\n")


def _unzipped(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > 4 or NAME not in archive.namelist():
                raise UnreadableError("The archive in this code holds no certificate.")
            with archive.open(NAME) as file:
                content = file.read(LARGEST_TEXT + 1)
    except UnreadableError:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        ValueError,
        OSError,
    ):
        raise UnreadableError("The archive in this code is damaged.") from None
    if len(content) > LARGEST_TEXT:
        raise UnreadableError("The archive in this code is too large to be a certificate.")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise UnreadableError("The archive in this code is damaged.") from None


def _in_picture(data: bytes) -> bytes:
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
    for code in found:
        if code.bytes:
            return bytes(code.bytes)
    raise UnreadableError("There is no readable QR code in the picture.")
