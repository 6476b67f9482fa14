"""What the registry keeps of lists of people: their pieces, sealed to the registry itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sync.registry.store.records import ListPiece, PublishedList


class EnrolmentLists(Protocol):
    """Keeps the newest edition of each list."""

    def publish_list(self, published: PublishedList, pieces: Sequence[ListPiece]) -> bool:
        """Keep a list in place of its earlier edition, whose pieces are forgotten.

        False, and nothing done, if the one that is kept is as new.
        """
        ...

    def published_list(self, name: str) -> PublishedList | None:
        """Find a list."""
        ...

    def published_lists(self) -> list[PublishedList]:
        """Give the lists, by their names."""
        ...

    def pieces_of_list(self, name: str) -> list[ListPiece]:
        """Give the pieces of a list for all facilities, in order, without what is in them."""
        ...

    def pieces_of_facility(self, facility: str) -> list[ListPiece]:
        """Give the pieces of all lists for one facility, in order, without what is in them."""
        ...

    def sealed_piece(self, facility: str, hash_: str) -> str | None:
        """Give a piece of a facility as it is kept: sealed, in base64."""
        ...
