"""Throw-away keys of an invented country: a root, a site's document signer, and DIVOC's kinds."""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from edge.credentials.document_signer import DocumentSigner, document_signer
from edge.credentials.issuing import Signers
from edge.credentials.signing import Ed25519Signer, RsaSigner
from edge.credentials.trust import Trust, TrustedKey, spki

METHOD = "did:demo:moh:DEMO01"
VACCINATION = "1.3.6.1.4.1.1847.2021.1.2"


def unsigned_certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: CertificatePublicKeyTypes,
    start: datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
    )


def certificate(
    key: ec.EllipticCurvePrivateKey,
    start: datetime,
    *,
    days: int = 731,
    use_days: int = 184,
    usages: tuple[str, ...] = (VACCINATION,),
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "XD")])
    used = x509.PrivateKeyUsagePeriod(start, start + timedelta(days=use_days))
    builder = unsigned_certificate(name, name, key.public_key(), start, days)
    builder = builder.add_extension(used, False)
    if usages:
        oids = [x509.ObjectIdentifier(one) for one in usages]
        builder = builder.add_extension(x509.ExtendedKeyUsage(oids), False)
    return builder.sign(key, SHA256())


def signer(start: datetime, **more: object) -> DocumentSigner:
    key = ec.generate_private_key(ec.SECP256R1())
    return document_signer(key, certificate(key, start, **more))  # type: ignore[arg-type]


def keyring(start: datetime) -> tuple[Signers, Trust]:
    """Every kind of key, and the trust in all of them."""
    ed25519, rsa_key = Ed25519PrivateKey.generate(), rsa.generate_private_key(65537, 2048)
    signers = Signers(
        ed25519=Ed25519Signer(ed25519, f"{METHOD}#ed"),
        rsa=RsaSigner(rsa_key, f"{METHOD}#rsa"),
        document=signer(start),
    )
    assert signers.document
    divoc = Trust.of(
        [
            TrustedKey(spki(ed25519.public_key()), (f"{METHOD}#ed",)),
            TrustedKey(spki(rsa_key.public_key()), (f"{METHOD}#rsa",)),
        ]
    )
    return signers, signers.document.trust().joined(divoc)
