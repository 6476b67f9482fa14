"""A folder with a signing key of the ministry's, on a machine without a network.

The key is encrypted under a passphrase. Beside the one that signs lists lie the table of
publishers, and what was signed of each list last, so that an older edition is known for one.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from edge.domain.errors import BadInput, Conflict, NotFound
from sync.bounded_files import MB, read_bounded_text
from sync.own_files import write_whole
from sync.protocol import keys

TABLE = "publishers.yaml"
_SIGNED = "signed.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The edition of a list that was signed last: our count, the publisher's date, the SHA-256."""

    sequence: int
    version: str
    digest: str


class MinistryFolder:
    """Keeps a key (``name``) and the memory of what it signed; ``command`` makes the key."""

    def __init__(
        self,
        folder: Path,
        name: str = "list-signing",
        command: str = "divoc-edge lists key",
    ) -> None:
        self._folder = folder
        self._name = name
        self._command = command
        self._key = folder / f"{name}.key.pem"

    @property
    def publishers(self) -> Path:
        """The table of publishers."""
        return self._folder / TABLE

    def create_key(self, passphrase: bytes) -> str:
        """Make the key; its public half in base64. Refuses a folder that has one."""
        path = self._key
        if path.exists():
            raise Conflict(
                "lists.key-exists", "There is a {name} key in this folder.", name=self._name
            )
        if not passphrase:
            raise BadInput("lists.passphrase", "The passphrase is empty.", hint="Type some words.")
        self._folder.mkdir(parents=True, exist_ok=True)
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase)
        )
        write_whole(path, pem.decode())
        public = keys.public_text(key.public_key())
        (self._folder / f"{self._name}.pub").write_text(public + "\n", encoding="ascii")
        return public

    def key(self, passphrase: bytes) -> Ed25519PrivateKey:
        """Open the key; raises :class:`BadInput` for a wrong passphrase."""
        path = self._key
        if not path.exists():
            raise NotFound(
                "lists.no-key",
                "There is no {name} key in {folder}.",
                hint="Make one: {command} --folder {folder}",
                name=self._name,
                command=self._command,
                folder=self._folder,
            )
        try:
            key = load_pem_private_key(read_bounded_text(path, MB).encode(), passphrase)
        except (ValueError, TypeError, OSError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise BadInput(
                "lists.passphrase",
                "The {name} key does not open: is the passphrase right?",
                name=self._name,
            )
        return key

    def signed_before(self, name: str) -> Edition | None:
        """Give what was signed of a list last."""
        found = self._memory().get(name)
        return Edition(**found) if found else None

    def remember(self, name: str, signed: Edition) -> None:
        """Remember what was signed of a list."""
        memory = {**self._memory(), name: asdict(signed)}
        write_whole(self._folder / _SIGNED, json.dumps(memory, indent=1) + "\n")

    def _memory(self) -> dict[str, dict[str, Any]]:
        path = self._folder / _SIGNED
        if not path.exists():
            return {}
        try:
            memory: dict[str, dict[str, Any]] = json.loads(read_bounded_text(path, 16 * MB))
        except (ValueError, OSError):
            raise BadInput(
                "lists.memory",
                "What was signed before cannot be read from {path}.",
                hint="Restore the file from the second stick; without it older editions of a list"
                " are taken.",
                path=path,
            ) from None
        return memory
