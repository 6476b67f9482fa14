"""How far the lists of people are whom the nation expects here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class ListProgress:
    """How far a list is here: ``taken`` of its ``people`` came, of whom ``held`` wait for a word.

    ``missing`` counts pieces.
    """

    name: str
    programme: str
    people: int
    taken: int
    held: int
    missing: int


def list_progress(db: Database) -> tuple[ListProgress, ...]:
    """Give how far each list is; one that was withdrawn is left out."""
    rows = db.execute(
        "SELECT list.name, list.programme, sum(piece.people),"
        " sum(iif(piece.taken_at <> '', piece.people, 0)), sum(piece.held),"
        " sum(piece.taken_at = '') FROM enrolment_list AS list"
        " JOIN enrolment_piece AS piece ON piece.list = list.name"
        " GROUP BY list.name ORDER BY list.name"
    )
    return tuple(ListProgress(*row) for row in rows)
