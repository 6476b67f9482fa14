"""Publishers of lists, played: each signs as the real one does, with keys of the tests."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs7
from cryptography.x509.oid import NameOID
from pyld import jsonld

from edge.adapters.ministry_folder import MinistryFolder
from edge.credentials.contexts import LIST_CONTEXTS, load_contexts
from edge.services.certificates.list_signing import ListSigner
from sync.protocol import keys
from sync.resources import resource

CONTEXTS = list(LIST_CONTEXTS)
LOAD = load_contexts(resource("edge/credentials/contexts"), LIST_CONTEXTS)
PASSPHRASE = b"of the tests' list-signing key"
DID = "did:web:lists.example:v2:trustlist"
_CREATED = "2026-11-20T10:00:00Z"


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def pem(key: ec.EllipticCurvePrivateKey) -> str:
    public = key.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def did_document(key: ec.EllipticCurvePublicKey, country: str = "XDM") -> dict[str, Any]:
    """Give a trust list with one signer in it, without a proof."""
    numbers = key.public_numbers()
    controller = f"{DID}:DCC:{country}:DSC"
    jwk = {
        "kty": "EC",
        "crv": "P-256",
        "kid": base64.b64encode(hashlib.sha256(country.encode()).digest()[:8]).decode(),
        "x": encoded(numbers.x.to_bytes(32)),
        "y": encoded(numbers.y.to_bytes(32)),
    }
    method = {
        "id": f"{controller}#{jwk['kid']}",
        "type": "JsonWebKey2020",
        "controller": controller,
        "publicKeyJwk": jwk,
    }
    return {
        "@context": CONTEXTS,
        "id": DID,
        "controller": DID,
        "verificationMethod": [method],
    }


def proven(
    document: Mapping[str, Any],
    key: ec.EllipticCurvePrivateKey,
    created: str = _CREATED,
    *,
    raw: bool = False,
) -> bytes:
    """Sign a DID document as WHO's key distribution service does; in DER, or as R and S."""
    proof: dict[str, Any] = {
        "type": "JsonWebSignature2020",
        "created": created,
        "nonce": "n0nce",
        "proofPurpose": "assertionMethod",
        "verificationMethod": f"{DID}:signing",
    }
    head = encoded(b'{"b64":false,"crit":["b64"],"alg":"ES256"}')
    digests = b"".join(
        hashlib.sha256(_canonical(part)).digest()
        for part in ({**proof, "@context": CONTEXTS}, document)
    )
    signature = key.sign(head.encode() + b"." + digests, ec.ECDSA(SHA256()))
    if raw:
        r, s = decode_dss_signature(signature)
        signature = r.to_bytes(32) + s.to_bytes(32)
    return json.dumps(
        {**document, "proof": {**proof, "jws": f"{head}..{encoded(signature)}"}}
    ).encode()


def _canonical(document: Mapping[str, Any]) -> bytes:
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": LOAD}
    return str(jsonld.normalize(dict(document), options)).encode()


@dataclass(frozen=True)
class Uploader:
    """One who signs messages of the gateway: a key and a certificate of its own."""

    country: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def certificate(self, until: datetime | None = None) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, self.country)])
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(7)
            .not_valid_before(min(now, until or now) - timedelta(days=30))
            .not_valid_after(until or now + timedelta(days=400))
            .sign(self.key, SHA256())
        )

    def message(self, content: bytes, *, detached: bool = False) -> bytes:
        """Sign a message, in base64 as the gateway hands it out."""
        builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
        builder = builder.add_signer(self.certificate(), self.key, SHA256())
        options = [pkcs7.PKCS7Options.Binary]
        if detached:
            options.append(pkcs7.PKCS7Options.DetachedSignature)
        return base64.b64encode(builder.sign(Encoding.DER, options))

    def entry(self, kind: str, certificate: x509.Certificate, country: str) -> dict[str, str]:
        """Give an entry of the gateway's list, which this one has signed."""
        der = certificate.public_bytes(Encoding.DER)
        return {
            "kid": base64.b64encode(hashlib.sha256(der).digest()[:8]).decode(),
            "timestamp": "2026-11-20T10:00:00+01:00",
            "country": country,
            "certificateType": kind,
            "signature": self.message(der, detached=True).decode(),
            "rawData": base64.b64encode(der).decode(),
        }


class Ministry:
    """The ministry's desk of lists in a folder, with a clock that is moved."""

    def __init__(self, folder: Path, now: datetime | None = None) -> None:
        self.now = now or datetime.now(UTC)
        self.folder = MinistryFolder(folder)
        self.public = self.folder.create_key(PASSPHRASE)
        self.desk = ListSigner(self.folder, self.folder.key(PASSPHRASE), lambda: self.now, LOAD)

    @property
    def keys(self) -> frozenset[str]:
        return frozenset({self.public})

    def vouched(self, name: str, content: bytes | str) -> bytes:
        """Sign a list on an officer's word."""
        data = content.encode() if isinstance(content, str) else content
        return self.desk.vouch(name, data, "Dr Osei", "Compared by telephone").file

    def sign_folder(self, folder: Path) -> None:
        """Sign every list of a campaign's folder in its place."""
        for path in sorted(folder.iterdir()):
            signed = self.vouched(path.name, path.read_bytes())
            path.unlink()
            (folder / f"{path.name}.list").write_bytes(signed)


def pin(site: Path, *public: str) -> None:
    """Write the ministry's keys into a site's settings."""
    path = site / "site.toml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("ministry_keys")]
    stated = f"ministry_keys = {json.dumps(list(public))}"
    at = next((n for n, line in enumerate(lines) if line.startswith("[[")), len(lines))
    path.write_text("\n".join([*lines[:at], stated, *lines[at:]]) + "\n")


def fingerprint(public: str) -> str:
    return keys.fingerprint(keys.public_key(public))
