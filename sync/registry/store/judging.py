"""What a store remembers of what the national record makes of each entry."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from sync.registry.store.records import Letter, Mention, PendingStretch, Place, StoredEntry, Verdict


class Judging(Protocol):
    """Remembers what the national record makes of each entry."""

    def to_judge(self, limit: int) -> list[PendingStretch]:
        """Give stretches that are held but not judged."""
        ...

    def claim(self, limit: int, now: str, until: str) -> list[PendingStretch]:
        """Give stretches that nobody else has claimed, and claim them until an instant.

        Workers that share a store so never judge the same; a claim ends with what is settled.
        """
        ...

    def settle(
        self,
        stretch: PendingStretch,
        verdicts: Sequence[Verdict],
        mentions: Sequence[Mention],
        letters: Sequence[Letter],
        now: str,
        claimed_until: str = "",
    ) -> bool:
        """Record what judging a stretch came to, whole, and that it is judged through its end.

        ``letters`` carry number 0 and get the next one of their feed. False, and nothing done,
        when another worker has judged it in the meantime. A verdict replaces the one before.
        ``claimed_until``: the worker goes on with the epoch.
        """
        ...

    def revise(self, verdict: Verdict, before: str, letters: Sequence[Letter], now: str) -> bool:
        """Change a verdict of the state ``before`` and post letters, in one transaction.

        False, and nothing done, when there is none of that state, or it says the same already.
        """
        ...

    def verdicts(
        self, node: str, state: str = "", limit: int = 1000, after: tuple[str, int] = ("", 0)
    ) -> list[Verdict]:
        """Give a node's verdicts behind a place (epoch, number), of one state or all, in order."""
        ...

    def rejected(self, places: Collection[Place]) -> set[Place]:
        """Give those of the places whose entries are rejected."""
        ...

    def judged(self, node: str, epoch: str) -> int:
        """Give the number through which an epoch is judged."""
        ...

    def unjudged(self, node: str) -> int:
        """Count a node's entries that are held and not judged yet."""
        ...

    def needing_attention(
        self, node: str, limit: int, after: tuple[str, str, int] | None = None
    ) -> list[tuple[str, Verdict]]:
        """Give what is rejected or held of a node with when it was received, newest first."""
        ...

    def locate(self, node: str, id_: str) -> StoredEntry | None:
        """Find a node's entry by its id, among those judged."""
        ...
