"""Trusted keys as texts, as the lists of a site are kept."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from edge.credentials.trust import TrustedKey


def key_text(key: TrustedKey) -> str:
    """Write a key."""
    document: dict[str, Any] = {"spki": key.spki.hex(), "names": key.names}
    if key.country:
        document["country"] = key.country
    if key.not_before:
        document["notBefore"] = key.not_before.isoformat()
    if key.not_after:
        document["notAfter"] = key.not_after.isoformat()
    if key.usages:
        document["usages"] = "".join(sorted(key.usages))
    if key.issuer:
        document["issuer"] = key.issuer
    return json.dumps(document)


def read_key(text: str) -> TrustedKey:
    """Read what :func:`key_text` wrote."""
    document: dict[str, Any] = json.loads(text)
    start, end = document.get("notBefore"), document.get("notAfter")
    return TrustedKey(
        spki=bytes.fromhex(document["spki"]),
        names=tuple(document["names"]),
        country=document.get("country", ""),
        not_before=datetime.fromisoformat(start) if start else None,
        not_after=datetime.fromisoformat(end) if end else None,
        usages=frozenset(document.get("usages", "")),
        issuer=document.get("issuer", ""),
    )
