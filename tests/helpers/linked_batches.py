"""Checked batches for the registry's store, without signing any."""

from __future__ import annotations

from dataclasses import dataclass, field

from sync.protocol.entries import GENESIS, Head, Link, canonical, chain_hash, linked

NOW = "2026-11-24T12:00:00.000Z"


@dataclass
class Epoch:
    """One epoch's entries as links; ``batch(a, b)`` gives those from number a through b."""

    node: str
    epoch: str
    parent: Head | None = None
    links: list[tuple[Link, bytes, str]] = field(default_factory=list)

    def grow(self, count: int, text: str = "x", type_: str = "DoseGiven") -> Epoch:
        for _ in range(count):
            number = len(self.links) + 1
            parent = self.parent if number == 1 else None
            previous = self.links[-1][2] if self.links else parent.hash if parent else GENESIS
            link = Link(self.node, self.epoch, number, previous, parent)
            entry = {"id": f"{self.epoch}-{number}", "type": type_, "body": {"text": text}}
            content = canonical(linked(entry, link))
            self.links.append((link, content, chain_hash(content)))
        return self

    def batch(self, first: int, last: int) -> list[tuple[Link, bytes, str]]:
        return self.links[first - 1 : last]

    def head(self, number: int = 0) -> Head:
        link, _, hash_ = self.links[(number or len(self.links)) - 1]
        return Head(self.epoch, link.number, hash_)

    def fork(self, number: int) -> Epoch:
        """The same epoch, with other contents from a number on."""
        length = len(self.links)
        other = Epoch(self.node, self.epoch, self.parent, self.links[: number - 1])
        return other.grow(length - number + 1, text="another history")
