"""Keeps lists of people in pieces, each sealed to the registry itself."""

from __future__ import annotations

from collections.abc import Sequence

from sync.registry.store.records import ListPiece, PublishedList
from sync.registry.store.sql.database import Session, StoreComponent

_LIST = "name, edition, programme"
_PIECE = "list, facility, place, hash, people"


class EnrolmentLists(StoreComponent):
    """Keeps the newest edition of each list."""

    def publish_list(self, published: PublishedList, pieces: Sequence[ListPiece]) -> bool:
        """Keep a list in place of its earlier edition, whose pieces are forgotten.

        False, and nothing done, if the one that is kept is as new.
        """

        def work(session: Session) -> bool:
            kept = session.run(
                f"INSERT INTO enrolment_list ({_LIST}) VALUES (?, ?, ?) ON CONFLICT (name) DO"
                " UPDATE SET edition = excluded.edition, programme = excluded.programme"
                " WHERE enrolment_list.edition < excluded.edition",
                *(published.name, published.edition, published.programme),
            )
            if kept:
                session.run("DELETE FROM enrolment_piece WHERE list = ?", published.name)
                session.many(
                    f"INSERT INTO enrolment_piece ({_PIECE}, sealed) VALUES (?, ?, ?, ?, ?, ?)",
                    [(*_row(piece), piece.sealed) for piece in pieces],
                )
            return bool(kept)

        return self._database.write(work)

    def published_list(self, name: str) -> PublishedList | None:
        """Find a list."""
        rows = self._rows(f"SELECT {_LIST} FROM enrolment_list WHERE name = ?", name)
        return PublishedList(*rows[0]) if rows else None

    def published_lists(self) -> list[PublishedList]:
        """Give the lists, by their names."""
        rows = self._rows(f"SELECT {_LIST} FROM enrolment_list ORDER BY name")
        return [PublishedList(*row) for row in rows]

    def pieces_of_list(self, name: str) -> list[ListPiece]:
        """Give the pieces of a list for all facilities, in order, without what is in them."""
        return self._pieces("list = ?", name)

    def pieces_of_facility(self, facility: str) -> list[ListPiece]:
        """Give the pieces of all lists for one facility, in order, without what is in them."""
        return self._pieces("facility = ?", facility)

    def sealed_piece(self, facility: str, hash_: str) -> str | None:
        """Give a piece of a facility as it is kept: sealed, in base64."""
        rows = self._rows(
            "SELECT sealed FROM enrolment_piece WHERE facility = ? AND hash = ?", facility, hash_
        )
        return str(rows[0][0]) if rows else None

    def _pieces(self, where: str, value: str) -> list[ListPiece]:
        rows = self._rows(
            f"SELECT {_PIECE} FROM enrolment_piece WHERE {where} ORDER BY list, facility, place",
            value,
        )
        return [ListPiece(*row) for row in rows]


def _row(piece: ListPiece) -> tuple[object, ...]:
    return (piece.list, piece.facility, piece.place, piece.hash, piece.people)
