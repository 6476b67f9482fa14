"""A WebAuthn authenticator in software, which answers as browsers do, rightly or wrongly."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@dataclass
class SoftAuthenticator:
    """Holds one ES256 key; ``counts`` rises with each use, ``verifies``: it asks for the finger."""

    host: str
    origin: str
    counts: int = 0
    verifies: bool = True
    number: bytes = b"passkey-0123456789"
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def register(self, show: Mapping[str, Any]) -> str:
        """Answer ``navigator.credentials.create``."""
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        attested = bytes(16) + struct.pack(">H", len(self.number)) + self.number + cbor2.dumps(cose)
        data = self._data(_ATTESTED) + attested
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(show, "webauthn.create", attestationObject=text(made))

    def sign(self, show: Mapping[str, Any]) -> str:
        """Answer ``navigator.credentials.get``."""
        self.counts += 1
        data, client = self._data(0), self._client(show, "webauthn.get")
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            show, "webauthn.get", authenticatorData=text(data), signature=text(signed)
        )

    def _data(self, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + struct.pack(">I", self.counts)  # fmt: skip

    def _client(self, show: Mapping[str, Any], kind: str) -> bytes:
        told = {"type": kind, "challenge": show["challenge"], "origin": self.origin}
        return json.dumps({**told, "crossOrigin": False}).encode()

    def _answer(self, show: Mapping[str, Any], kind: str, **response: str) -> str:
        return json.dumps(
            {
                "id": text(self.number),
                "rawId": text(self.number),
                "type": "public-key",
                "response": {"clientDataJSON": text(self._client(show, kind)), **response},
                "clientExtensionResults": {},
            }
        )
