"""What cannot wait for its turn: single entries sent ahead of a long backlog.

Each comes whole, with its place and the hash before it, under one signature of the node. The
registry acts on them at once; in their place in the chain they come again, and are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta

from sync.protocol import frames, keys
from sync.protocol.batches import Linked, check_entry
from sync.protocol.entries import Link, chain_hash, check_shape, parsed, serialised
from sync.protocol.errors import ProtocolError
from sync.protocol.shapes import Number, fit

URGENT = ("CertificateRevoked", "AdverseEventReported")
"""Types of entries that are sent ahead."""
MOST = 50
"""Entries in one message at the most."""


class _Urgent(msgspec.Struct):
    entries: Annotated[list[Any], Meta(min_length=1, max_length=MOST)]


class _Placed(msgspec.Struct):
    """An urgent entry with its place."""

    node: str
    epoch: str
    number: Number
    previous: str
    type: str


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
    links = [_link(entry, node) for entry in fit(document, _Urgent, _wrong).entries]
    hashes = [hash_ for _, _, hash_ in links]
    if not keys.fits(key, _signed(node, hashes), document.get("signature")):
        raise ProtocolError("urgent.signature", "The signature of the urgent entries is wrong.")
    return links


def _link(entry: Any, node: str) -> Linked:
    check_entry(entry)
    place = fit(entry, _Placed, _wrong)
    if place.node != node:
        raise _wrong("node")
    if place.type not in URGENT:
        raise _wrong("type")
    content = serialised(entry)
    check_shape(content)
    return Link(node, place.epoch, place.number, place.previous), content, chain_hash(content)


def _signed(node: str, hashes: Sequence[str]) -> Mapping[str, Any]:
    return {"urgent": list(hashes), "node": node}


def _wrong(field: str) -> ProtocolError:
    return ProtocolError(
        "urgent.field", "The field {field} of the urgent entries is wrong.", field=field
    )
