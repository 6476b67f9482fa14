"""The registry's own secrets, in files that only its user can read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)


def registry_key(folder: Path) -> Ed25519PrivateKey:
    """Give the key that signs receipts; made on the first start."""
    path = folder / "registry.pem"
    if not path.exists():
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_secret(path, pem)
    loaded = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(loaded, Ed25519PrivateKey):
        raise TypeError("registry.pem is not an Ed25519 key")
    return loaded


def operator_token(folder: Path) -> str:
    """Give the token that opens the pages; made on the first start."""
    path = folder / "operator.token"
    if not path.exists():
        write_secret(path, secrets.token_urlsafe(18).encode())
    return path.read_text().strip()


def write_secret(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, readable by its owner only."""
    temporary = path.with_suffix(".new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
