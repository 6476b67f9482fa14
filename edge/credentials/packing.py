"""From a credential to the bytes in a QR code, and from whatever was read back to its text.

DIVOC puts a ZIP archive with one file, ``certificate.json``, into the symbol. Its Go services put
the bytes in as they are, its Node services as a text of the same characters in UTF-8; both are
read here, and the shorter is written.
"""

from __future__ import annotations

import base64
import io
import zipfile
import zlib

from edge.credentials.evidence import ScannedInput
from edge.credentials.reading import LARGEST_TEXT
from edge.credentials.verdict import UnreadableError

NAME = "certificate.json"
_KNOWN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Of bzip2 and LZMA the library unpacks all there is, however little is asked for."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(credential: str) -> bytes:
    """Zip a credential for a QR code in byte mode; the same text gives the same bytes."""
    buffer = io.BytesIO()
    entry = zipfile.ZipInfo(NAME, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 0
    with zipfile.ZipFile(buffer, "w", compresslevel=9) as archive:
        archive.writestr(entry, credential.encode())
    return buffer.getvalue()


def as_text(packed: bytes) -> bytes:
    """Write an archive as DIVOC's Node services do: each byte as a character, in UTF-8."""
    return packed.decode("latin-1").encode()


def in_archive(shown: ScannedInput) -> str:
    """Read a certificate's JSON: from a ZIP in either encoding, behind ``B64:``, or as it is."""
    data, text = shown.data, shown.text.lstrip("\ufeff \t\r\n")
    if text.startswith("B64:"):
        try:
            return _unzipped(base64.b64decode(text[4:].strip(), validate=True))
        except ValueError:
            raise UnreadableError("The archive in this code is damaged.") from None
    if text.startswith("PK"):
        try:
            return _unzipped(text.encode("latin-1"))
        except UnicodeEncodeError:
            raise UnreadableError("The archive in this code is damaged.") from None
    return _unzipped(data) if data.startswith(b"PK") else text.rstrip()


def _unzipped(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > 4 or NAME not in archive.namelist():
                raise UnreadableError("The archive in this code holds no certificate.")
            if archive.getinfo(NAME).compress_type not in _KNOWN:
                raise UnreadableError("The archive in this code is damaged.")
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
