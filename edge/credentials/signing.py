"""Linked-data signatures as DIVOC makes them: a detached JWS over two hashes.

RFC 7797 (``b64: false``), the suites Ed25519Signature2018 and RsaSignature2018; what DIVOC calls
the latter is PS256 with a salt of 32 bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from edge.credentials.rdf import Canonicaliser

SECURITY_CONTEXT = "https://w3id.org/security/v2"
_ALGORITHMS = {"Ed25519Signature2018": "EdDSA", "RsaSignature2018": "PS256"}


class Signer(Protocol):
    """Signs under a name that verifiers can look up."""

    @property
    def verification_method(self) -> str:
        """The key's name: an absolute IRI."""
        ...

    @property
    def suite(self) -> str:
        """``Ed25519Signature2018`` or ``RsaSignature2018``."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Sign with Ed25519 (RFC 8032), or PS256 with a salt of 32 bytes (RFC 7518, 3.5)."""
        ...


class RsaSigner:
    """Signs with an RSA key in memory, as DIVOC's deployments do by default."""

    suite = "RsaSignature2018"

    def __init__(self, key: RSAPrivateKey, verification_method: str) -> None:
        self._key = key
        self._method = verification_method

    @property
    def verification_method(self) -> str:
        """The key's name: an absolute IRI."""
        return self._method

    def sign(self, data: bytes) -> bytes:
        """Sign with PS256, salt 32."""
        return self._key.sign(data, padding.PSS(padding.MGF1(SHA256()), 32), SHA256())


class Ed25519Signer:
    """Signs with a key in memory."""

    suite = "Ed25519Signature2018"

    def __init__(self, key: Ed25519PrivateKey, verification_method: str) -> None:
        self._key = key
        self._method = verification_method

    @property
    def verification_method(self) -> str:
        """The key's name: an absolute IRI."""
        return self._method

    def sign(self, data: bytes) -> bytes:
        """Sign with Ed25519 (RFC 8032)."""
        return self._key.sign(data)


def add_proof(
    document: Mapping[str, Any], signer: Signer, created: str, canonicaliser: Canonicaliser
) -> dict[str, Any]:
    """Sign a credential; ``created`` is an instant to the second, ``…Z``."""
    proof = {
        "type": signer.suite,
        "created": created,
        "verificationMethod": signer.verification_method,
        "proofPurpose": "assertionMethod",
    }
    header = _encoded_header(_ALGORITHMS[signer.suite])
    data = _hashes(document, proof, canonicaliser)
    signature = signer.sign(header.encode() + b"." + data)
    return {**document, "proof": {**proof, "jws": f"{header}..{_encoded(signature)}"}}


def signature_fits(
    document: Mapping[str, Any],
    proof: Mapping[str, Any],
    key: object,
    canonicaliser: Canonicaliser,
) -> bool:
    """Check a proof over a document (given without its proof) against one key."""
    wanted = _ALGORITHMS[proof["type"]]
    header, _, signature = proof["jws"].partition("..")
    try:
        if json.loads(_decoded(header)) != _header(wanted):
            return False
        raw = _decoded(signature)
    except (ValueError, RecursionError):
        return False
    options = {name: value for name, value in proof.items() if name != "jws"}
    data = header.encode() + b"." + _hashes(document, options, canonicaliser)
    try:
        if wanted == "EdDSA" and isinstance(key, Ed25519PublicKey):
            key.verify(raw, data)
            return True
        if wanted == "PS256" and isinstance(key, RSAPublicKey):
            key.verify(raw, data, padding.PSS(padding.MGF1(SHA256()), 32), SHA256())
            return True
    except InvalidSignature:
        return False
    return False


def _hashes(
    document: Mapping[str, Any], proof: Mapping[str, Any], canonicaliser: Canonicaliser
) -> bytes:
    options = {"@context": SECURITY_CONTEXT, **proof}
    return (
        hashlib.sha256(canonicaliser.canonical(options)).digest()
        + hashlib.sha256(canonicaliser.canonical(document)).digest()
    )


@cache
def _encoded_header(algorithm: str) -> str:
    return _encoded(json.dumps(_header(algorithm), separators=(",", ":")).encode())


def _header(algorithm: str) -> dict[str, Any]:
    return {"alg": algorithm, "b64": False, "crit": ["b64"]}


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
