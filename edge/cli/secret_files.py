"""A secret in a file, such as a PIN: as an editor saved it, in UTF-8 or with a byte order mark."""

from __future__ import annotations

import codecs
from typing import BinaryIO

from edge.domain.errors import BadInput

_MOST = 4000
"""Bytes that are read of such a file."""


def secret_of(file: BinaryIO, field: str) -> str:
    """Read a secret without the blanks around it; raises :class:`BadInput`, without it."""
    data = file.read(_MOST)
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if wide else "utf-8-sig").strip()
    except UnicodeDecodeError:
        raise BadInput(
            "file.not-utf-8", "The file is not UTF-8 text. Save it again as UTF-8.", field=field
        ) from None
