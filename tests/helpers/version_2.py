"""Credentials of version 2.0 that another's library has signed, and what believes them."""

from __future__ import annotations

import copy
import json
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import base45
import cbor2

from edge.credentials.multikey import read_multikey
from edge.credentials.trust import Trust, TrustedKey, spki

VECTORS = json.loads((Path(__file__).parent / "version_2_vectors.json").read_text())
SUITES = sorted(VECTORS["vectors"])
CONTEXT = "https://moh.example/vaccination/v2"


def signed(suite: str) -> dict[str, Any]:
    found: dict[str, Any] = copy.deepcopy(VECTORS["vectors"][suite]["signed"])
    return found


def pixelpass(data: bytes) -> bytes:
    return bytes(base45.b45encode(zlib.compress(data, 9)))


def version_2_trust() -> Trust:
    """Trust in the issuer's keys, with its context, as lists bring both."""
    keys = [VECTORS["vectors"][suite]["key"] for suite in SUITES]
    found = Trust.of(
        TrustedKey(spki(read_multikey(key["publicKeyMultibase"])), (key["id"],)) for key in keys
    )
    return replace(found, contexts={CONTEXT: VECTORS["context"]})


def version_2_codes() -> tuple[bytes, ...]:
    """Give one of each suite as JSON, and one packed as Inji packs them."""
    texts = tuple(json.dumps(signed(suite)).encode() for suite in SUITES)
    return (*texts, pixelpass(cbor2.dumps(signed(SUITES[0]))))
