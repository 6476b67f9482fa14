"""What the registry keeps, behind one interface: embedded here, PostgreSQL for a nation.

Every unique key begins with the column a distributed database would spread the table by: the node
for entries and what is said of them, the feed for letters, the key for mentions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from sync.protocol.entries import Head
from sync.registry.store.drafts import Drafts
from sync.registry.store.enrolment_lists import EnrolmentLists
from sync.registry.store.judging import Judging
from sync.registry.store.office import Office, SecondFactors
from sync.registry.store.presence import Presence
from sync.registry.store.records import (
    Alarm,
    BatchResult,
    Code,
    Cursor,
    EntryChange,
    EntryQuery,
    Letter,
    Links,
    NodeRecord,
    Place,
    SigningRequest,
    StoredEntry,
    StoreStatus,
)
from sync.registry.store.signing import Signing


class Intake(Protocol):
    """Takes what nodes deliver."""

    def accept(self, links: Links, now: str) -> BatchResult:
        """Store a checked batch in one transaction, whatever of it was stored before.

        ``now`` is when it was received, unless the database has a clock that many workers share.
        Counts what is new to the node's day; an epoch that follows an entry which another epoch
        follows already is stored, with a ``siblings`` alarm. Raises :class:`ForkError` (and
        records an alarm), :class:`GapError`, :class:`ParentError`, or a ``ProtocolError``
        ``node.unknown`` for a node that is not enrolled; then nothing of it is stored.
        """
        ...

    def advance(self, links: Links, now: str) -> int:
        """Keep checked entries that were sent ahead of those before them; give how many were new.

        They are found by their type until they come in their place, and then are those; they
        count to the node's day. Another one sent ahead for the same place is kept beside the
        first, with an alarm. Raises :class:`ForkError` (and records one) if another entry is held
        in the place of one.
        """
        ...

    def heads(self, node: str) -> list[Head]:
        """Give the last link of every epoch of a node."""
        ...

    def heads_of(self, nodes: Sequence[str]) -> dict[str, list[Head]]:
        """Give the same of at most 1,000 nodes at once; a node without an epoch is left out."""
        ...

    def count(self, node: str) -> int:
        """Count a node's entries over all epochs."""
        ...

    def hash_at(self, node: str, epoch: str, number: int) -> str | None:
        """Give the hash of one entry, if it is held."""
        ...


class Fleet(Protocol):
    """Knows the nodes."""

    def enrol(self, node: str, key: str, facility: str, name: str, now: str) -> NodeRecord:
        """Remember a node, and give it; one that is known stays at its facility, whoever asks."""
        ...

    def move(self, node: str, facility: str) -> None:
        """Put a node at another facility, as an officer decided."""
        ...

    def node(self, node: str) -> NodeRecord | None:
        """Find a node."""
        ...

    def nodes(self, after: str = "", limit: int = 1000) -> list[NodeRecord]:
        """Give a page of nodes in order of their ids, behind one."""
        ...

    def heard_last(self, limit: int, *, longest_silent: bool = False) -> list[NodeRecord]:
        """Give the nodes heard most recently, or those not heard from for longest, first."""
        ...

    def silent(
        self, after: tuple[str, str] | None, limit: int, *, newest_first: bool = False
    ) -> list[NodeRecord]:
        """Give a page of nodes by the hour they were heard in and their ids, behind one."""
        ...

    def of_facility(
        self, prefix: str, after: tuple[str, str] = ("", ""), limit: int = 1000
    ) -> list[NodeRecord]:
        """Give the nodes whose facility begins so, by facility and id, behind one."""
        ...

    def note(self, node: str, waiting: int, software: str, now: str) -> None:
        """Remember that a node was heard, and what it said of itself."""
        ...

    def asked(self, node: str) -> str:
        """Give the latest instant that a question of a node has named; empty: none."""
        ...

    def ask_once(self, node: str, at: str) -> bool:
        """Remember the instant that a question names; false if one has named it or a later one."""
        ...

    def set_state(self, node: str, state: str, now: str) -> None:
        """Bar a node (``stopped``) or let it in again (``active``); the first stop counts."""
        ...

    def alarms(self, node: str = "", limit: int = 100) -> list[Alarm]:
        """Give the alarms of a node, or of all, newest first."""
        ...

    def add_code(self, digest: str, facility: str, expires_at: str, made_at: str = "") -> None:
        """Remember a one-time enrolment code by the SHA-256 of it in hex; facility empty: any."""
        ...

    def codes(self, behind: tuple[str, str] | None = None, limit: int = 100) -> list[Code]:
        """Give the codes, newest first, behind one (when it was made, and its digest)."""
        ...

    def ask_certificate(self, request: SigningRequest) -> None:
        """Keep a node's request in place of the one before."""
        ...

    def asked_certificate(self, node: str) -> SigningRequest | None:
        """Find a node's request, signed or not."""
        ...

    def asked_certificates(self, after: str = "", limit: int = 1000) -> list[SigningRequest]:
        """Give the requests that are not signed, by node, behind one."""
        ...

    def answered_certificate(self, node: str, now: str) -> None:
        """Remember that a node's request was signed."""
        ...

    def take_code(self, digest: str, facility: str, node: str, now: str) -> bool:
        """Use a code up for a node of a facility, or again: the first answer may have been lost."""
        ...


class Reading(Protocol):
    """Gives out what was delivered."""

    def entries(
        self, node: str, epoch: str, after: int, limit: int, size: int = 2**53
    ) -> list[StoredEntry]:
        """Give an epoch's entries behind a number.

        At most ``limit``, and none behind the one whose content fills ``size`` characters.
        """
        ...

    def latest(self, limit: int) -> list[StoredEntry]:
        """Give the newest entries of the nodes heard last without content, newest first."""
        ...

    def received(self, type_: str, after: Cursor, until: str, limit: int) -> list[StoredEntry]:
        """Give what was received of a type behind a place and before an instant, judged or not.

        Oldest first, and nothing that something could still come in front of.
        """
        ...

    def of_type(self, type_: str, after: Place = ("", "", 0)) -> Iterator[StoredEntry]:
        """Give every entry of a type, of all nodes, also those sent ahead, behind a place."""
        ...

    def of_node(self, node: str, type_: str) -> Iterator[StoredEntry]:
        """Give every entry of a node and a type, in no order; what was sent ahead perhaps twice."""
        ...

    def mentions(
        self,
        keys: Sequence[str],
        limit: int = 1000,
        after: Place = ("", "", 0),
        size: int = 2**53,
        each: int = 2**53,
    ) -> list[StoredEntry]:
        """Give the entries that speak of any of the keys, each once, in order of their places.

        Those behind a place; ``limit`` and ``size`` as of ``entries``. Of one node and key only
        the ``each`` with the highest numbers: one node must not drown what others say.
        """
        ...

    def newest_mentions(self, key: str, count: int) -> list[StoredEntry]:
        """Give the entries that speak of a key and came in last, of all epochs, newest first."""
        ...

    def mentioned(self, keys: Sequence[str]) -> set[str]:
        """Give those of the keys that any entry speaks of."""
        ...


class Changes(Protocol):
    """Gives out what was received and judged, and every later verdict, in their order."""

    def changes(
        self, after: Cursor, until: str, limit: int, wanted: EntryQuery, size: int = 2**53
    ) -> list[EntryChange]:
        """Give what happened behind a place and before an instant, oldest first.

        An entry comes once for its arrival and once for its latest verdict, each time as it is
        now. Nothing is given that something could still come in front of. ``wanted`` names nodes,
        types or states that have a verdict; at most ``limit``, and none behind the one whose
        content fills ``size`` characters.
        """
        ...

    def counts(self) -> StoreStatus:
        """Count what is held, and what is to be judged."""
        ...


class Mailbox(Protocol):
    """Keeps what the nation tells the nodes."""

    def post(self, feed: str, kind: str, id_: str, body: str, now: str) -> Letter:
        """Add a letter to a feed; the same id again gives the letter there is."""
        ...

    def letters(self, feed: str, after: int, limit: int, size: int = 2**53) -> list[Letter]:
        """Give a feed's letters behind a number.

        At most ``limit``, and none behind the one whose body fills ``size`` characters.
        """
        ...

    def letter(self, feed: str, number: int) -> Letter | None:
        """Find one letter."""
        ...

    def letters_of_kind(self, feed: str, kind: str, after: int, limit: int) -> list[Letter]:
        """Give a feed's letters of a kind behind a number, the newest first."""
        ...

    def last_letter(self, feed: str) -> Letter | None:
        """Give a feed's newest letter."""
        ...


class Store(
    Intake,
    Fleet,
    Reading,
    Changes,
    Mailbox,
    Judging,
    Office,
    SecondFactors,
    Presence,
    Drafts,
    Signing,
    EnrolmentLists,
    Protocol,
):
    """All of it: durable, and safe to use from several threads.

    Every method raises :class:`~sync.protocol.errors.DatabaseError` while the database cannot be
    used.
    """

    def check(self) -> None:
        """Raise a ``SyncError`` if it cannot be used now, or not by this version."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...
