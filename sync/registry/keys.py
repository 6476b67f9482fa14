"""The registry's own secrets, in files that only its user can read."""

from __future__ import annotations

import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from sync.own_files import write_once
from sync.protocol.bundles.sealed import new_identity
from sync.protocol.errors import SyncError


def registry_key(folder: Path) -> Ed25519PrivateKey:
    """Give the key that signs receipts; made on the first start.

    Raises :class:`SyncError` ``registry.none`` where there is no folder for it.
    """
    if not folder.is_dir():
        raise SyncError("registry.none", "There is no registry in {folder}.", folder=folder)
    path = folder / "registry.pem"
    if not path.exists():
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_once(path, pem.decode())  # two programs that start at once: the first key counts
    loaded = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(loaded, Ed25519PrivateKey):
        raise TypeError("registry.pem is not an Ed25519 key")
    return loaded


def age_identities(folder: Path) -> list[str]:
    """Give the age identities that open bundles, made on the first start; the first is published.

    The file is as ``age-keygen`` writes it: an identity a line, and comments. Older ones stay
    below a new one for as long as sticks sealed to them may come.
    """
    path = folder / "registry.age"
    if not path.exists():
        write_once(path, f"{new_identity()}\n")
    lines = [line.strip() for line in path.read_text().splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def operator_token(folder: Path) -> str:
    """Give the token that opens the pages; made on the first start."""
    path = folder / "operator.token"
    if not path.exists():
        write_once(path, secrets.token_urlsafe(18))
    return path.read_text().strip()
