"""What a revoked certificate is called in revocation lists: one 16-byte key for each way.

Every kind of list (DCC hash lists, SMART Health Card ``rid``, DIVOC's rows, our own) comes down
to such keys, so that one table answers for all of them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sync.protocol.list_keys import KEY_BYTES, UNKNOWN_KID, dcc_key

ROW = ("previousCertificateId", "dose", "preEnrollmentCode")
"""The columns by which DIVOC finds a revoked certificate (registry, RevokedCertificate)."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """What to look for: ``scope`` says whose lists count, ``keys`` what may stand in them.

    ``dcc`` (key id, and hashes by kind, in base64) and ``divoc`` (the columns of a row) are the
    same for those who publish in these shapes; empty for other formats.
    """

    scope: str
    keys: tuple[bytes, ...]
    dcc: Mapping[str, str] = field(default_factory=dict)
    divoc: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the lists say: revoked or not, and how old the oldest list is that had to be asked.

    ``as_of`` None means that no list for this issuer is kept here. ``before``: only certificates
    issued before this moment are revoked. ``until``: after this moment they are revoked no more.
    """

    revoked: bool = False
    as_of: datetime | None = None
    before: datetime | None = None
    until: datetime | None = None


class Revocations(Protocol):
    """Answers whether something was revoked."""

    def standing(self, lookup: Lookup) -> Standing:
        """Look in every list that counts for the scope."""
        ...


class NoRevocations:
    """Knows no list."""

    def standing(self, lookup: Lookup) -> Standing:  # noqa: ARG002
        """Say that no list is kept here."""
        return Standing()


def dcc_hashes(country: str, uci: str, signature: bytes) -> dict[str, bytes]:
    """Give the hashes under which a DCC can stand in a batch; of ES256 only R is hashed."""
    found = {"SIGNATURE": _sha256(signature)}
    if uci:
        found["UCI"] = _sha256(uci.encode())
        found["COUNTRYCODEUCI"] = _sha256((country + uci).encode())
    return found


def dcc_keys(kid: bytes, country: str, uci: str, signature: bytes) -> tuple[bytes, ...]:
    """Give every key under which a DCC can stand in our table."""
    named = base64.b64encode(kid).decode()
    return tuple(
        dcc_key(name, kind, hash_)
        for name in (named, UNKNOWN_KID)
        for kind, hash_ in dcc_hashes(country, uci, signature).items()
    )


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:KEY_BYTES]
