"""Health certificates (HCERT) put together by hand, so that each part can be wrong or odd."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import base45
import cbor2

from edge.credentials import cose
from edge.credentials.document_signer import DocumentSigner


def contents() -> dict[Any, Any]:
    vaccination = {
        "tg": "840539006",
        "vp": "1119349007",
        "mp": "EU/1/20/1528",
        "ma": "ORG-100030215",
        "dn": 1,
        "sd": 2,
        "dt": "2026-11-20",
        "co": "XD",
        "is": "Ministry of Health",
        "ci": "URN:UVCI:01:XD:1",
    }
    dcc = {
        "ver": "1.3.0",
        "nam": {"fn": "Tesfaye", "fnt": "TESFAYE"},
        "dob": "1996-02-29",
        "v": [vaccination],
    }
    issued = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp())
    return {1: "XD", 4: issued + 10**7, 6: issued, -260: {1: dcc}}


def wrapped(message: bytes, prefix: str = "HC1:", behind: bytes = b"") -> bytes:
    return f"{prefix}{base45.b45encode(zlib.compress(message) + behind).decode()}".encode()


def signed(payload: bytes, document: DocumentSigner) -> bytes:
    return wrapped(cose.sign(payload, document))


def parts(document: DocumentSigner, **changed: Any) -> bytes:
    """A message put together by hand, so that each part can be wrong."""
    payload = changed.get("payload", cbor2.dumps(contents()))
    header = changed.get("header", {1: -7, 4: document.kid})
    protected = changed.get("protected", cbor2.dumps(header))
    signature = document.sign(cbor2.dumps(["Signature1", protected, b"", payload]))
    signature = changed.get("signature", signature)
    message = [protected, changed.get("unprotected", {}), payload, signature]
    return wrapped(cbor2.dumps(changed.get("value", cbor2.CBORTag(18, message))))


def change(path: str, value: Any) -> Callable[[dict[Any, Any]], None]:
    def changed(claims: dict[Any, Any]) -> None:
        place: Any = claims[-260][1]
        *steps, last = path.split(".")
        for step in steps:
            place = place[int(step)] if step.isdigit() else place[step]
        if value is ...:
            del place[last]
        else:
            place[last] = value

    return changed
