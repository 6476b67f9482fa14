"""Verifiers of PINs, sealed and bound to their node: in the journal, and in what leaves the site.

A PIN has few digits, so a verifier that somebody else reads is as good as the PIN. Entries go to
the registry whole, and hold it sealed with a key that is made of the node's own: useless elsewhere,
and there again after the journal was rebuilt or restored. Sealing the same gives the same (AES-SIV,
RFC 5297), so that a campaign that is in force already is known again.

A verifier that the site makes is bound to its node as well: it is of a keyed digest of the PIN, so
that who opens the seal has nothing to try digits on without the node's key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_SEALED = "sealed:"
_DIGEST_DIGITS = 24


class PinSeal:
    """Seals verifiers to one node, and opens them there."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        own = key.private_bytes_raw()
        derived = HKDF(SHA256(), 64, salt=None, info=b"divoc-edge pin verifiers")
        self._cipher = AESSIV(derived.derive(own))
        self._pepper = HKDF(SHA256(), 32, salt=None, info=b"divoc-edge pin pepper").derive(own)

    def seal(self, staff: str, verifier: str) -> str:
        """Seal the verifier of a staff code; what is sealed or empty is given as it is."""
        if not verifier or verifier.startswith(_SEALED):
            return verifier
        sealed = self._cipher.encrypt(verifier.encode(), [staff.encode()])
        return _SEALED + base64.b64encode(sealed).decode()

    def open(self, staff: str, kept: str) -> str:
        """Give the verifier of a staff code; an entry of before holds it bare.

        Empty for one that was sealed by another node, or for somebody else: no PIN fits it.
        """
        if not kept.startswith(_SEALED):
            return kept
        try:
            sealed = base64.b64decode(kept.removeprefix(_SEALED))
            return self._cipher.decrypt(sealed, [staff.encode()]).decode()
        except (InvalidTag, ValueError):
            return ""

    def is_of_another(self, staff: str, kept: str) -> bool:
        """Say whether a verifier was sealed by another node, so that nothing fits it here."""
        return kept.startswith(_SEALED) and not self.open(staff, kept)

    def bound(self, staff: str, pin: str) -> str:
        """Give a keyed digest of a PIN, of which a verifier is made that is of use here alone."""
        told = staff.encode("utf-8", "replace") + b"\0" + pin.encode("utf-8", "replace")
        return base64.b64encode(hmac.digest(self._pepper, told, "sha256")).decode()

    def alias(self, code: str) -> str:
        """Give what stands for a staff code that nobody has: people type PINs in its place."""
        told = code.encode("utf-8", "replace")
        return "?" + hmac.digest(self._pepper, told, "sha256").hex()[:_DIGEST_DIGITS]


def digest_of(kept: str) -> str:
    """Give a digest of a verifier as it is kept, by which to know it again."""
    return hashlib.sha256(kept.encode()).hexdigest()[:_DIGEST_DIGITS]


def without_pins(campaign: Mapping[str, Any]) -> dict[str, Any]:
    """Give a campaign as it may be told to every site: without the PINs of its staff."""
    return {**campaign, "staff": [_bare(staff) for staff in campaign["staff"]]}


def packed_campaign(campaign: Mapping[str, Any]) -> str:
    """Write a campaign, or a region's part, as the one file that a registry takes; no PINs."""
    return json.dumps(without_pins(campaign), ensure_ascii=False, sort_keys=True)


def sealed_campaign(
    campaign: Mapping[str, Any], before: Mapping[str, Any], seal: PinSeal
) -> dict[str, Any]:
    """Give a campaign as this site records it: each PIN sealed.

    Who has none in it keeps the one of the campaign ``before``.
    """
    known = {staff["code"]: staff.get("pin", "") for staff in before.get("staff", ())}
    staff = []
    for member in campaign["staff"]:
        pin = seal.seal(member["code"], member.get("pin") or known.get(member["code"], ""))
        staff.append({**_bare(member), "pin": pin} if pin else _bare(member))
    return {**campaign, "staff": staff}


def _bare(staff: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in staff.items() if name != "pin"}
