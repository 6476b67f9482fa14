"""A voucher for a dose: a CWT (RFC 8392) in the container of health certificates, on paper a QR.

Who holds it is nobody's business: it says who made it, its number, for which doses and until when.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.credentials import cbor, cose, hcert
from edge.credentials.code_text import is_prefixed
from edge.credentials.verdict import UnreadableError
from edge.domain.errors import BadInput
from sync.protocol.keys import public_key

CLAIM = -70002
"""Below -65536 claim keys are for private use (RFC 8392, 9.1); -70001 is a document."""
LONGEST = 1000
"""Characters of a voucher's code; one of ours has about 200."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """What a voucher pays for: doses of ``programmes`` and ``vaccines`` (empty: all), until when.

    ``issuer`` and ``number`` together name it, and it is spent once.
    """

    issuer: str
    number: str
    until: datetime
    programmes: tuple[str, ...] = ()
    vaccines: tuple[str, ...] = ()


class VoucherSigner:
    """Signs vouchers with an Ed25519 key in memory."""

    algorithm = cose.EDDSA

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @property
    def kid(self) -> bytes:
        """The first eight bytes of the public key's SHA-256."""
        return sha256(self._key.public_key().public_bytes_raw()).digest()[:8]

    def sign(self, data: bytes) -> bytes:
        """Sign with Ed25519 (RFC 8032)."""
        return self._key.sign(data)


def issue(voucher: Voucher, signer: cose.CoseSigner) -> str:
    """Sign a voucher and give the text of its QR code."""
    payload = {
        hcert.ISSUER: voucher.issuer,
        hcert.EXPIRES: int(voucher.until.timestamp()),
        CLAIM: [voucher.number, list(voucher.programmes), list(voucher.vaccines)],
    }
    return hcert.encode(cose.sign(cbor.dumps(payload), signer))


def read(text: str, keys: Mapping[str, str]) -> Voucher:
    """Read a scanned voucher and check who signed it, by the public keys of each issuer.

    Raises :class:`BadInput` naming what is wrong; whether it is over is the reader's to say.
    """
    if len(text) > LONGEST or not is_prefixed(text):
        raise _unreadable()
    try:
        parsed = hcert.shown_certificate(text)
    except UnreadableError:
        raise _unreadable() from None
    voucher = _contents(parsed.claims)
    if voucher is None:
        raise _unreadable()
    key = keys.get(voucher.issuer)
    if key is None:
        raise BadInput(
            "voucher.issuer",
            "Nobody here knows who made this voucher: {issuer}.",
            hint="Take another way to pay, and tell the programme office.",
            field="payment",
            issuer=voucher.issuer,
        )
    if not cose.fits(parsed.message, public_key(key)):
        raise BadInput(
            "voucher.signature",
            "This voucher's signature does not fit the key that the campaign has for {issuer}.",
            hint="It is older than the key, or a forgery. Take another way to pay; keep the paper.",
            field="payment",
            issuer=voucher.issuer,
        )
    return voucher


def _contents(claims: Mapping[Any, Any]) -> Voucher | None:
    issuer, until, parts = (claims.get(name) for name in (hcert.ISSUER, hcert.EXPIRES, CLAIM))
    if not isinstance(parts, list | tuple) or len(parts) != 3:
        return None
    number, programmes, vaccines = parts
    plain = all(_is_code(text) for text in (issuer, number))
    if not plain or type(until) is not int or not (_codes(programmes) and _codes(vaccines)):
        return None
    try:
        end = datetime.fromtimestamp(until, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return Voucher(
        issuer=str(issuer),
        number=str(number),
        until=end,
        programmes=tuple(programmes),
        vaccines=tuple(vaccines),
    )


def _codes(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(map(_is_code, value))


def _is_code(value: object) -> bool:
    return (
        isinstance(value, str) and value.isascii() and value.isprintable() and 0 < len(value) <= 40
    )


def _unreadable() -> BadInput:
    return BadInput(
        "voucher.unreadable",
        "This is no voucher that can be read here.",
        hint="Scan the code on the voucher again, or take another way to pay.",
        field="payment",
    )
