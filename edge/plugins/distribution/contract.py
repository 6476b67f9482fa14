"""What a plug-in of this kind is asked, and all that it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from edge.plugins.contract import Provider

AddressKind = Literal["phone", "email", "none"]
"""Which of a person's addresses a channel writes to; ``none``: it needs no address."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file that is handed on, such as a certificate on paper: its bytes and IANA media type."""

    data: bytes = field(repr=False)
    media_type: str
    name: str
    """A file's name, without anybody's data in it."""


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """All that a channel learns: where to, what, in which language (a code of the campaign's).

    ``reference`` is opaque, the same whenever the same message is handed over again. ``address``
    is a telephone number in E.164 or an address of e-mail, by the channel's ``address``.
    """

    reference: str
    address: str = field(repr=False)
    text: str = field(repr=False)
    language: str
    document: Document | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of a message that was handed over: taken, arrived, or nobody knows.

    ``later``: this message was not taken, others may be; it is tried again, and that is counted.
    ``deferred``: the same, and it costs no attempt: the other end asks to come again, for days.
    ``again``: it may have been taken, and the other end takes a reference once however often it is
    given: it is tried again, that is counted, and where no try is clear it is ``unknown``.
    ``receipts`` name its parts in later reports; all of them must arrive. ``unknown`` is for what
    was cut off in the middle: it may have arrived, and is not sent again. ``sentence`` (a template
    with ``values``) says why, and holds nobody's data.
    """

    state: Literal["handed", "delivered", "unknown", "later", "deferred", "again"] = "handed"
    receipts: tuple[str, ...] = ()
    code: str = ""
    sentence: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """What is known later of a part of a message, by its receipt."""

    receipt: str
    state: Literal["delivered", "bounced"]
    code: str = ""
    sentence: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody answered, from which address; ``id`` is the same if it is given again."""

    id: str
    address: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many messages a channel takes in a minute and in an hour; 0: as many as there are.

    ``documents``: it carries a certificate as a PDF beside the text.
    """

    per_minute: int = 0
    per_hour: int = 0
    documents: bool = False


class Channel(Provider, Protocol):
    """A way to bring a certificate or a message to a person.

    It is called from one thread at a time, never within a unit of work. What it does not answer
    within ``seconds`` is unknown, and the channel is switched off until the site starts anew: its
    own waits must be shorter.
    """

    @property
    def address(self) -> AddressKind:
        """Which address of a person it writes to."""
        ...

    @property
    def limits(self) -> Limits:
        """How much it takes."""
        ...

    @property
    def seconds(self) -> float:
        """How long one call may take at the most."""
        ...

    def details(self) -> Mapping[str, str]:
        """Give what a technician asks first, such as the signal, by an English label."""
        ...

    def send(self, message: OutgoingMessage) -> Handed:
        """Hand a message over once.

        Raises a temporary :class:`EdgeError` where the channel takes nothing at present, which
        costs the message no attempt; one that is not temporary where this message never can go (a
        wrong number).
        """
        ...

    def reports(self) -> Sequence[Report]:
        """Give what became known since; the same may be given again."""
        ...

    def replies(self) -> Sequence[Reply]:
        """Give what people answered since; the same may be given again."""
        ...
