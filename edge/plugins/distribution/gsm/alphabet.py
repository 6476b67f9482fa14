"""The default alphabet of SMS and its extension, in septets (3GPP TS 23.038, section 6.2.1)."""

from __future__ import annotations

from collections.abc import Sequence

_ESCAPE = 0x1B
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]",
    0x40: "|", 0x65: "€",
}  # fmt: skip
_TO_SEPTETS = {sign: (place,) for place, sign in enumerate(_BASIC) if place != _ESCAPE} | {
    sign: (_ESCAPE, place) for place, sign in _EXTENSION.items()
}


def in_septets(text: str) -> list[tuple[int, ...]] | None:
    """Give the septets of each sign, one or two; None where the alphabet lacks a sign."""
    found = [_TO_SEPTETS.get(sign) for sign in text]
    return None if None in found else [value for value in found if value is not None]


def from_septets(septets: Sequence[int]) -> str:
    """Read septets; an unknown sign of the extension is read as the basic one beneath it."""
    found, escaped = "", False
    for septet in septets:
        if septet == _ESCAPE and not escaped:
            escaped = True
            continue
        found += _EXTENSION.get(septet, _BASIC[septet]) if escaped else _BASIC[septet]
        escaped = False
    return found


def packed(septets: Sequence[int], fill: int = 0) -> bytes:
    """Pack septets into octets from the lowest bit on, behind so many fill bits."""
    bits, whole = fill, 0
    for septet in septets:
        whole |= septet << bits
        bits += 7
    return whole.to_bytes((bits + 7) // 8, "little")


def unpacked(data: bytes, count: int, fill: int = 0) -> list[int]:
    """Unpack so many septets behind fill bits; fewer where the octets hold fewer."""
    whole, there = int.from_bytes(data, "little") >> fill, (8 * len(data) - fill) // 7
    return [whole >> 7 * place & 0x7F for place in range(min(count, there))]
