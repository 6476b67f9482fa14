"""Who waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.domain.people import Person
from edge.journal.views.columns import of_table
from edge.journal.views.people import PERSON_COLUMNS, person_of

if TYPE_CHECKING:
    from sqlite_utils import Database


STILL_WAITS = (
    "queue.waits = 1 AND NOT EXISTS (SELECT 1 FROM person AS same"
    " JOIN queue AS ended ON ended.person = same.id AND ended.waits = 0"
    " WHERE same.kept = own.kept AND ended.position > queue.position)"
)
"""Which places in the queue hold; ``own`` is the person of one. Whoever was given a dose, or left,
under one id waits no longer under another of theirs."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """Somebody in the queue; ``arrived_at`` is an instant in ISO 8601."""

    person: Person
    programme: str
    arrived_at: str


def queue(db: Database) -> list[QueueRow]:
    """Give those who wait, longest first; each person once, for what was asked for first."""
    rows = db.execute(
        "SELECT queue.programme, queue.arrived_at,"  # noqa: S608
        f" {of_table('person', PERSON_COLUMNS)} FROM queue"
        " JOIN person AS own ON own.id = queue.person JOIN person ON person.id = own.kept"
        f" WHERE {STILL_WAITS} ORDER BY queue.position"
    )
    found: dict[str, QueueRow] = {}
    for row in rows.fetchall():
        if row[2] not in found:
            found[row[2]] = QueueRow(person_of(db, row[2:]), row[0], row[1])
    return list(found.values())


def waits_for(db: Database, person_id: str) -> str:
    """Give the programme a person waits for; empty: nobody of that id waits."""
    row = db.execute(
        "SELECT queue.programme FROM queue JOIN person AS own ON own.id = queue.person"  # noqa: S608
        f" WHERE {STILL_WAITS} AND own.kept = (SELECT kept FROM person WHERE id = ?)"
        " ORDER BY queue.position LIMIT 1",
        (person_id,),
    ).fetchone()
    return str(row[0]) if row else ""
