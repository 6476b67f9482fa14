"""The few bytes of IPP that printing a page needs.

Source: RFC 8010, section 3 (encoding), and RFC 8011, section 4 (operations, status codes).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from printers.errors import PrinterError

PRINT_JOB, GET_JOB_ATTRIBUTES, GET_PRINTER_ATTRIBUTES = 0x0002, 0x0009, 0x000B
_OPERATION, _END = 0x01, 0x03
_INTEGER, _ENUM = 0x21, 0x23
_KEYWORD, _URI, _CHARSET, _LANGUAGE, _MIME, _NAME = 0x44, 0x45, 0x47, 0x48, 0x49, 0x42
_TAGS = {
    "attributes-charset": _CHARSET,
    "attributes-natural-language": _LANGUAGE,
    "printer-uri": _URI,
    "job-id": _INTEGER,
    "requesting-user-name": _NAME,
    "job-name": _NAME,
    "document-format": _MIME,
    "requested-attributes": _KEYWORD,
}

Value = str | int | bytes


@dataclass(frozen=True, slots=True)
class Response:
    """What a printer answered: its status code (below 0x0100: done) and its attributes, flat."""

    status: int
    attributes: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        """Whether it was done."""
        return self.status < 0x0100

    def texts(self, name: str) -> tuple[str, ...]:
        """Give an attribute's values as text."""
        return tuple(str(value) for value in self.attributes.get(name, ()))

    def number(self, name: str) -> int | None:
        """Give an attribute's first value as a number."""
        value = next(iter(self.attributes.get(name, ())), None)
        return value if isinstance(value, int) else None


def request(
    operation: int, number: int, attributes: Mapping[str, str | int | tuple[str, ...]]
) -> bytes:
    """Write an IPP/1.1 request with its operation attributes; a document goes right behind it."""
    whole = {"attributes-charset": "utf-8", "attributes-natural-language": "en", **attributes}
    body = b"".join(_attribute(name, value) for name, value in whole.items())
    head = struct.pack(">BBHIB", 1, 1, operation, number, _OPERATION)
    return head + body + bytes([_END])


def response(data: bytes) -> Response:
    """Read an answer; raises :class:`PrinterError` where it is none."""
    try:
        return _read(data)
    except (struct.error, IndexError, UnicodeDecodeError):
        raise PrinterError(
            "ipp.not-ipp", "What answers at this address does not speak IPP.", temporary=True
        ) from None


def _attribute(name: str, value: str | int | tuple[str, ...]) -> bytes:
    written, key = b"", name.encode()
    for other in value if isinstance(value, tuple) else (value,):
        data = struct.pack(">i", other) if isinstance(other, int) else other.encode()
        written += struct.pack(">BH", _TAGS[name], len(key)) + key
        written += struct.pack(">H", len(data)) + data
        key = b""  # further values of the same attribute have no name
    return written


def _read(data: bytes) -> Response:
    status = struct.unpack_from(">H", data, 2)[0]
    found: dict[str, tuple[Value, ...]] = {}
    place, name = 8, ""
    while data[place] != _END:
        tag = data[place]
        place += 1
        if tag < 0x10:  # a group begins
            continue
        key, place = _counted(data, place)
        value, place = _counted(data, place)
        name = key.decode() if key else name
        found[name] = (*found.get(name, ()), _value(tag, value))
    return Response(status, found)


def _counted(data: bytes, place: int) -> tuple[bytes, int]:
    size = struct.unpack_from(">H", data, place)[0]
    end = place + 2 + size
    if end > len(data):
        raise IndexError
    return data[place + 2 : end], end


def _value(tag: int, value: bytes) -> Value:
    if tag in (_INTEGER, _ENUM):
        return int(struct.unpack(">i", value)[0])
    if tag == 0x22:
        return int(value != b"\x00")
    return value.decode() if 0x40 <= tag < 0x50 else value
