"""The keys that a site signs DIVOC's certificates with, vouched for by its document signer.

The nation's authority signs document signers on P-256 alone, and DIVOC's proofs are of Ed25519 or
RSA. So a site's request (PKCS#10) names those keys in an extension, each with a proof that the site
holds it, and the authority takes the extension over into the certificate:

``PaperKeys ::= SEQUENCE OF SEQUENCE { key OCTET STRING, proof OCTET STRING }``, where key is a
SubjectPublicKeyInfo and proof its signature (Ed25519, or RSASSA-PKCS1-v1_5 with SHA-256) over the
SubjectPublicKeyInfo of the document signer.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from asn1crypto import core
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

PAPER_KEYS = x509.ObjectIdentifier("2.25.181034518239847515817100157035736431190")
"""The extension, under the arc of UUIDs (ITU-T X.667), which needs no registry of names."""
MOST = 4
"""Keys that a certificate may vouch for."""
PaperKey = Ed25519PublicKey | RSAPublicKey
PrivatePaperKey = Ed25519PrivateKey | RSAPrivateKey


class _Key(core.Sequence):  # type: ignore[misc]
    _fields = [("key", core.OctetString), ("proof", core.OctetString)]  # noqa: RUF012


class _Keys(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _Key


def vouched_by_request(
    signer: CertificatePublicKeyTypes, keys: Sequence[PrivatePaperKey]
) -> x509.UnrecognizedExtension:
    """Give the extension of a request for the key ``signer``, which names these keys."""
    holder = _spki(signer)
    rows = [{"key": _spki(key.public_key()), "proof": _proof(key, holder)} for key in keys]
    return x509.UnrecognizedExtension(PAPER_KEYS, _Keys(rows).dump())


def paper_keys(
    named: x509.Certificate | x509.CertificateSigningRequest,
) -> tuple[PaperKey, ...]:
    """Give the keys that a request or a certificate names; raises :class:`ValueError`.

    Raised for what cannot be read, for too many, and for a key whose proof does not hold.
    """
    try:
        value = named.extensions.get_extension_for_oid(PAPER_KEYS).value
    except x509.ExtensionNotFound:
        return ()
    holder = _spki(named.public_key())
    try:
        rows = _Keys.load(value.public_bytes(), strict=True).native
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("paper keys that cannot be read") from None
    if len(rows) > MOST:
        raise ValueError("too many paper keys")
    return tuple(_proven(row["key"], row["proof"], holder) for row in rows)


def key_name(key: PaperKey) -> str:
    """Name a key by the first eight bytes of its hash: of 32 raw bytes, or of its SPKI (RSA)."""
    raw = key.public_bytes_raw() if isinstance(key, Ed25519PublicKey) else _spki(key)
    return base64.urlsafe_b64encode(hashlib.sha256(raw).digest()[:8]).rstrip(b"=").decode()


def _proof(key: PrivatePaperKey, holder: bytes) -> bytes:
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(holder)
    return key.sign(holder, PKCS1v15(), SHA256())


def _proven(spki: bytes, proof: bytes, holder: bytes) -> PaperKey:
    try:
        key = load_der_public_key(spki)
        if isinstance(key, Ed25519PublicKey):
            key.verify(proof, holder)
            return key
        if isinstance(key, RSAPublicKey) and key.key_size >= 2048:
            key.verify(proof, holder, PKCS1v15(), SHA256())
            return key
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        pass
    raise ValueError("a paper key that is none, or that is not the site's")


def _spki(key: CertificatePublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
