"""Short messages as a modem takes and gives them: TPDUs of 3GPP TS 23.040 behind the SMSC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edge.plugins.distribution.gsm.alphabet import from_septets, in_septets, packed, unpacked

_SUBMIT, _VALIDITY, _REPORT, _HEADER = 0x01, 0x10, 0x20, 0x40
_INTERNATIONAL, _ALPHANUMERIC = 0x91, 0x50
_GSM, _UCS2 = 0x00, 0x08
_THREE_DAYS = 0xA9
"""How long the network keeps trying (section 9.2.3.12.1: the value less 166 in days)."""
_ALONE, _JOINED = 160, 153
"""Septets of a message alone, and of a part behind its header of seven."""
_ALONE_UCS2, _JOINED_UCS2 = 140, 134
_FILL = 1
"""Bits between a header of six octets and the septets behind it."""


class PduError(ValueError):
    """These bytes are no short message."""


@dataclass(frozen=True, slots=True)
class SubmitPart:
    """One part of a message as the modem takes it: hex digits, and the octets behind the SMSC."""

    digits: str
    length: int


@dataclass(frozen=True, slots=True)
class IncomingText:
    """A message that somebody sent: their address and its text."""

    address: str
    text: str
    stamp: str
    """When the network took it, as it writes it: tells two of the same text apart."""


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """The network's report on a part: TP-MR, the address, TP-ST (section 9.2.3.15)."""

    reference: int
    address: str
    status: int


def submit_parts(number: str, text: str, reference: int) -> list[SubmitPart]:
    """Write a message to a number in E.164 as parts, each asking for a report.

    ``reference`` joins the parts at the telephone (0 to 255).
    """
    septets = in_septets(text)
    if septets is not None:
        pieces = list(_split(septets, _ALONE, _JOINED))
        bodies = [
            (len(piece), packed(piece))
            if len(pieces) == 1
            else (len(piece) + 7, packed(piece, _FILL))
            for piece in pieces
        ]
    else:
        signs = [tuple(sign.encode("utf-16-be")) for sign in text]
        octets = [bytes(piece) for piece in _split(signs, _ALONE_UCS2, _JOINED_UCS2)]
        extra = 6 if len(octets) > 1 else 0
        bodies = [(len(piece) + extra, piece) for piece in octets]
    coding = _GSM if septets is not None else _UCS2
    parts = []
    for place, (length, data) in enumerate(bodies, start=1):
        header = bytes((5, 0, 3, reference, len(bodies), place)) if len(bodies) > 1 else b""
        first = _SUBMIT | _VALIDITY | _REPORT | (_HEADER if header else 0)
        tpdu = bytes((first, 0)) + _address(number) + bytes((0, coding, _THREE_DAYS, length))
        tpdu += header + data
        parts.append(SubmitPart("00" + tpdu.hex().upper(), len(tpdu)))
    return parts


def read_pdu(digits: str) -> IncomingText | DeliveryStatus:
    """Read what a modem gives; raises :class:`PduError` for everything else."""
    try:
        data = bytes.fromhex(digits)
        tpdu = data[1 + data[0] :]
        kind = tpdu[0] & 0x03
        if kind == 0x02:
            reference, (address, rest) = tpdu[1], _read_address(tpdu[2:])
            return DeliveryStatus(reference, address, rest[14])
        if kind == 0x00:
            return _incoming(tpdu)
    except (ValueError, IndexError) as error:
        raise PduError(type(error).__name__) from None
    raise PduError("neither a message nor a report")


def _split(signs: list[tuple[int, ...]], alone: int, joined: int) -> Iterator[list[int]]:
    """Cut a text where a part is full, never within a sign."""
    whole = sum(map(len, signs))
    most, piece = (alone if whole <= alone else joined), list[int]()
    for sign in signs:
        if len(piece) + len(sign) > most:
            yield piece
            piece = []
        piece += sign
    yield piece


def _address(number: str) -> bytes:
    digits = number.removeprefix("+")
    padded = digits + "F" * (len(digits) % 2)
    swapped = "".join(padded[at + 1] + padded[at] for at in range(0, len(padded), 2))
    return bytes((len(digits), _INTERNATIONAL)) + bytes.fromhex(swapped)


def _read_address(data: bytes) -> tuple[str, bytes]:
    length, kind = data[0], data[1]
    octets = data[2 : 2 + (length + 1) // 2]
    rest = data[2 + len(octets) :]
    if kind & 0x70 == _ALPHANUMERIC:
        return from_septets(unpacked(octets, length * 4 // 7)), rest
    digits = "".join(f"{octet & 0x0F:x}{octet >> 4:x}" for octet in octets)[:length]
    return ("+" if kind & 0x70 == 0x10 else "") + digits, rest


def _incoming(tpdu: bytes) -> IncomingText:
    address, rest = _read_address(tpdu[1:])
    coding, stamp, length, data = rest[1], rest[2:9].hex(), rest[9], rest[10:]
    behind = data[0] + 1 if tpdu[0] & _HEADER else 0
    if coding & 0x0C == _UCS2:
        text = data[behind:length].decode("utf-16-be", errors="replace")
    elif coding & 0x0C == _GSM:
        skipped = (behind * 8 + 6) // 7
        septets = unpacked(data[behind:], length - skipped, skipped * 7 - behind * 8)
        text = from_septets(septets)
    else:
        text = ""
    return IncomingText(address, text, stamp)
