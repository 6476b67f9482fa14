"""What the registry remembers of who was present: tries at proofs, and whose paper was shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from sync.registry.store.records import CarriedQuestion


class Presence(Protocol):
    """Counts tries, and knows who is the same person by having been present."""

    def try_once(self, who: str, day: str, most: int) -> bool:
        """Count a try of a day; false, and nothing counted, if there were so many already."""
        ...

    def give_back(self, who: str, day: str) -> None:
        """Take one try back: it was right."""
        ...

    def forget_tries(self, before: str) -> None:
        """Forget the tries of the days before one."""
        ...

    def carried(self, node: str) -> list[CarriedQuestion]:
        """Give a node's latest questions by stick: those with one ``after``."""
        ...

    def keep_carried(self, question: CarriedQuestion) -> None:
        """Keep a question by stick, in place of those of its node with an earlier ``after``."""
        ...

    def link(self, person: str, others: Sequence[str], node: str, now: str) -> None:
        """Remember that a node's person was present with the paper of others."""
        ...

    def linked(self, people: Collection[str]) -> set[str]:
        """Give who was present with the paper of any of these, and whose paper these had."""
        ...
