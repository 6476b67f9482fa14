"""What cannot wait for its turn: single entries sent ahead of a long backlog.

Each comes whole, with its place and the hash before it, under one signature of the node. The
registry acts on them at once; in their place in the chain they come again, and are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.protocol import frames, keys
from sync.protocol.batches import Linked, check_entry
from sync.protocol.entries import Link, chain_hash, check_shape, parsed, serialised
from sync.protocol.errors import ProtocolError

URGENT = ("CertificateRevoked", "AdverseEventReported")
"""Types of entries that are sent ahead."""
MOST = 50
"""Entries in one message at the most."""


def pack_urgent(
    contents: Sequence[str], node: str, key: Ed25519PrivateKey, coding: frames.Coding
) -> bytes:
    """Write entries, as the journal holds them, for the wire."""
    hashes = [chain_hash(content.encode()) for content in contents]
    document = {
        "entries": [parsed(content.encode()) for content in contents],
        "signature": keys.sign(key, _signed(node, hashes)),
    }
    return frames.pack(document, coding)


def check_urgent(data: bytes, node: str, key: Ed25519PublicKey) -> list[Linked]:
    """Read them and prove that the node wrote them; raises :class:`ProtocolError`."""
    document = frames.unpack(data)
    entries = document.get("entries")
    if not isinstance(entries, list) or not 0 < len(entries) <= MOST:
        raise _wrong("entries")
    links = [_link(entry, node) for entry in entries]
    hashes = [hash_ for _, _, hash_ in links]
    if not keys.fits(key, _signed(node, hashes), document.get("signature")):
        raise ProtocolError("urgent.signature", "The signature of the urgent entries is wrong.")
    return links


def _link(entry: Any, node: str) -> Linked:
    check_entry(entry)
    epoch, number, previous = (entry.get(name) for name in ("epoch", "number", "previous"))
    if not isinstance(epoch, str) or not isinstance(previous, str) or entry.get("node") != node:
        raise _wrong("epoch")
    if type(number) is not int or not 0 < number < 2**53:
        raise _wrong("number")
    if entry["type"] not in URGENT:
        raise _wrong("type")
    content = serialised(entry)
    check_shape(content)
    return Link(node, epoch, number, previous), content, chain_hash(content)


def _signed(node: str, hashes: Sequence[str]) -> Mapping[str, Any]:
    return {"urgent": list(hashes), "node": node}


def _wrong(field: str) -> ProtocolError:
    return ProtocolError(
        "urgent.field", "The field {field} of the urgent entries is wrong.", field=field
    )
