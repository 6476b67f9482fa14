"""COSE_Sign1 (RFC 9052) as health certificates use it: ES256, PS256, EdDSA."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from edge.credentials import cbor

ALG, CRIT, KID = 1, 2, 4
ES256, EDDSA, PS256 = -7, -8, -37
ALGORITHMS: Mapping[int, str] = {ES256: "ES256", EDDSA: "EdDSA", PS256: "PS256"}
_SIGN1, _CWT = 18, 61
_CURVES = ("secp256r1", "secp384r1")
"""ES256 is a hash, not a curve: one country signs with SHA-256 on P-384."""


class CoseSigner(Protocol):
    """Signs what belongs to one key."""

    @property
    def algorithm(self) -> int:
        """The COSE algorithm (IANA COSE Algorithms)."""
        ...

    @property
    def kid(self) -> bytes:
        """The name verifiers find the key by."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Sign; an ECDSA signature as R and S, each as long as the curve's order."""
        ...


@dataclass(frozen=True, slots=True)
class Sign1:
    """A signed message: what is protected, what is claimed, and the signature."""

    protected: bytes
    payload: bytes
    signature: bytes
    algorithm: Any
    kid: bytes | None

    @property
    def signed(self) -> bytes:
        """The bytes that the signature is over (section 4.4)."""
        return cbor2.dumps(["Signature1", self.protected, b"", self.payload])


def parse(data: bytes) -> Sign1:
    """Read a message with tag 18, with tags 61 and 18, or bare; raises :class:`ValueError`.

    Algorithm and key id are taken from the protected header, and from the other only where the
    protected one has none (EU DCC specification 3.3.1).
    """
    value = cbor.loads(data)
    for tag in (_CWT, _SIGN1):
        if isinstance(value, cbor2.CBORTag) and value.tag == tag:
            value = value.value
    if not isinstance(value, list | tuple) or len(value) != 4:
        raise ValueError("not a signed message")
    protected, unprotected, payload, signature = value
    if not all(isinstance(part, bytes) for part in (protected, payload, signature)):
        raise ValueError("not a signed message")
    header = cbor.loads(protected) if protected else {}
    if not isinstance(header, Mapping) or not isinstance(unprotected, Mapping):
        raise ValueError("not a signed message")
    if CRIT in header:
        raise ValueError("a header that must be understood is not")
    kid = header.get(KID, unprotected.get(KID))
    if isinstance(kid, str):
        kid = kid.encode()
    if kid is not None and not isinstance(kid, bytes):
        raise ValueError("the key's name is not bytes")
    return Sign1(protected, payload, signature, header.get(ALG, unprotected.get(ALG)), kid)


def sign(payload: bytes, signer: CoseSigner) -> bytes:
    """Sign a payload: tag 18, algorithm and key id in the protected header."""
    protected = cbor2.dumps({ALG: signer.algorithm, KID: signer.kid})
    message = cbor2.dumps(["Signature1", protected, b"", payload])
    return cbor2.dumps(cbor2.CBORTag(_SIGN1, [protected, {}, payload, signer.sign(message)]))


def fits(message: Sign1, key: object) -> bool:
    """Check the signature against one key; a key of another kind than the algorithm never fits."""
    try:
        if message.algorithm == ES256 and isinstance(key, ec.EllipticCurvePublicKey):
            return ecdsa_fits(key, message.signature, message.signed)
        if message.algorithm == PS256 and isinstance(key, RSAPublicKey):
            pss = padding.PSS(padding.MGF1(SHA256()), 32)
            key.verify(message.signature, message.signed, pss, SHA256())
            return True
        if message.algorithm == EDDSA and isinstance(key, Ed25519PublicKey):
            key.verify(message.signature, message.signed)
            return True
    except (InvalidSignature, ValueError):
        return False
    return False


def ecdsa_fits(key: ec.EllipticCurvePublicKey, signature: bytes, data: bytes) -> bool:
    """Check an ECDSA signature with SHA-256, given as R and S; DER does not count."""
    size = (key.curve.key_size + 7) // 8
    if key.curve.name not in _CURVES or len(signature) != 2 * size:
        return False
    half = (int.from_bytes(signature[:size]), int.from_bytes(signature[size:]))
    try:
        key.verify(encode_dss_signature(*half), data, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
