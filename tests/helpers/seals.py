"""Visible digital seals of an invented state: its authority, its signers, and what they sign.

Made with ``cryptography`` and sorted JSON; the reader uses asn1crypto and an RFC 8785 library.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier
from keyring import unsigned_certificate

from edge.credentials.trust import Trust, TrustedKey
from edge.credentials.trusted_certificates import keys_in_der

PURPOSE, DOCUMENTS = "2.23.136.1.1.14.2", "2.23.136.1.1.6.2"
HASHES = {"ES256": SHA256(), "ES384": SHA384(), "ES512": SHA512()}
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Authority:
    key: Key
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def trust(self) -> Trust:
        """Trust in it, as a list with its certificate gives it."""
        return Trust.of(key for key in keys_in_der(self.der, "it") if isinstance(key, TrustedKey))


def named(country: str, name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, country),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def authority(
    start: datetime, key: Key | None = None, country: str = "UT", days: int = 4000
) -> Authority:
    key = key or ec.generate_private_key(ec.SECP384R1())
    name = named(country, "CSCA")
    made = (
        unsigned_certificate(name, name, key.public_key(), start, days)
        .add_extension(x509.BasicConstraints(True, 0), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
    )
    return Authority(key, made.sign(key, SHA384()))


def document_types(*types: str) -> x509.UnrecognizedExtension:
    inner = b"".join(bytes((0x13, len(one))) + one.encode() for one in types)
    listed = bytes((0x31, len(inner))) + inner
    body = b"\x02\x01\x00" + listed
    return x509.UnrecognizedExtension(ObjectIdentifier(DOCUMENTS), bytes((0x30, len(body))) + body)


@dataclass(frozen=True)
class SealSigner:
    key: ec.EllipticCurvePrivateKey
    der: bytes


def seal_signer(
    by: Authority,
    start: datetime,
    *,
    types: tuple[str, ...] = ("NV",),
    purpose: str | None = PURPOSE,
    country: str = "UT",
    days: int = 3650,
    curve: ec.EllipticCurve | None = None,
    identifies: bool = True,
) -> SealSigner:
    key = ec.generate_private_key(curve or ec.SECP256R1())
    name = named(country, "S1")
    made = unsigned_certificate(name, by.certificate.subject, key.public_key(), start, days)
    if types:
        made = made.add_extension(document_types(*types), False)
    if purpose:
        made = made.add_extension(x509.ExtendedKeyUsage([ObjectIdentifier(purpose)]), True)
    if identifies:
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key())
        made = made.add_extension(own, False)
    return SealSigner(key, made.sign(by.key, SHA256()).public_bytes(Encoding.DER))


def vaccinated(**message: Any) -> dict[str, Any]:
    dose = {
        "dvc": "2026-11-20",
        "seq": 1,
        "ctr": "UTO",
        "adm": "Riverside",
        "lot": "4121Z025",
        "dvn": "2026-12-20",
    }
    event = {"des": "XM68M6", "nam": "Vaxzevria", "dis": "RA01.0", "vd": [dose]}
    person = {"n": "TESFAYE  ALMAZ MARIA", "dob": "1996-02-29", "sex": "F", "i": "L898902C3"}
    return {
        "hdr": {"t": "icao.vacc", "v": 1, "is": "UTO"},
        "msg": {"uvci": "U32870000123", "pid": person, "ve": [event], **message},
    }


def tested() -> dict[str, Any]:
    person = {"n": "TESFAYE ALMAZ", "dob": "1996-02-29", "dt": "P", "dn": "L898902C3"}
    return {
        "hdr": {"t": "icao.test", "v": 1, "is": "UTO"},
        "msg": {
            "utci": "T32870000123",
            "pid": person,
            "sp": {"spn": "City Laboratory", "ctr": "UTO"},
            "dat": {"sc": "2026-11-24T09:00:00Z", "ri": "2026-11-24T18:00:00Z"},
            "tr": {"tc": "molecular(PCR)", "r": "negative", "m": "nasal"},
        },
    }


def canonical(data: Any) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sealed(
    data: dict[str, Any], by: SealSigner, algorithm: str = "ES256", *, padded: bool = False
) -> dict[str, Any]:
    size = (by.key.curve.key_size + 7) // 8
    r, s = decode_dss_signature(by.key.sign(canonical(data), ec.ECDSA(HASHES[algorithm])))
    raw = r.to_bytes(size) + s.to_bytes(size)
    written = {name: text64(value, padded) for name, value in (("cer", by.der), ("sigvl", raw))}
    return {"data": data, "sig": {"alg": algorithm, **written}}


def text64(value: bytes, padded: bool = False) -> str:
    text = base64.urlsafe_b64encode(value).decode()
    return text if padded else text.rstrip("=")
