"""What a follower is: it is given entries in order, and says of each what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from edge.domain.errors import EdgeError
from edge.journal.entry import Entry

DELIVERED, REFUSED, LATER = "delivered", "refused", "later"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one entry: ``state`` is ``delivered``, ``refused`` or ``later``.

    ``refused`` is for good, until a technician asks again; ``later`` keeps the entry aside while
    others go on, for ``seconds`` (None: ever longer). ``sentence`` is a template with ``values``;
    neither ever holds anybody's data.
    """

    state: str = DELIVERED
    code: str = ""
    sentence: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """Verdicts on the first of the entries, in their order; the rest is offered again.

    ``trouble`` says why it stopped there. A temporary one is tried again by itself; one that is
    not is, too, and shown: nothing is skipped.
    """

    verdicts: Sequence[Verdict]
    trouble: EdgeError | None = None


class Follower(Protocol):
    """Brings entries to one place; the runner keeps cursor, verdicts and times to try again.

    ``types`` are those it is given; None: all, also those that this version does not know.
    ``most``: entries at a time. ``every``: seconds between looks for new ones.
    """

    @property
    def types(self) -> frozenset[str] | None:
        """The types of entries it wants."""
        ...

    @property
    def most(self) -> int:
        """Entries at a time, at the most."""
        ...

    @property
    def every(self) -> float:
        """Seconds between looks."""
        ...

    def deliver(self, entries: Sequence[Entry]) -> Result:
        """Deliver entries, oldest first, within a minute; the same ones may come again.

        It may raise: :class:`EdgeError` or ``OSError`` is a trouble before the first entry.
        Anything else is a fault of the follower's; the entry that causes it is found, tried a few
        times, and then refused.
        """
        ...
