"""What a plug-in of this kind is asked, and all that it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from edge.plugins.contract import READY, Health, Need, Provider


@dataclass(frozen=True, slots=True)
class TypedNumber:
    """A number as somebody typed it, with digits 0 to 9 and plain dashes, and no blank around.

    ``country`` is the campaign's (ISO 3166-1 alpha-2), ``issued_by`` the state whose papers are
    named by their number alone (three letters, ICAO Doc 9303), or empty. Nothing else of the person
    is told.
    """

    text: str = field(repr=False)
    country: str = ""
    issued_by: str = ""


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A card as it was scanned or typed off; only a type that ``reads_cards`` is shown any.

    Of a card with a good signature ``format`` names how it is written and ``claims`` are what it
    says, as the site's verifier read it; both are empty for a card that nobody signed.
    """

    text: str = field(repr=False)
    format: str = ""
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    today: date = date.min
    issued_by: str = ""


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a card says of its holder; empty where it says nothing.

    ``number`` is as :meth:`IdentityType.read` gives it, ``birth`` a day or a year (ISO 8601),
    ``gender`` one of DIVOC's words, ``until`` the last day of the card itself.
    """

    number: str = field(repr=False)
    name: str = field(default="", repr=False)
    passport_name: str = field(default="", repr=False)
    birth: str = field(default="", repr=False)
    gender: str = ""
    signed: bool = False
    until: date | None = None


class IdentityType(Provider, Protocol):
    """A kind of number or paper that says who somebody is.

    It is asked at a tablet while somebody waits: it asks nobody beyond the site.
    """

    @property
    def reads_cards(self) -> bool:
        """Whether it reads more than a number: a code, or lines that a machine can read."""
        ...

    def read(self, typed: TypedNumber) -> str:
        """Give a number in its one spelling, of letters, digits and dashes.

        Raises :class:`BadInput` with the field ``identity``; its text holds nothing of the number.
        """
        ...

    def scan(self, shown: ShownCard) -> CardFacts | None:
        """Read a card; None for one that is not of this kind.

        Raises :class:`BadInput` for one that is, and has a mistake.
        """
        ...


class NumberType:
    """What every type has that reads numbers, and no cards, and needs nothing."""

    needs: frozenset[Need] = frozenset()
    reads_cards = False

    def health(self) -> Health:
        """Be ready: nothing is needed."""
        return READY

    def scan(self, shown: ShownCard) -> CardFacts | None:  # noqa: ARG002
        """Read no card."""
        return None
