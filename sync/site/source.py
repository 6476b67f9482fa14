"""The journal as a follower sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from sync.protocol.receipts import Receipt


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An entry as the journal holds it; ``position`` counts over all epochs, from 1."""

    position: int
    epoch: str
    number: int
    hash: str
    content: str

    def document(self) -> dict[str, Any]:
        """Read the content, which is in canonical form."""
        read: dict[str, Any] = msgspec.json.decode(self.content)
        return read


@dataclass(frozen=True, slots=True)
class Tip:
    """The last entry of an epoch."""

    epoch: str
    number: int
    position: int


@dataclass(frozen=True, slots=True)
class Branch:
    """Behind entry ``after`` of an epoch our entries are kept under another name."""

    after: int
    name: str


class Source(Protocol):
    """The journal as a follower sees it, and the follower's own memory of the receipt."""

    def last(self) -> int:
        """Give the position of the last entry; 0 if there is none."""
        ...

    def tips(self, before: int, limit: int) -> list[Tip]:
        """Give the last entry of each epoch that ends at or before a position, newest first."""
        ...

    def after(self, position: int, limit: int) -> list[JournalEntry]:
        """Give the entries behind a position, of one epoch only."""
        ...

    def urgent(self, position: int, types: Sequence[str], limit: int) -> list[JournalEntry]:
        """Give the entries of some types behind a position, oldest first."""
        ...

    def find(self, epoch: str, number: int) -> tuple[int, str] | None:
        """Give the position and the hash of one entry."""
        ...

    def branches(self) -> Mapping[str, Branch]:
        """Give the epochs of which the registry holds another history, too."""
        ...

    def keep_branch(self, epoch: str, branch: Branch) -> None:
        """Remember, durably, where the registry's history of an epoch parts from ours."""
        ...

    def keep(self, receipt: Receipt | None) -> None:
        """Remember the latest receipt, durably; None: the registry holds nothing of this site.

        It may name less than the one before.
        """
        ...
