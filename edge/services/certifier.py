"""The site's own signature on certificates."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edge.credentials import divoc
from edge.credentials.rdf import Canonicaliser
from edge.credentials.signing import Ed25519Signer
from edge.credentials.trust import Trust
from edge.domain.certificate import Claims


class SiteCertifier:
    """Signs under ``<issuer's DID>:<facility>#<key>``; the issuer is the campaign's."""

    def __init__(
        self,
        key: Ed25519PrivateKey,
        canonicaliser: Canonicaliser,
        facility: str,
        issuer_did: Callable[[], str],
    ) -> None:
        self._key = key
        self._canonicaliser = canonicaliser
        self._facility = facility
        self._issuer_did = issuer_did

    def certify(self, claims: Claims) -> tuple[str, str]:
        """Give the name of the format, and the credential as text."""
        signer = Ed25519Signer(self._key, self.verification_method())
        return divoc.FORMAT, divoc.issue(claims, signer, self._canonicaliser)

    def verification_method(self) -> str:
        """Name the site's key."""
        return f"{self._issuer_did()}:{self._facility}#{key_name(self._key.public_key())}"

    def trust(self) -> Trust:
        """Trust what this site has signed itself."""
        return Trust({self.verification_method(): self._key.public_key()})


def key_name(key: Ed25519PublicKey) -> str:
    """Name a key by the first eight bytes of its hash."""
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.urlsafe_b64encode(hashlib.sha256(raw).digest()[:8]).rstrip(b"=").decode()
