"""What a signer's X.509 certificate says, also when it was made carelessly."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

_ARCS = ("1.3.6.1.4.1.1847.2021.1", "1.3.6.1.4.1.0.1847.2021.1")
"""The arc of EU DCC specification A.1.6, and the wrong one that real certificates have."""
TEST, VACCINATION, RECOVERY = "t", "v", "r"
_LAST_ARC = {"1": TEST, "2": VACCINATION, "3": RECOVERY}
USAGES = {f"{arc}.{last}": usage for arc in _ARCS for last, usage in _LAST_ARC.items()}
VACCINATION_OID = f"{_ARCS[0]}.2"


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """A signer's certificate, as far as it decides about signatures.

    ``kid`` is the first 8 bytes of the certificate's SHA-256. ``usages`` are the groups (``t``,
    ``v``, ``r``) it may sign; empty means all. ``authority`` says that it signs certificates.
    """

    kid: bytes
    key: object
    country: str
    not_before: datetime
    not_after: datetime
    usages: frozenset[str]
    authority: bool


def read_der(data: bytes) -> CertificateFacts:
    """Read a certificate; raises :class:`ValueError` where nothing can be made of it."""
    try:
        certificate = x509.load_der_x509_certificate(data)
    except x509.InvalidVersion as error:
        raise ValueError("a version that is not known here") from error
    countries = certificate.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)
    try:
        key: object = certificate.public_key()
    except Exception as error:  # an unknown algorithm or curve is raised under several names
        raise ValueError("a key that is not known here") from error
    return CertificateFacts(
        kid=certificate_kid(data),
        key=key,
        country=str(countries[0].value).upper() if countries else "",
        not_before=certificate.not_valid_before_utc.astimezone(UTC),
        not_after=certificate.not_valid_after_utc.astimezone(UTC),
        usages=_usages(certificate, data),
        authority=_is_authority(certificate),
    )


def certificate_kid(der: bytes) -> bytes:
    """Name a certificate: the first 8 bytes of its SHA-256 (EU DCC specification 3.3.2)."""
    return hashlib.sha256(der).digest()[:8]


def der_of(certificate: x509.Certificate) -> bytes:
    """Give a certificate's DER."""
    return certificate.public_bytes(Encoding.DER)


def _usages(certificate: x509.Certificate, der: bytes) -> frozenset[str]:
    try:
        extended = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        named = {oid.dotted_string for oid in extended}
    except x509.ExtensionNotFound:
        return frozenset()
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        named = {dotted for dotted in USAGES if _der_oid(dotted) in der}
    return frozenset(usage for dotted, usage in USAGES.items() if dotted in named)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except (
        x509.ExtensionNotFound,
        ValueError,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
    ):
        return False
    return constraints.value.ca


def _der_oid(dotted: str) -> bytes:
    """Encode an object identifier (X.690, 8.19), to be found where parsing fails."""
    numbers = [int(part) for part in dotted.split(".")]
    body = bytearray((40 * numbers[0] + numbers[1],))
    for number in numbers[2:]:
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(0x80 | number & 0x7F)
        body += bytes(reversed(digits))
    return bytes((6, len(body))) + bytes(body)
