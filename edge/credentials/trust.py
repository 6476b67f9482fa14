"""Whose signatures count: keys by the names they sign under."""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

PublicKey = Ed25519PublicKey | RSAPublicKey | EllipticCurvePublicKey
ANY_NAME = "*"
"""The name of a key that counts under every name: a bare public key somebody chose to trust."""
ANY_DID = "did:*"
"""The name of a key that counts for every DIVOC proof: their deployments name no keys."""
AUTHORITY = "ski:"
"""How the name of a key begins that certifies the signers of seals, with its key identifier."""
_LONGEST_KID = 32
"""Bytes: as long as a SHA-256."""
_HEX = re.compile(r"[0-9a-fA-F]+")
_HEX_LENGTHS = (16, 64)
"""Digits of the ids that are made from hashes: 8 bytes (EU) and 32 (RFC 7638)."""
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A key, and when and for what it counts.

    ``spki`` is the public key in DER (SubjectPublicKeyInfo), ``names`` what it signs under.
    ``not_before`` and ``not_after`` are instants in UTC, None without limit. ``usages`` are the
    groups (``t``, ``v``, ``r``) it may sign, empty for all. ``issuer`` is the only issuer (URL) it
    counts for, empty for all. ``country`` is ISO 3166, as its certificate or list says.
    """

    spki: bytes
    names: tuple[str, ...]
    country: str = ""
    not_before: datetime | None = None
    not_after: datetime | None = None
    usages: frozenset[str] = frozenset()
    issuer: str = ""

    @property
    def key(self) -> object:
        """The key itself."""
        return _loaded(self.spki)


@lru_cache(maxsize=1024)
def _loaded(spki: bytes) -> object:
    return load_der_public_key(spki)


def spki(key: PublicKey) -> bytes:
    """Give a public key in DER (SubjectPublicKeyInfo)."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


NO_CONTEXTS: Mapping[str, Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Trust:
    """All trusted keys, found by name, and ``contexts`` that lists brought, by their addresses."""

    named: Mapping[str, tuple[TrustedKey, ...]] = field(default_factory=dict)
    contexts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, keys: Iterable[TrustedKey], contexts: Mapping[str, Mapping[str, Any]] = NO_CONTEXTS
    ) -> Trust:
        """Trust these keys under their names."""
        named: dict[str, tuple[TrustedKey, ...]] = {}
        for key in keys:
            for name in dict.fromkeys(key.names):
                named[name] = (*named.get(name, ()), key)
        return cls(named, contexts)

    def keys(self, *names: str) -> tuple[TrustedKey, ...]:
        """Give the keys to try for any of these names, each once."""
        found = [key for name in (*names, ANY_NAME) for key in self.named.get(name, ())]
        return tuple(dict.fromkeys(found))

    def joined(self, other: Trust) -> Trust:
        """Trust what either trusts."""
        named = dict(self.named)
        for name, keys in other.named.items():
            named[name] = tuple(dict.fromkeys((*named.get(name, ()), *keys)))
        return Trust(named, {**self.contexts, **other.contexts})

    def all_keys(self) -> tuple[TrustedKey, ...]:
        """Give every key once."""
        return tuple(dict.fromkeys(key for keys in self.named.values() for key in keys))


def keys_that_fit(
    keys: Iterable[TrustedKey], fits: Callable[[TrustedKey], bool]
) -> tuple[TrustedKey, ...]:
    """Give each entry of the lists whose key made a signature; ``fits`` is asked once for a key.

    One key may be listed several times, with other dates or usages: which entry counts, depends
    on when and for what, so the verifier decides.
    """
    asked: dict[bytes, bool] = {}
    found = []
    for key in keys:
        if key.spki not in asked:
            # what made the signature is known then, and a signature is of one key only
            asked[key.spki] = not any(asked.values()) and fits(key)
        if asked[key.spki]:
            found.append(key)
    return tuple(found)


def kid_name(kid: bytes) -> str:
    """Give the name under which a COSE key id is looked up."""
    return f"kid:{kid.hex()}"


def authority_name(key_id: bytes) -> str:
    """Give the name under which an authority is looked up that certifies signers of seals."""
    return f"{AUTHORITY}{key_id.hex()}"


def kid_names(kid: bytes) -> tuple[str, ...]:
    """Give every name under which the key of a COSE key id may be listed.

    The id is bytes; where they are the letters of a name, or of bytes in base64 or hex, as some
    issuers write it, these count too. Which key it was is said by the signature.
    """
    names = [kid_name(kid)]
    try:
        text = kid.decode("ascii").strip()
    except UnicodeDecodeError:
        return tuple(names)
    if text.isprintable() and not text.endswith("*"):  # those are no names of keys
        names += [text, *map(kid_name, kid_bytes(text))]
    return tuple(dict.fromkeys(names))


def kid_bytes(text: str) -> tuple[bytes, ...]:
    """Give the bytes that a key id in letters may stand for: base64 of either alphabet, or hex."""
    found = []
    with contextlib.suppress(ValueError):
        found.append(unpadded_base64(text))
    if len(text) in _HEX_LENGTHS and _HEX.fullmatch(text):
        found.append(bytes.fromhex(text))
    return tuple(raw for raw in found if 0 < len(raw) <= _LONGEST_KID)


def unpadded_base64(text: str) -> bytes:
    """Read base64 in either alphabet, padded or not; raises :class:`ValueError`."""
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


def base58(data: bytes) -> str:
    """Write bytes in base58 (Bitcoin's alphabet), as DIVOC's configuration holds Ed25519 keys."""
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def base58_bytes(text: str) -> bytes:
    """Read base58 (Bitcoin's alphabet); raises :class:`ValueError`."""
    number = 0
    for character in text:
        number = number * 58 + _BASE58.index(character)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def base58_key(text: str) -> Ed25519PublicKey:
    """Read an Ed25519 key in base58; raises :class:`ValueError`."""
    if len(text) > 64:
        raise ValueError("not 32 bytes long")
    raw = base58_bytes(text)
    if len(raw) != 32:
        raise ValueError("not 32 bytes long")
    return Ed25519PublicKey.from_public_bytes(raw)
