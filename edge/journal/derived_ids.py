"""Ids made of what is recorded, so that recording the same again adds nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sync.protocol.entries import canonical

if TYPE_CHECKING:
    from sqlite_utils import Database


def derived_id(kind: str, content: Mapping[str, Any]) -> str:
    """Make an id of a kind and what is recorded: a UUIDv8 (RFC 9562 section 5.8) of its SHA-256."""
    digest = hashlib.sha256(kind.encode() + b"\n" + canonical(_plain(dict(content)))).digest()
    value = int.from_bytes(digest[:16], "big")
    value = value & ~(0xF << 76) | 0x8 << 76
    value = value & ~(0b11 << 62) | 0b10 << 62
    return str(UUID(int=value))


def has_entry(db: Database, id_: str) -> bool:
    """Say whether there is an entry of this id."""
    return db.execute("SELECT 1 FROM entry WHERE id = ?", (id_,)).fetchone() is not None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value
