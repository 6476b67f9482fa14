"""The node's secrets in files that only its user can read.

``journal.key`` opens the database. Signing keys are PKCS#8, encrypted under it, so that a copied
key folder without the journal's key signs nothing.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from edge.domain.errors import Unavailable
from edge.ports import Entropy

_JOURNAL_KEY_BYTES = 32


class FileKeys:
    """Keeps keys in a folder (mode 0700, each file 0600)."""

    def __init__(self, folder: Path, entropy: Entropy) -> None:
        self._folder = folder
        self._entropy = entropy

    def create(self) -> None:
        """Make every key that is not there yet."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._path("journal.key").exists():
            _write(self._path("journal.key"), self._entropy.bytes(_JOURNAL_KEY_BYTES).hex())
        for name in ("node", "certificates"):
            path = self._path(f"{name}.pem")
            if not path.exists():
                key = Ed25519PrivateKey.from_private_bytes(self._entropy.bytes(32))
                pem = key.private_bytes(
                    Encoding.PEM,
                    PrivateFormat.PKCS8,
                    BestAvailableEncryption(self.journal_key()),
                )
                _write(path, pem.decode())

    def journal_key(self) -> bytes:
        """Give the 32 bytes that open the database."""
        try:
            return bytes.fromhex(self._path("journal.key").read_text().strip())
        except (OSError, ValueError) as error:
            raise Unavailable(
                "keys.missing",
                "The key of the journal is missing or unreadable: {path}.",
                hint="Run divoc-edge init for a new site, or put the key file back.",
                path=self._path("journal.key"),
            ) from error

    def signing_key(self, name: str) -> Ed25519PrivateKey:
        """Give a signing key: ``node`` (entries) or ``certificates``."""
        path = self._path(f"{name}.pem")
        try:
            key = load_pem_private_key(path.read_bytes(), self.journal_key())
        except (OSError, ValueError) as error:
            raise Unavailable(
                "keys.missing",
                "The signing key is missing or unreadable: {path}.",
                hint="Put the key file back from the site's backup.",
                path=path,
            ) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise Unavailable(
                "keys.kind", "The signing key {path} is not an Ed25519 key.", path=path
            )
        return key

    def _path(self, name: str) -> Path:
        return self._folder / name


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all, and only then under its name."""
    temporary = path.with_suffix(".new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
