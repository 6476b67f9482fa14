"""What a revoked certificate is called in revocation lists: 16 bytes for each way of listing it.

Both ends make them: a site when it revokes and when it verifies, the registry when it proves that
what a site revokes are names of the site's own certificate.
"""

from __future__ import annotations

import hashlib

UNKNOWN_KID = "UNKNOWN_KID"
KEY_BYTES = 16


def dcc_key(kid: str, kind: str, hash_: bytes) -> bytes:
    """Give the key of one entry of a DCC batch: ``kid`` in base64 or ``UNKNOWN_KID``.

    ``kind`` is ``UCI``, ``COUNTRYCODEUCI`` or ``SIGNATURE``, ``hash_`` its first 16 bytes of
    SHA-256 (dgc-gateway, RevocationBatchDto).
    """
    return _digest("dcc", kid, kind, hash_[:KEY_BYTES].hex())


def shc_key(kid: str, rid: str) -> bytes:
    """Give the key of a SMART Health Card's ``rid``; ``kid`` is a hash, so it names the issuer."""
    return _digest("shc", kid, rid)


def divoc_key(certificate: str, dose: str, code: str) -> bytes:
    """Give the key of DIVOC's row (previousCertificateId, dose, preEnrollmentCode)."""
    return _digest("divoc", certificate, dose, code)


def number_key(issuer: str, certificate: str) -> bytes:
    """Give the key of a certificate of ours by its number; ``issuer`` is the issuer's DID."""
    return _digest("number", issuer, certificate)


def number_keys(method: str, certificate: str) -> list[bytes]:
    """Give a certificate's keys under each beginning of the name it was signed under.

    The issuer's DID is the beginning of a site's name.
    """
    parts = method.partition("#")[0].split(":")
    return [number_key(":".join(parts[:end]), certificate) for end in range(2, len(parts) + 1)]


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("\x1f".join(parts).encode()).digest()[:KEY_BYTES]
