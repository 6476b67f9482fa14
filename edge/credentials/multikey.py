"""Keys and signatures in multibase, as W3C's Controlled Identifiers 1.0 write them."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge.credentials.trust import PublicKey, base58_bytes

_ED25519, _P256, _P384 = b"\xed\x01", b"\x80\x24", b"\x81\x24"
"""What stands before a key (multicodec, as a varint)."""
_LONGEST = 200


def from_multibase(text: str) -> bytes:
    """Read base58btc, the one base that these suites have; raises :class:`ValueError`."""
    if not text.startswith("z") or len(text) > _LONGEST:
        raise ValueError("not in base58btc")
    return base58_bytes(text[1:])


def read_multikey(text: str) -> PublicKey:
    """Read a public key (``publicKeyMultibase``); raises :class:`ValueError`."""
    data = from_multibase(text)
    kind, key = data[:2], data[2:]
    if kind == _ED25519:
        return Ed25519PublicKey.from_public_bytes(key)
    if kind == _P256:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    if kind == _P384:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP384R1(), key)
    raise ValueError("a key of a kind that is not known here")
