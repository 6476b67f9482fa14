"""Batches: consecutive entries of one epoch, signed once by the node that wrote them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta

from sync.protocol import frames, keys
from sync.protocol.entries import (
    GENESIS,
    Head,
    Link,
    chain_hash,
    check_shape,
    linked,
    own_epoch,
    serialised,
)
from sync.protocol.errors import ProtocolError
from sync.protocol.shapes import Number, fit
from sync.protocol.versions import check_version

Linked = tuple[Link, bytes, str]
"""An entry's place, canonical bytes and hash."""
_JOINED = frozenset(("node", "epoch", "number", "previous", "parent"))


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive entries of one epoch, each without what links it: both ends join that.

    ``first`` is the place of the first entry. ``head``, the chain hash of the last, is what is
    signed; it may be empty on the wire, and so may ``first.previous``: the registry knows one and
    makes the other. ``branch`` names the branch of the epoch that they belong to, if it has any.
    """

    first: Link
    entries: tuple[Mapping[str, Any], ...]
    head: str
    signature: str
    protocol: int
    branch: str = ""


def make_batch(
    contents: Sequence[Mapping[str, Any]],
    head: str,
    key: Ed25519PrivateKey,
    protocol: int,
    branch: str = "",
) -> Batch:
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
    unsigned = Batch(link, bare, head, "", protocol, branch)
    return replace(unsigned, signature=keys.sign(key, _signed(unsigned)))


def encode_batch(batch: Batch, coding: frames.Coding, *, short: bool) -> bytes:
    """Write a batch for the wire; ``short`` leaves out what the registry can make itself."""
    document: dict[str, Any] = {**_signed(batch), "entries": batch.entries}
    document["signature"] = batch.signature
    if short:
        for name in ("node", "count", "head", "previous"):
            del document[name]
    return frames.pack(document, coding)


def decode_batch(data: bytes, node: str) -> Batch:
    """Read a node's batch from the wire; raises :class:`ProtocolError` naming what is wrong."""
    document = frames.unpack(data)
    version = check_version(document.get("protocol"))
    found = _batch(document, node, version)
    if found.first.node != node:
        raise ProtocolError("batch.other-node", "The batch is another node's.")
    return found


def links_of(batch: Batch) -> list[Linked]:
    """Join every entry with its place: its link, canonical bytes, and hash, in order."""
    found, link = [], batch.first
    for entry in batch.entries:
        content = serialised(linked(entry, link))
        check_shape(content)
        hash_ = chain_hash(content)
        found.append((link, content, hash_))
        link = Link(link.node, link.epoch, link.number + 1, hash_)
    return found


def check_batch(
    batch: Batch,
    key: Ed25519PublicKey,
    hash_at: Callable[[str, int], str | None],
) -> list[Linked]:
    """Prove that a batch is the node's own and whole; give its links.

    ``hash_at`` gives the hash of an entry that is held, for a batch that leaves it out. Such a
    batch that does not fit is asked for again with its hashes (``batch.hashes``): only they tell
    a wrong signature from another history.
    """
    if batch.first.node != keys.node_id(key):
        raise ProtocolError("batch.other-node", "The batch is another node's.")
    first = batch.first
    short = not batch.head
    if not first.previous:
        before = first.parent.hash if first.parent else hash_at(first.epoch, first.number - 1)
        if before is None:
            raise _say_hashes()
        batch = replace(batch, first=replace(first, previous=before))
    links = links_of(batch)
    head = links[-1][2]
    if not keys.fits(key, _signed(replace(batch, head=batch.head or head)), batch.signature):
        if short:
            raise _say_hashes()
        raise ProtocolError("batch.signature", "The signature of the batch is wrong.")
    if batch.head and batch.head != head:
        raise ProtocolError("batch.chain", "The entries do not lead to the hash that was signed.")
    return links


def on_branch(links: Sequence[Linked], name: str) -> list[Linked]:
    """Give the entries of a branch the places they are kept under."""
    found: list[Linked] = []
    for link, content, hash_ in links:
        parent = link.parent
        if not found and link.number > 1:
            parent = Head(link.epoch, link.number - 1, link.previous)
        found.append((replace(link, epoch=name, parent=parent), content, hash_))
    return found


def _say_hashes() -> ProtocolError:
    return ProtocolError("batch.hashes", "Send the batch again with its hashes.")


def _signed(batch: Batch) -> dict[str, Any]:
    head: dict[str, Any] = {
        "protocol": batch.protocol,
        "node": batch.first.node,
        "epoch": batch.first.epoch,
        "first": batch.first.number,
        "previous": batch.first.previous,
        "count": len(batch.entries),
        "head": batch.head,
    }
    if batch.branch:
        head["branch"] = batch.branch
    if batch.first.parent is not None:
        parent = batch.first.parent
        head["parent"] = {"epoch": parent.epoch, "number": parent.number, "hash": parent.hash}
    return head


class _Parent(msgspec.Struct):
    epoch: str
    number: int
    hash: str


class _Header(msgspec.Struct):
    """What a batch says of itself."""

    epoch: str
    signature: str
    first: Number
    entries: Annotated[list[Any], Meta(min_length=1)]
    parent: _Parent | None = None
    branch: str = ""


class _Whole(_Header, kw_only=True):
    """On a branch, by stick, or sent again: every hash is there."""

    previous: str
    head: str


class _Bare(msgspec.Struct):
    """What every entry has."""

    id: str
    type: str
    at: str
    by: str


def _batch(document: Mapping[str, Any], node: str, version: int) -> Batch:
    whole = "head" in document
    header = fit(document, _Whole if whole else _Header, _wrong)
    previous, head = (header.previous, header.head) if isinstance(header, _Whole) else ("", "")
    if document.get("count", len(header.entries)) != len(header.entries):
        raise _wrong("entries")
    for entry in header.entries:
        if isinstance(entry, dict) and not _JOINED.isdisjoint(entry):
            raise _not_bare()
        check_entry(entry)
    parent = header.parent
    if parent is not None and header.first != 1:
        raise _wrong("parent")
    if header.branch and (own_epoch(header.branch) != header.epoch or not whole):
        raise _wrong("branch")
    link = Link(
        document.get("node", node),
        header.epoch,
        header.first,
        previous or (GENESIS if header.first == 1 and parent is None else ""),
        Head(parent.epoch, parent.number, parent.hash) if parent else None,
    )
    return Batch(link, tuple(header.entries), head, header.signature, version, header.branch)


def check_entry(entry: Any) -> None:
    """Let through what has the fields of every entry; raises :class:`ProtocolError`."""
    fit(entry, _Bare, _lacking)


def _lacking(field: str) -> ProtocolError:
    if not field:
        return _not_bare()
    return ProtocolError("batch.entry-field", "An entry lacks the field {field}.", field=field)


def _not_bare() -> ProtocolError:
    return ProtocolError("batch.entry", "An entry of the batch is not in its bare form.")


def _wrong(field: str) -> ProtocolError:
    return ProtocolError("batch.field", "The field {field} of the batch is wrong.", field=field)
