"""An entry as the journal holds it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, with its place in the chain.

    ``content`` is the canonical JSON text that ``hash`` is of; ``position`` is the place in this
    database only, counted over all epochs.
    """

    position: int
    epoch: str
    number: int
    id: str
    type: str
    cause: str
    hash: str
    content: str
    document: Mapping[str, Any]

    @property
    def body(self) -> Mapping[str, Any]:
        """What the type's schema describes."""
        body: Mapping[str, Any] = self.document["body"]
        return body

    @classmethod
    def from_row(cls, row: tuple[Any, ...]) -> Entry:
        """Make an entry of a row of ``ENTRY_COLUMNS``."""
        position, epoch, number, id_, type_, cause, hash_, content = row
        return cls(position, epoch, number, id_, type_, cause, hash_, content, json.loads(content))


ENTRY_COLUMNS = "position, epoch, number, id, type, cause, hash, content"
