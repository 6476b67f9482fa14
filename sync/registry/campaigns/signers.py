"""The ministry's keys that sign campaigns: in files under passphrases, or in PKCS#11 tokens.

securesystemslib's HSMSigner is not used: it needs PyKCS11, a second library for tokens beside the
one that sites sign with, and names a key by its id alone, where a token's makers show labels. Its
CryptoSigner takes any key of the cryptography package, and a token's is one.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from securesystemslib.signer import CryptoSigner, Key, SSlibKey

from sync.bounded_files import SMALL, read_bounded
from sync.own_files import write_once
from sync.protocol.errors import SyncError
from sync.registry.campaigns.roles import RoleKeys
from sync.tokens import Token

SHORTEST = 12
"""Characters of a passphrase."""


def make_key(path: Path, passphrase: bytes) -> Key:
    """Make a key in a new file, and its public half beside it, under the name with ``.pub``."""
    if len(passphrase.decode(errors="replace")) < SHORTEST:
        raise SyncError(
            "campaign.passphrase",
            "The passphrase is too short. Take {shortest} characters or more.",
            shortest=SHORTEST,
        )
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))
    if not write_once(path, pem.decode()):
        raise SyncError(
            "campaign.key-there", "{file} is there already. Choose another name.", file=path.name
        )
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    path.with_name(f"{path.name}.pub").write_bytes(public)
    return SSlibKey.from_crypto(key.public_key())


def read_signer(path: Path, passphrase: bytes) -> CryptoSigner:
    """Open a key; raises :class:`SyncError` for a wrong passphrase or another file."""
    try:
        return CryptoSigner(load_pem_private_key(read_bounded(path, SMALL), passphrase))
    except (ValueError, TypeError) as error:
        raise SyncError(
            "campaign.key",
            "{file} cannot be opened: it is no private key, or the passphrase is wrong.",
            file=path.name,
        ) from error


def make_token_key(path: Path, token: Token, label: str) -> Key:
    """Make a key on the curve P-256 in a token; its public half goes beside ``path``.

    Raises :class:`SyncError` where the token has a key of that label.
    """
    public = path.with_name(f"{path.name}.pub")
    if label in token.labels() or public.exists():
        raise SyncError(
            "campaign.key-there", "{file} is there already. Choose another name.", file=label
        )
    key = token.make(label).public_key()
    public.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return SSlibKey.from_crypto(key)


def token_signer(token: Token, label: str) -> CryptoSigner:
    """Open a key of a token by its label."""
    return CryptoSigner(token.key(label))


def read_role(files: Iterable[Path], threshold: int) -> RoleKeys:
    """Read whose keys a role has; raises :class:`SyncError`."""
    return RoleKeys([read_public(file) for file in files], threshold)


def read_public(path: Path) -> Key:
    """Read a public key in PEM, Ed25519 or on the curve P-256; raises :class:`SyncError`."""
    try:
        key = load_pem_public_key(read_bounded(path, SMALL))
        curve = key.curve if isinstance(key, EllipticCurvePublicKey) else None
        if not isinstance(key, Ed25519PublicKey) and not isinstance(curve, SECP256R1):
            raise SyncError(
                "campaign.key-kind",
                "{file} is a key of another kind. Take one that campaign key made, or one of a"
                " token on the curve P-256.",
                file=path.name,
            )
        return SSlibKey.from_crypto(key)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SyncError(
            "campaign.public-key",
            "{file} is no public key. Name the file that ends in .pub.",
            file=path.name,
        ) from error
