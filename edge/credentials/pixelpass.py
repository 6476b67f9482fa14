"""PixelPass, JSON in a QR code as Inji and Sunbird RC put it: CBOR or text, deflated, in base45."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from edge.credentials import cbor, hcert
from edge.credentials.evidence import ScannedInput
from edge.credentials.verdict import UnreadableError

_ALPHABET = re.compile(r"[0-9A-Z $%*+\-./:]{40,}")
_TEXT = b"{"
_MAPS = range(0xA0, 0xC0)
"""First bytes of a map in CBOR (RFC 8949, section 3.1)."""


def unpacked(shown: ScannedInput) -> ScannedInput:
    """Give the JSON that is packed so; anything else as it is."""
    if not _ALPHABET.fullmatch(shown.text):
        return shown
    try:
        data = hcert.inflate(shown.text)
        if data.startswith(_TEXT):
            text = data.decode()
        elif data and data[0] in _MAPS:
            text = json.dumps(_plain(cbor.loads(data)))
        else:
            return shown
    except (UnreadableError, ValueError, TypeError, RecursionError):
        return shown
    return ScannedInput(text.encode(errors="surrogatepass"), text)


def _plain(value: Any) -> Any:
    """Give CBOR as JSON has it; raises :class:`TypeError` for what JSON has not."""
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            raise TypeError("not the name of a member")
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError("no value of JSON")
