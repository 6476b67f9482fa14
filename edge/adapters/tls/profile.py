"""The authority's certificate in the forms in which tablets take it."""

from __future__ import annotations

import plistlib
from uuid import UUID, uuid5

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from edge.adapters.tls.certificates import host_of, name_of

_SPACE = UUID("6f1cbb6e-3f0e-4a4e-9a51-6d1f1c6a6e11")
"""Ours alone: the same authority has the same numbers, so that a profile replaces itself."""


def authority_der(authority: x509.Certificate) -> bytes:
    """Give it as Android, Windows and ChromeOS take it (DER)."""
    return authority.public_bytes(Encoding.DER)


def authority_pem(authority: x509.Certificate) -> bytes:
    """Give it as text (PEM)."""
    return authority.public_bytes(Encoding.PEM)


def authority_profile(authority: x509.Certificate) -> bytes:
    """Give it as a profile for iPadOS, with one root in it (Apple's ``CertificateRoot``)."""
    host, der = host_of(name_of(authority)), authority_der(authority)
    digest = authority.fingerprint(SHA256()).hex()
    root = {
        "PayloadType": "com.apple.security.root",
        "PayloadIdentifier": f"{host}.divoc-edge.authority",
        "PayloadUUID": str(uuid5(_SPACE, digest)).upper(),
        "PayloadVersion": 1,
        "PayloadDisplayName": host,
        "PayloadContent": der,
    }
    profile = {
        "PayloadType": "Configuration",
        "PayloadIdentifier": f"{host}.divoc-edge",
        "PayloadUUID": str(uuid5(_SPACE, f"profile {digest}")).upper(),
        "PayloadVersion": 1,
        "PayloadDisplayName": f"DIVOC Edge {host}",
        "PayloadContent": [root],
    }
    return plistlib.dumps(profile)
