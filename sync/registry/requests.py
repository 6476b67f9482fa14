"""Requests for signing certificates, as sites send them with their enrolment."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sync.protocol.errors import ProtocolError, SyncError

_LONGEST = 8192
UNREADABLE = (ValueError, KeyError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion)
"""What the library raises of a request or a certificate that is none, or of an unknown kind."""


def read_request(document: Mapping[str, Any]) -> str:
    """Give the ``csr`` of an enrolment that is proven (PKCS#10, PEM), or nothing if it has none."""
    pem = document.get("csr", "")
    if pem == "":
        return ""
    try:
        if not isinstance(pem, str) or len(pem) > _LONGEST:
            raise ValueError
        if not x509.load_pem_x509_csr(pem.encode()).is_signature_valid:
            raise ValueError
        facts_of(pem.encode())
    except (*UNREADABLE, SyncError):
        raise ProtocolError(
            "enrol.csr", "The request for a signing certificate is wrong, or not the site's."
        ) from None
    return pem


def facts_of(request: bytes) -> tuple[str, str]:
    """Give the subject of a request (PKCS#10, PEM or DER; RFC 4514) and its key's SHA-256.

    The first 32 digits, in groups of four, as they are compared over the telephone. Raises
    :class:`SyncError` ``request.unreadable``.
    """
    try:
        asked = (
            x509.load_pem_x509_csr(request)
            if b"BEGIN" in request
            else x509.load_der_x509_csr(request)
        )
        subject, digest = asked.subject.rfc4514_string(), _key_digest(asked.public_key())[:32]
    except UNREADABLE:
        raise SyncError("request.unreadable", "This is no request that can be read.") from None
    subject = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for character in subject
    )
    return subject, " ".join(digest[place : place + 4] for place in range(0, 32, 4))


def keys_of(pem: str) -> set[str]:
    """Give the SHA-256 of the key in a request or a certificate (PEM); nothing if it is neither."""
    data = pem.encode()
    try:
        if "BEGIN CERTIFICATE REQUEST" in pem:
            return {_key_digest(x509.load_pem_x509_csr(data).public_key())}
        return {_key_digest(x509.load_pem_x509_certificate(data).public_key())}
    except UNREADABLE:
        return set()


def _key_digest(key: Any) -> str:
    der: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()
