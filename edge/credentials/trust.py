"""Whose signatures count: keys by the name they sign under."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from edge.credentials.signing import PublicKey
from edge.domain.errors import BadInput

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Trust:
    """``named`` keys count for their verification method; ``any_name`` keys for every one.

    DIVOC's deployments have one key and no naming of keys, so a bare PEM file counts for all.
    """

    named: Mapping[str, PublicKey] = field(default_factory=dict)
    any_name: tuple[PublicKey, ...] = ()

    def keys(self, verification_method: str) -> tuple[PublicKey, ...]:
        """Give the keys to try for a proof."""
        key = self.named.get(verification_method)
        return ((key,) if key is not None else ()) + self.any_name

    def joined(self, other: Trust) -> Trust:
        """Trust what either trusts."""
        return Trust({**self.named, **other.named}, self.any_name + other.any_name)


def read_trust(path: Path) -> Trust:
    """Read keys from a file: PEM, or JSON of verification method to key (PEM or base58 Ed25519)."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise _wrong(path, "cannot be read as text") from None
    if text.lstrip().startswith("{"):
        try:
            document = json.loads(text)
        except ValueError:
            raise _wrong(path, "is not valid JSON") from None
        return Trust({str(name): _key(path, name, value) for name, value in document.items()})
    return Trust(any_name=(_pem(path, text),))


def _key(path: Path, name: str, value: object) -> PublicKey:
    if not isinstance(value, str):
        raise _wrong(path, f"has no key as text under {name}")
    if "BEGIN" in value:
        return _pem(path, value)
    return Ed25519PublicKey.from_public_bytes(_base58(path, name, value))


def _pem(path: Path, text: str) -> PublicKey:
    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, TypeError):
        raise _wrong(path, "holds no public key in PEM form") from None
    if not isinstance(key, Ed25519PublicKey | RSAPublicKey):
        raise _wrong(path, "holds a key that is neither Ed25519 nor RSA")
    return key


def _base58(path: Path, name: str, text: str) -> bytes:
    number = 0
    for character in text:
        digit = _BASE58.find(character)
        if digit < 0:
            raise _wrong(path, f"has a key under {name} that is not base58")
        number = number * 58 + digit
    if number.bit_length() > 256:
        raise _wrong(path, f"has a key under {name} that is not 32 bytes long")
    return number.to_bytes(32, "big")


def base58(data: bytes) -> str:
    """Write bytes in base58 (Bitcoin's alphabet), as DIVOC's configuration holds Ed25519 keys."""
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def _wrong(path: Path, what: str) -> BadInput:
    return BadInput(
        "trust.file",
        "The trust file {file} {what}.",
        hint="Give a PEM public key, or JSON of verification method to key.",
        file=path.name,
        what=what,
    )
