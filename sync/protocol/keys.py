"""Ed25519 keys of nodes and of the registry: their written forms, and what they sign."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sync.protocol.entries import canonical
from sync.protocol.errors import ProtocolError


def node_id(key: Ed25519PublicKey) -> str:
    """Derive a node's id from its key, so that an id cannot be claimed without it."""
    digest = hashlib.sha256(raw(key)).digest()[:15]
    return base64.b32encode(digest).decode().lower()


def fingerprint(key: Ed25519PublicKey) -> str:
    """Write the SHA-256 of a key's 32 bytes as people compare it: hex in groups of four."""
    digest = hashlib.sha256(raw(key)).hexdigest()
    return " ".join(digest[place : place + 4] for place in range(0, len(digest), 4))


def public_text(key: Ed25519PublicKey) -> str:
    """Write a public key as base64 of its 32 bytes."""
    return base64.b64encode(raw(key)).decode()


def public_key(text: str) -> Ed25519PublicKey:
    """Read a public key; raises :class:`ProtocolError` ``key.form``."""
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except (ValueError, TypeError):
        raise ProtocolError("key.form", "The key is not an Ed25519 public key in base64.") from None


def sign(key: Ed25519PrivateKey, document: Mapping[str, Any]) -> str:
    """Sign a document's canonical bytes; the signature in base64."""
    return base64.b64encode(key.sign(canonical(dict(document)))).decode()


def fits(key: Ed25519PublicKey, document: Mapping[str, Any], signature: object) -> bool:
    """Say whether a signature is the key's over the document's canonical bytes."""
    if not isinstance(signature, str):
        return False
    try:
        key.verify(base64.b64decode(signature, validate=True), canonical(dict(document)))
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def raw(key: Ed25519PublicKey) -> bytes:
    """Give the 32 bytes of a public key (RFC 8032 section 5.1.5)."""
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
