"""What the registry keeps, behind one interface: embedded here, PostgreSQL for a nation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from sync.entries import Head, Link


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """A node as the registry knows it; ``heard_at`` is empty until its first batch."""

    node: str
    key: str
    facility: str
    name: str
    enrolled_at: str
    heard_at: str
    entries: int
    alarms: int


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it was delivered, with when it was received."""

    node: str
    epoch: str
    number: int
    type: str
    hash: str
    content: str
    received_at: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a batch: the head now held, and how many of its entries were new."""

    head: Head | None
    new: int
    count: int


class ForkError(Exception):
    """The same number holds another entry already; ``number`` is the first such."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(number)


class GapError(Exception):
    """The batch begins behind what is held; ``held`` is the last number there is."""

    def __init__(self, held: int) -> None:
        self.held = held
        super().__init__(held)


class ParentError(Exception):
    """An epoch begins after an entry that is not held."""


class Store(Protocol):
    """Durable, and safe to use from several threads."""

    def enrol(self, node: str, key: str, facility: str, name: str, now: str) -> None:
        """Remember a node; enrolling the same key again changes nothing but its facility."""
        ...

    def node(self, node: str) -> NodeRecord | None:
        """Find a node."""
        ...

    def nodes(self) -> list[NodeRecord]:
        """Give every node, the one heard last first."""
        ...

    def accept(self, links: Sequence[tuple[Link, bytes, str]], now: str) -> Accepted:
        """Store a checked batch in one transaction, whatever of it was stored before.

        Raises :class:`ForkError` (and records an alarm), :class:`GapError` or
        :class:`ParentError`; then nothing of it is stored.
        """
        ...

    def heads(self, node: str) -> list[Head]:
        """Give the last link of every epoch of a node."""
        ...

    def count(self, node: str) -> int:
        """Count a node's entries over all epochs."""
        ...

    def latest(self, limit: int) -> list[StoredEntry]:
        """Give the entries received last, newest first."""
        ...

    def entries(self, node: str, epoch: str, after: int, limit: int) -> list[StoredEntry]:
        """Give an epoch's entries behind a number."""
        ...

    def of_type(self, type_: str) -> Iterator[StoredEntry]:
        """Give every entry of a type, of all nodes."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...
