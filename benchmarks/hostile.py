"""How long the worst things somebody can show take to be judged."""

from __future__ import annotations

import json
import time
import zlib
from datetime import UTC, datetime

import base45

from edge.credentials.trust import Trust
from edge.credentials.verifier import Verifier
from edge.services.certificates.formats import load_formats


def coded(data: bytes) -> bytes:
    return b"HC1:" + base45.b45encode(zlib.compress(data, 9))


def deep_document() -> bytes:
    document: object = "x"
    for _ in range(900):
        document = {"credentialSubject": document}
    return json.dumps(document).encode()


WORST: dict[str, bytes] = {
    "10 MB of text": b"x" * 10_000_000,
    "64 kB of base45": b"HC1:" + b"6B" * 32_000,
    "40 MB in a zlib bomb": b"HC1:" + base45.b45encode(zlib.compress(bytes(40_000_000), 9)),
    "60,000 lists in each other": coded(b"\x81" * 60_000 + b"\0"),
    "20,000 pieces of text": coded(b"\x7f" + b"\x61a" * 20_000 + b"\xff"),
    "a 64 kB integer": coded(b"\xc2\x59\xff\x00" + b"\xff" * 0xFF00),
    "64 kB of card": b"shc:/" + b"12" * 32_000,
    "a document 900 deep": deep_document(),
    "64 kB of brackets": b"[" * 64_000,
}


def measure() -> dict[str, float]:
    verifier, now = Verifier(load_formats().reading, Trust()), datetime.now(UTC)
    found = {}
    for name, payload in WORST.items():
        times = []
        for _ in range(5):
            start = time.perf_counter()
            verdict = verifier.verify(payload, now)
            times.append((time.perf_counter() - start) * 1000)
            assert verdict.verdict in ("unreadable", "invalid")
        found[f"{name}, ms"] = max(times)
    return found


if __name__ == "__main__":
    for label, figure in measure().items():
        print(f"{label:40} {figure:10.2f}")
