"""The signatures of those who publish lists: pinned keys, and whether one of them fits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm

from edge.credentials.trust import PublicKey, spki
from edge.domain.errors import BadInput

HASHES: dict[str, HashAlgorithm] = {"sha256": SHA256(), "sha384": SHA384(), "sha512": SHA512()}
_CURVES = ("secp256r1", "secp384r1", "secp521r1")
_SMALLEST_RSA = 2048


@dataclass(frozen=True, slots=True)
class PinnedKey:
    """A publisher's key that the ministry has compared and pinned.

    ``not_after``: the end of its certificate's time, None for a bare key.
    """

    key: PublicKey
    not_after: datetime | None = None

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the key in DER (SubjectPublicKeyInfo), in hex."""
        return hashlib.sha256(spki(self.key)).hexdigest()


@dataclass(frozen=True, slots=True)
class PublishedList:
    """A list whose publisher's signature holds.

    ``content`` is the list, as the readers of lists take it; ``version`` what the publisher says
    of the edition: an instant (ISO 8601), or empty where the form has none. ``key`` is the
    fingerprint of the pinned key that fitted. ``left_out`` has a sentence for each entry that
    carried no signature of its own where it must.
    """

    content: bytes
    version: str
    key: str
    left_out: tuple[str, ...] = ()


def fits(
    key: object, signature: bytes, data: bytes, hash_: HashAlgorithm = HASHES["sha256"]
) -> bool:
    """Say whether a signature is a key's over the data.

    ECDSA as R and S or in DER, as publishers write both; RSA with PKCS #1 1.5 or PSS; Ed25519.
    """
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, data)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            if key.curve.name not in _CURVES:
                return False
            key.verify(_der(key, signature), data, ec.ECDSA(hash_))
        elif isinstance(key, RSAPublicKey) and key.key_size >= _SMALLEST_RSA:
            return _rsa(key, signature, data, hash_)
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True


def one_that_fits(
    pinned: Iterable[PinnedKey],
    signature: bytes,
    data: bytes,
    now: datetime,
    hash_: HashAlgorithm = HASHES["sha256"],
) -> PinnedKey:
    """Give the pinned key that signed the data; raises :class:`BadInput`."""
    for candidate in pinned:
        if fits(candidate.key, signature, data, hash_):
            return in_time(candidate, now)
    raise wrong_signature()


def in_time(pinned: PinnedKey, now: datetime) -> PinnedKey:
    """Give the key back, or refuse it when its certificate's time is over."""
    if pinned.not_after is not None and pinned.not_after < now:
        raise BadInput(
            "publisher.key-expired",
            "The certificate of the publisher's key ended on {day}.",
            hint="Ask the publisher for the next one, compare it, and write it into the table.",
            day=pinned.not_after.date(),
        )
    return pinned


def wrong_signature() -> BadInput:
    """Say that no pinned key has signed what is here."""
    return BadInput(
        "publisher.signature",
        "No key that is pinned for this publisher has signed the list as it is here.",
        hint="Fetch it again. If it stays so, ask the publisher, and take it from nobody else.",
    )


def _der(key: ec.EllipticCurvePublicKey, signature: bytes) -> bytes:
    size = (key.curve.key_size + 7) // 8
    if len(signature) == 2 * size:
        return encode_dss_signature(
            int.from_bytes(signature[:size]), int.from_bytes(signature[size:])
        )
    return signature


def _rsa(key: RSAPublicKey, signature: bytes, data: bytes, hash_: HashAlgorithm) -> bool:
    pss = padding.PSS(padding.MGF1(hash_), padding.PSS.AUTO)
    for scheme in (padding.PKCS1v15(), pss):
        try:
            key.verify(signature, data, scheme, hash_)
        except InvalidSignature:
            continue
        return True
    return False
