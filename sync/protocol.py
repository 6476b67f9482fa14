"""What a node and the registry say to each other, and the bytes they sign.

``docs/protocol.md`` tells it in prose. Everything is JSON; a batch travels compressed with zlib.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sync.entries import Head, Link, canonical, chain_hash, linked
from sync.errors import ProtocolError

VERSION = 1
"""The protocol's own number; it rises when an older end would misunderstand."""
OLDEST = 1
MEDIA_TYPE = "application/x-divoc-edge-batch"
LARGEST_BATCH = 8 * 1024 * 1024
"""Bytes of a batch once decompressed."""
_JOINED = ("node", "epoch", "number", "previous", "parent")


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive entries of one epoch, each without what links it: both ends join that.

    ``first`` is the place of the first entry; ``head`` is the chain hash of the last, which the
    node signs: one signature a batch.
    """

    first: Link
    entries: tuple[Mapping[str, Any], ...]
    head: str
    signature: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The registry's word: of this node and epoch it holds, durably, everything through ``number``.

    ``count`` is how many entries of this node it holds over all epochs; ``hash`` is the chain hash
    of entry ``number``. ``signature`` is the registry's over all of it.
    """

    node: str
    epoch: str
    number: int
    hash: str
    count: int
    at: str
    signature: str = ""

    def document(self) -> dict[str, Any]:
        """Give the receipt as the JSON object that is signed."""
        return {
            "node": self.node,
            "epoch": self.epoch,
            "number": self.number,
            "hash": self.hash,
            "count": self.count,
            "at": self.at,
        }


def node_id(key: Ed25519PublicKey) -> str:
    """Derive a node's id from its key, so that an id cannot be claimed without it."""
    digest = hashlib.sha256(_raw(key)).digest()[:15]
    return base64.b32encode(digest).decode().lower()


def fingerprint(key: Ed25519PublicKey) -> str:
    """Write the SHA-256 of a key's 32 bytes as people compare it: hex in groups of four."""
    digest = hashlib.sha256(_raw(key)).hexdigest()
    return " ".join(digest[place : place + 4] for place in range(0, len(digest), 4))


def public_text(key: Ed25519PublicKey) -> str:
    """Write a public key as base64 of its 32 bytes."""
    return base64.b64encode(_raw(key)).decode()


def public_key(text: str) -> Ed25519PublicKey:
    """Read a public key; raises :class:`ProtocolError` ``key.form``."""
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except (ValueError, TypeError):
        raise ProtocolError("key.form", "The key is not an Ed25519 public key in base64.") from None


def make_batch(contents: Sequence[Mapping[str, Any]], head: str, key: Ed25519PrivateKey) -> Batch:
    """Make a batch of linked entries as the journal holds them, and sign it."""
    first = contents[0]
    parent = first.get("parent")
    link = Link(
        node=first["node"],
        epoch=first["epoch"],
        number=first["number"],
        previous=first["previous"],
        parent=Head(parent["epoch"], parent["number"], parent["hash"]) if parent else None,
    )
    bare = tuple(
        {name: value for name, value in content.items() if name not in _JOINED}
        for content in contents
    )
    unsigned = Batch(link, bare, head, "")
    return Batch(link, bare, head, _sign(key, _batch_head(unsigned)))


def encode_batch(batch: Batch) -> bytes:
    """Write a batch for the wire."""
    document = {**_batch_head(batch), "entries": batch.entries, "signature": batch.signature}
    return zlib.compress(canonical(document), 9)


def decode_batch(data: bytes) -> Batch:
    """Read a batch from the wire; raises :class:`ProtocolError` naming what is wrong with it."""
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(data, LARGEST_BATCH)
    except zlib.error:
        raise ProtocolError("batch.compression", "The batch is not compressed with zlib.") from None
    if inflater.unconsumed_tail:
        raise ProtocolError("batch.too-large", "The batch is larger than 8 MB.")
    if not inflater.eof:
        raise ProtocolError("batch.cut", "The batch is cut off.")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise ProtocolError("batch.json", "The batch is not JSON.") from None
    return _batch(document)


def links_of(batch: Batch) -> list[tuple[Link, bytes, str]]:
    """Join every entry with its place: its link, canonical bytes, and hash, in order."""
    found, link = [], batch.first
    for entry in batch.entries:
        content = canonical(linked(entry, link))
        hash_ = chain_hash(content)
        found.append((link, content, hash_))
        link = Link(link.node, link.epoch, link.number + 1, hash_)
    return found


def check_batch(batch: Batch, key: Ed25519PublicKey) -> list[tuple[Link, bytes, str]]:
    """Prove that a batch is the node's own and whole; give its links."""
    if batch.first.node != node_id(key):
        raise ProtocolError("batch.other-node", "The batch is another node's.")
    if not _fits(key, _batch_head(batch), batch.signature):
        raise ProtocolError("batch.signature", "The signature of the batch is wrong.")
    links = links_of(batch)
    if links[-1][2] != batch.head:
        raise ProtocolError("batch.chain", "The entries do not lead to the hash that was signed.")
    return links


def sign_receipt(receipt: Receipt, key: Ed25519PrivateKey) -> Receipt:
    """Sign a receipt."""
    return Receipt(**receipt.document(), signature=_sign(key, receipt.document()))


def check_receipt(document: Any, key: Ed25519PublicKey) -> Receipt:
    """Read a receipt and prove that the registry signed it; raises :class:`ProtocolError`."""
    kinds = {"node": str, "epoch": str, "number": int, "hash": str, "count": int, "at": str}
    if not isinstance(document, dict) or any(
        type(document.get(name)) is not kind for name, kind in kinds.items()
    ):
        raise ProtocolError("receipt.form", "This is not a receipt.")
    signature = document.get("signature")
    receipt = Receipt(**{name: document[name] for name in kinds}, signature=str(signature))
    if not _fits(key, receipt.document(), receipt.signature):
        raise ProtocolError("receipt.signature", "The receipt is not signed by the registry.")
    return receipt


def _batch_head(batch: Batch) -> dict[str, Any]:
    head: dict[str, Any] = {
        "protocol": VERSION,
        "node": batch.first.node,
        "epoch": batch.first.epoch,
        "first": batch.first.number,
        "previous": batch.first.previous,
        "count": len(batch.entries),
        "head": batch.head,
    }
    if batch.first.parent is not None:
        parent = batch.first.parent
        head["parent"] = {"epoch": parent.epoch, "number": parent.number, "hash": parent.hash}
    return head


def _batch(document: Any) -> Batch:
    if not isinstance(document, dict):
        raise ProtocolError("batch.form", "The batch is not a JSON object.")
    version = document.get("protocol")
    if type(version) is not int or not OLDEST <= version <= VERSION:
        raise ProtocolError(
            "batch.version",
            "This registry speaks the protocol {oldest} to {newest}.",
            oldest=OLDEST,
            newest=VERSION,
        )
    texts = {
        name: _text(document, name) for name in ("node", "epoch", "previous", "head", "signature")
    }
    first, count = document.get("first"), document.get("count")
    entries = document.get("entries")
    if type(first) is not int or first < 1:
        raise ProtocolError(
            "batch.field", "The field {field} of the batch is wrong.", field="first"
        )
    if not isinstance(entries, list) or not entries or count != len(entries):
        raise ProtocolError(
            "batch.field", "The field {field} of the batch is wrong.", field="entries"
        )
    for entry in entries:
        if not isinstance(entry, dict) or any(name in entry for name in _JOINED):
            raise ProtocolError("batch.entry", "An entry of the batch is not in its bare form.")
        for name in ("id", "type", "at", "by"):
            if not isinstance(entry.get(name), str):
                raise ProtocolError(
                    "batch.entry-field", "An entry lacks the field {field}.", field=name
                )
    parent = document.get("parent")
    if parent is not None and (
        not isinstance(parent, dict) or type(parent.get("number")) is not int or first != 1
    ):
        raise ProtocolError(
            "batch.field", "The field {field} of the batch is wrong.", field="parent"
        )
    link = Link(
        texts["node"],
        texts["epoch"],
        first,
        texts["previous"],
        Head(_text(parent, "epoch"), parent["number"], _text(parent, "hash")) if parent else None,
    )
    return Batch(link, tuple(entries), texts["head"], texts["signature"])


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str):
        raise ProtocolError("batch.field", "The field {field} of the batch is wrong.", field=name)
    return value


def _sign(key: Ed25519PrivateKey, document: Mapping[str, Any]) -> str:
    return base64.b64encode(key.sign(canonical(dict(document)))).decode()


def _fits(key: Ed25519PublicKey, document: Mapping[str, Any], signature: str) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), canonical(dict(document)))
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
