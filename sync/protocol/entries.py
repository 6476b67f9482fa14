"""An entry: one thing that happened at a site, in bytes both ends agree on.

An entry is a JSON object. What makes it one link of a chain (node, epoch, number, the hash
before) is joined to it when it is hashed, so neither end can tell the same story in other bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from sync.protocol.errors import EntryError

GENESIS = "0" * 64
"""What the first entry of the first epoch names as the hash before it."""

LARGEST_ENTRY = 1024 * 1024
"""Bytes of one entry at the most, in canonical form with its place."""
DEEPEST = 64
"""Lists and objects that lie in each other in one entry at the most."""

_SAFE_INTEGER = 2**53 - 1
_MARK = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{\]}]')
_encoder = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of one epoch's chain: number counted from 1, hash in 64 hex digits."""

    epoch: str
    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Link:
    """Where an entry stands: whose it is, which number, and the hash of the link before.

    ``parent`` is set on number 1 only, when an earlier epoch is continued; ``previous`` is then
    the parent's hash.
    """

    node: str
    epoch: str
    number: int
    previous: str
    parent: Head | None = None


def canonical(value: Any) -> bytes:
    """Give the one byte form of a JSON value (RFC 8785, without fractions).

    Keys are ASCII and integers lie within ±(2^53-1): inside these bounds sorted, unescaped JSON is
    RFC 8785 byte for byte. Raises :class:`EntryError` (``entry.not-canonical``) for floats, other
    types and odd keys.
    """
    try:
        if not _is_unambiguous(value):
            _refuse_ambiguous(value, "")
    except RecursionError:
        raise _endless() from None
    return serialised(value)


def check_shape(content: bytes) -> None:
    """Let through an entry's canonical bytes that every end can keep and read.

    Raises :class:`EntryError` ``entry.too-large`` or ``entry.not-canonical`` (nested too deep).
    """
    if len(content) > LARGEST_ENTRY:
        raise EntryError(
            "entry.too-large",
            "The entry is {size} kB long. At most {most} kB can be kept in one entry.",
            size=len(content) // 1024,
            most=LARGEST_ENTRY // 1024,
        )
    # Most entries have fewer brackets in all than may lie in each other.
    if content.count(b"[") + content.count(b"{") > DEEPEST and _depth(content) > DEEPEST:
        raise EntryError.not_canonical("", f"more than {DEEPEST} lists in lists")


def serialised(value: Any) -> bytes:
    """Give the byte form of a value that is known to have one: made here, or read by `parsed`."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        raise EntryError.not_canonical(
            "", "text with half a character (a lone surrogate)"
        ) from None
    except RecursionError:
        raise _endless() from None


def parsed(text: bytes) -> Any:
    """Read JSON, and refuse what has no single byte form; raises ``ValueError`` if it is no JSON.

    It costs a tenth of reading first and looking then.
    """
    value = json.loads(
        text,
        object_pairs_hook=_object,
        parse_float=_no_fraction,
        parse_int=_integer,
        parse_constant=_no_fraction,
    )
    if b"\\u" in text:  # half a character can only come escaped
        serialised(value)
    return value


def linked(entry: Mapping[str, Any], link: Link) -> dict[str, Any]:
    """Join an entry and its place in the chain into the object that is hashed and stored."""
    whole = dict(entry)
    whole.update(node=link.node, epoch=link.epoch, number=link.number, previous=link.previous)
    if link.parent is not None:
        parent = link.parent
        whole["parent"] = {"epoch": parent.epoch, "number": parent.number, "hash": parent.hash}
    return whole


def branch_name(epoch: str, hash_: str) -> str:
    """Name the branch of an epoch that begins with the entry of a hash.

    Where two histories share an epoch and part at some number, the one that comes second is kept
    under this name; its entries are hashed as they are, in their own epoch.
    """
    return f"{epoch}~{hash_[:8]}"


def own_epoch(name: str) -> str:
    """Give the epoch that entries were written in, of the name they are kept under."""
    return name.partition("~")[0]


def chain_hash(content: bytes) -> str:
    """Hash the canonical bytes of a linked entry: SHA-256, 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def _depth(content: bytes) -> int:
    deepest = depth = 0
    for mark in _MARK.finditer(content):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(mark[0], 0)
        deepest = max(deepest, depth)
    return deepest


def _endless() -> EntryError:
    return EntryError.not_canonical("", "lists in lists without end")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise EntryError.not_canonical("", "a key twice")
    if not "".join(found).isascii():
        raise EntryError.not_canonical("", "a key that is not ASCII text")
    return found


def _integer(text: str) -> int:
    value = int(text) if len(text) < 18 else _SAFE_INTEGER + 1
    if not -_SAFE_INTEGER <= value <= _SAFE_INTEGER:
        raise EntryError.not_canonical("", "an integer beyond 2^53-1")
    return value


def _no_fraction(_text: str) -> Any:
    raise EntryError.not_canonical("", "a float")


def _is_unambiguous(value: Any) -> bool:
    """Say whether a value has one byte form; where is asked only of one that has none."""
    kind = type(value)
    if kind is dict:
        for key, inner in value.items():
            if type(key) is not str or not key.isascii():
                return False
            if type(inner) is not str and not _is_unambiguous(inner):
                return False
        return True
    if kind is list or kind is tuple:
        return all(type(inner) is str or _is_unambiguous(inner) for inner in value)
    if kind is int:
        return bool(-_SAFE_INTEGER <= value <= _SAFE_INTEGER)
    return kind is str or kind is bool or value is None


def _refuse_ambiguous(value: Any, path: str) -> None:
    """Raise the error that says where a value has several byte forms, and why."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return
    if kind is int:
        if not -_SAFE_INTEGER <= value <= _SAFE_INTEGER:
            raise EntryError.not_canonical(path, "an integer beyond 2^53-1")
    elif kind is dict:
        for key, inner in value.items():
            if type(key) is not str or not key.isascii():
                raise EntryError.not_canonical(path, "a key that is not ASCII text")
            _refuse_ambiguous(inner, f"{path}.{key}")
    elif kind is list or kind is tuple:
        for index, inner in enumerate(value):
            _refuse_ambiguous(inner, f"{path}[{index}]")
    else:
        raise EntryError.not_canonical(path, f"a {kind.__name__}")
