"""The nation's keys as the world reads them: a DID document as GDHCN has it, and a JWKS."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from sync.protocol.errors import SyncError
from sync.protocol.paper_keys import key_name, paper_keys


def did_document(certificates: Sequence[x509.Certificate], did: str) -> dict[str, Any]:
    """Give the DID document: each document signer, and the keys that it vouches for, once."""
    methods = {
        method["id"]: method
        for certificate in certificates
        for method in (_method(certificate, did), *_paper_methods(certificate, did))
    }
    return {
        "@context": [
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/suites/jws-2020/v1",
        ],
        "id": f"{did}:trustlist",
        "controller": did,
        "verificationMethod": list(methods.values()),
    }


def jwks(certificates: Sequence[x509.Certificate]) -> dict[str, Any]:
    """Give the document signers as SMART Health Cards find them (RFC 7517)."""
    return {
        "keys": [
            {**_jwk(certificate), "use": "sig", "alg": "ES256", "kid": thumbprint(certificate)}
            for certificate in certificates
        ]
    }


def kid(certificate: x509.Certificate) -> bytes:
    """Name a certificate: the first 8 bytes of its SHA-256."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()[:8]


def thumbprint(certificate: x509.Certificate) -> str:
    """Name a certificate's key by RFC 7638."""
    text = json.dumps(_jwk(certificate), separators=(",", ":"), sort_keys=True)
    return _b64(hashlib.sha256(text.encode()).digest())


def facility_of(certificate: x509.Certificate) -> str:
    """Give the facility's code, which begins the name of a site's certificate."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value).partition(" ")[0] if len(names) == 1 else ""


def country_of(name: x509.Name) -> str:
    """Give the country of a name, empty if it has none."""
    found = name.get_attributes_for_oid(NameOID.COUNTRY_NAME)
    return str(found[0].value) if len(found) == 1 else ""


def _method(certificate: x509.Certificate, did: str) -> dict[str, Any]:
    name = base64.b64encode(kid(certificate)).decode()
    country = country_of(certificate.subject)
    controller = f"{did}:trustlist:DCC:{country}:DSC"
    der = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    return {
        "id": f"{controller}#{name}",
        "type": "JsonWebKey2020",
        "controller": controller,
        "publicKeyJwk": {**_jwk(certificate), "kid": name, "x5c": [der]},
    }


def _paper_methods(certificate: x509.Certificate, did: str) -> Iterator[dict[str, Any]]:
    """Give the keys of DIVOC's certificates, under the names that sites sign with."""
    controller = f"{did}:{facility_of(certificate)}"
    for key in paper_keys(certificate):
        name = f"{controller}#{key_name(key)}"
        if isinstance(key, Ed25519PublicKey):
            jwk = {"kty": "OKP", "crv": "Ed25519", "x": _b64(key.public_bytes_raw())}
        else:
            numbers = key.public_numbers()
            parts = {"n": numbers.n, "e": numbers.e}
            jwk = {"kty": "RSA", **{part: _b64(_bytes(value)) for part, value in parts.items()}}
        yield {"id": name, "type": "JsonWebKey2020", "controller": controller, "publicKeyJwk": jwk}


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8)


def _jwk(certificate: x509.Certificate) -> dict[str, str]:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise SyncError("authority.key", "A listed certificate has a key of another kind.")
    numbers = key.public_numbers()
    return {
        "crv": "P-256",
        "kty": "EC",
        "x": _b64(numbers.x.to_bytes(32)),
        "y": _b64(numbers.y.to_bytes(32)),
    }


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
