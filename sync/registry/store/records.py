"""What the registry keeps, as values; what can be wrong with a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sync.protocol.entries import Head, Link

NATION = "*"
"""The feed of letters that go to every node."""


Place = tuple[str, str, int]
"""Where an entry stands: node, epoch, number."""


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """A node as the registry knows it; ``heard_at`` is empty until it is first heard.

    ``state`` is ``active`` or ``stopped`` (an operator has barred it, at ``stopped_at``);
    ``waiting`` is how many entries it said it still had; ``today`` weighs what it sent on the day
    ``day`` (ISO 8601, UTC): one for an entry, and one more for every further 4 kB of it.
    """

    node: str
    key: str
    facility: str
    name: str
    enrolled_at: str
    heard_at: str
    entries: int
    alarms: int
    state: str = "active"
    waiting: int = 0
    software: str = ""
    day: str = ""
    today: int = 0
    stopped_at: str = ""


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

    @property
    def cursor(self) -> Cursor:
        """Its place in what was received."""
        return Cursor(self.received_at, self.node, self.epoch, self.number)


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in what happened, behind which a reader goes on; empty: from the beginning.

    ``at`` is the instant at which an entry was received, or at which its verdict changed.
    """

    at: str = ""
    node: str = ""
    epoch: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """What became of a batch: the head now held, how many entries were new, the node's count."""

    head: Head | None
    new: int
    count: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that must not be: ``fork`` (one number, two contents), or ``siblings``.

    Siblings are two epochs that follow the same entry: a card was copied, or a backup restored.
    ``epoch`` and ``number`` say where; for siblings it is entry 1 of the younger one. An epoch that
    goes on behind an entry which another follows is one of them too, and so are two without a
    parent. Each is recorded once.
    """

    node: str
    epoch: str
    number: int
    kind: str
    at: str


@dataclass(frozen=True, slots=True)
class Letter:
    """Something the nation tells one node, or all: numbered from 1 in its feed, without gaps.

    ``id`` is drawn by whoever posts it: the same number under another id tells a reader that the
    feed was restored from a backup. ``body`` is canonical JSON.
    """

    feed: str
    number: int
    id: str
    kind: str
    body: str
    at: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the national record makes of an entry, where it is anything but plainly stored.

    ``state`` is ``held`` (``waits`` names the id of the entry it needs), ``rejected`` (``field``
    and ``sentence`` say why), ``superseded`` (a later entry has put it right), or ``stored`` for
    one that was held and is not any more.
    """

    node: str
    epoch: str
    number: int
    state: str
    id: str
    field: str = ""
    sentence: str = ""
    waits: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryQuery:
    """Which entries a reader asks for: of any of the nodes, types and states; empty: of all.

    A state is one of a :class:`Verdict`; an entry without one is ``stored``.
    """

    nodes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    states: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryChange:
    """A judged entry, where it stands in the order of what happened, and what it came to.

    ``cursor`` has the instant at which it was received, or that of its latest verdict; None as
    ``verdict``: it is plainly stored.
    """

    entry: StoredEntry
    cursor: Cursor
    verdict: Verdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreStatus:
    """How much a store holds: nodes and verdicts by their state, entries, and what is to be done.

    ``waiting`` is how many entries the nodes said that they still had; ``oldest_unjudged`` when the
    oldest entry without a verdict was received (empty: there is none).
    """

    nodes: Mapping[str, int]
    verdicts: Mapping[str, int]
    entries: int
    waiting: int
    unjudged: int
    oldest_unjudged: str


@dataclass(frozen=True, slots=True)
class Mention:
    """An entry speaks of something under ``key`` (a person, a digest of an identity)."""

    key: str
    node: str
    epoch: str
    number: int


@dataclass(frozen=True, slots=True)
class PendingStretch:
    """A stretch of an epoch that is held but not judged: the entries behind ``after``."""

    node: str
    epoch: str
    after: int
    through: int


@dataclass(frozen=True, slots=True)
class Code:
    """A one-time enrolment code by its SHA-256 in hex; ``node`` and ``used_at`` empty: unused."""

    digest: str
    facility: str
    expires_at: str
    made_at: str = ""
    node: str = ""
    used_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What an officer decided of an entry: ``published`` or ``refused``; the last one counts.

    It is of an entry's ``hash``: the same entry sent ahead, in its place or on a branch.
    """

    node: str
    hash: str
    state: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """A site's request for its next signing certificate (PKCS#10, PEM); one for each node."""

    node: str
    pem: str
    at: str
    signed_at: str = ""


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who may use the registry's pages; ``digest`` is the SHA-256 of the token, in hex."""

    name: str
    role: str
    digest: str
    added_at: str


@dataclass(frozen=True, slots=True)
class OperatorPasskey:
    """A passkey of an operator: its id and COSE key as base64url, how often it was used."""

    id: str
    name: str
    key: str
    count: int
    added_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor:
    """An operator's second factor (TOTP): its sealed secret, and what became of codes.

    ``confirmed_at`` is empty until a first code was right. Codes of ``last_step`` and before count
    no more; ``tries`` were wrong since the last right one, the latest at ``tried_at``.
    """

    name: str
    secret: str
    confirmed_at: str = ""
    last_step: int = 0
    tries: int = 0
    tried_at: str = ""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """Who did or looked at what, and when; ``place`` orders one person's lines of an instant."""

    at: str
    who: str
    what: str
    whom: str
    place: int = field(default=0, compare=False)


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


Links = Sequence[tuple[Link, bytes, str]]
"""A checked batch: each entry's place, canonical bytes and hash, in order."""


@dataclass(frozen=True, slots=True)
class CarriedQuestion:
    """A question for histories that came by stick: ``digest`` is the SHA-256 of it, in hex.

    ``after`` is the latest instant of the registry's that the site knew, or empty; ``people`` are
    the ids of those who were looked up.
    """

    node: str
    digest: str
    after: str
    people: frozenset[str]


@dataclass(frozen=True, slots=True)
class PublishedList:
    """A list of people: the instant of its publication, by which a later edition is known."""

    name: str
    edition: str
    programme: str


@dataclass(frozen=True, slots=True)
class ListPiece:
    """A piece of a list: people of one facility, from place 1 on; ``hash`` is its name.

    ``sealed`` is the piece itself, sealed to the registry, in base64; empty where nobody asked
    for it.
    """

    list: str
    facility: str
    place: int
    hash: str
    people: int
    sealed: str = field(default="", repr=False)
