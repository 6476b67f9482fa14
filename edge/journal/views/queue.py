"""Who waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.domain.people import Person
from edge.journal.views.columns import of_table
from edge.journal.views.people import PERSON_COLUMNS, person_of

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class QueueRow:
    """Somebody in the queue; ``arrived_at`` is an instant in ISO 8601."""

    person: Person
    programme: str
    arrived_at: str


def queue(db: Database) -> list[QueueRow]:
    """Give those who wait, longest first."""
    return [
        QueueRow(person_of(row[2:]), row[0], row[1])
        for row in db.execute(
            f"SELECT queue.programme, queue.arrived_at, {of_table('person', PERSON_COLUMNS)}"  # noqa: S608
            " FROM queue JOIN person ON person.id = queue.person ORDER BY queue.position"
        )
    ]
