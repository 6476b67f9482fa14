"""Verifiers of PINs, sealed to their node: in the journal, and in what leaves the site.

A PIN has few digits, so a verifier that somebody else reads is as good as the PIN. Entries go to
the registry whole, and hold it sealed with a key that is made of the node's own: useless elsewhere,
and there again after the journal was rebuilt or restored. Sealing the same gives the same (AES-SIV,
RFC 5297), so that a campaign that is in force already is known again.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_SEALED = "sealed:"


class PinSeal:
    """Seals verifiers to one node, and opens them there."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        derived = HKDF(SHA256(), 64, salt=None, info=b"divoc-edge pin verifiers")
        self._cipher = AESSIV(derived.derive(key.private_bytes_raw()))

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


def without_pins(campaign: Mapping[str, Any]) -> dict[str, Any]:
    """Give a campaign as it may be told to every site: without the PINs of its staff."""
    return {**campaign, "staff": [_bare(staff) for staff in campaign["staff"]]}


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
