"""A file that a command is given, read whole: no more of it than its kind may have."""

from __future__ import annotations

import errno
from pathlib import Path

MB = 1024 * 1024
SMALL = MB
"""Bytes of a certificate, a key, a request, a passphrase."""


def read_bounded(path: Path, most: int) -> bytes:
    """Read a file of so many bytes at the most; a device or a pipe says nothing of its size.

    Raises :class:`OSError`, with EFBIG and in words for one that is larger.
    """
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"The file is larger than {most // MB} MB", str(path))
    return content


def read_bounded_text(path: Path, most: int) -> str:
    """Read a text in UTF-8 in the same manner, without its mark; raises UnicodeDecodeError."""
    return read_bounded(path, most).decode("utf-8-sig")
