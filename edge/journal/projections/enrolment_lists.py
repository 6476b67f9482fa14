"""Rows of lists of people that the nation expects here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.journal.entry import Entry
from edge.journal.projections.search import forget_person

if TYPE_CHECKING:
    from sqlite_utils import Database


def list_told(db: Database, entry: Entry) -> None:
    """Put a list in place of its earlier edition; who was named in that is remembered."""
    body = entry.body
    db.execute(
        "INSERT OR REPLACE INTO enrolment_list (name, edition, programme, told_at)"
        " VALUES (?, ?, ?, ?)",
        (body["list"], body["edition"], body["programme"], entry.document["at"]),
    )
    db.execute("DELETE FROM enrolment_piece WHERE list = ?", (body["list"],))
    for place, piece in enumerate(body["pieces"], 1):
        db.execute(
            "INSERT INTO enrolment_piece (list, hash, place, people) VALUES (?, ?, ?, ?)",
            (body["list"], piece["hash"], place, piece["people"]),
        )


def piece_taken(db: Database, entry: Entry) -> None:
    """Note a piece that was taken, and who is named in it."""
    body = entry.body
    db.execute(
        "UPDATE enrolment_piece SET taken_at = ?, held = ? WHERE list = ? AND hash = ?",
        (entry.document["at"], len(body["held"]), body["list"], body["piece"]),
    )
    for person in body["people"]:
        db.execute(
            "INSERT OR REPLACE INTO enrolment_member (list, person, edition) VALUES (?, ?, ?)",
            (body["list"], person, body["edition"]),
        )


def enrolments_withdrawn(db: Database, entry: Entry) -> None:
    """Take people away whom a list names no more, and who were never seen here."""
    for person in entry.body["people"]:
        forget_person(db, person)
        for table, column in (("person", "id"), ("enrolment_member", "person")):
            db.execute(f"DELETE FROM {table} WHERE {column} = ?", (person,))  # noqa: S608
