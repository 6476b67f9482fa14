"""Rows of appointments, and of who came.

An appointment keeps its place in a slot until an entry frees it: it is cancelled, or the person
died or moved away. Whether somebody came is no row of it: it follows from arrivals and doses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.journal.entry import Entry

if TYPE_CHECKING:
    from sqlite_utils import Database


def appointment_booked(db: Database, entry: Entry) -> None:
    """Add an appointment."""
    body = entry.body
    db.execute(
        "INSERT INTO appointment (id, person, programme, facility, on_day, hours, source,"
        " booked_at, booked_by, position) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.id,
            body["person"],
            body["programme"],
            body["facility"],
            body["on"],
            body.get("slot", ""),
            body["source"],
            entry.document["at"],
            entry.document["by"],
            entry.position,
        ),
    )


def appointment_moved(db: Database, entry: Entry) -> None:
    """Put an appointment into another slot, behind those who are in it already."""
    body = entry.body
    db.execute(
        "UPDATE appointment SET on_day = ?, hours = ?, changed_at = ?, position = ? WHERE id = ?",
        (
            body["on"],
            body.get("slot", ""),
            entry.document["at"],
            entry.position,
            body["appointment"],
        ),
    )


def appointment_cancelled(db: Database, entry: Entry) -> None:
    """Free the place of an appointment; it stays readable."""
    db.execute(
        "UPDATE appointment SET cancelled_at = ?, reason = ? WHERE id = ? AND cancelled_at = ''",
        (entry.document["at"], entry.body["reason"], entry.body["appointment"]),
    )


def freed_places(db: Database, entry: Entry) -> None:
    """Free the places of somebody who died or moved away, from that day on.

    One at which a dose was given that day was kept. None comes back by itself when the person is
    here again: it may be somebody else's by then.
    """
    body = entry.body
    db.execute(
        "UPDATE appointment SET cancelled_at = ?, freed = ? WHERE cancelled_at = ''"
        " AND on_day >= ? AND person IN (SELECT id FROM person"
        " WHERE kept = (SELECT kept FROM person WHERE id = ?))"
        " AND NOT EXISTS (SELECT 1 FROM dose JOIN person AS given ON given.id = dose.person"
        " WHERE given.kept = (SELECT kept FROM person WHERE id = ?) AND dose.reported = 0"
        " AND dose.withdrawn_at = '' AND dose.given_on = appointment.on_day"
        " AND dose.programme = appointment.programme)",
        (entry.document["at"], body["status"], body["on"], body["person"], body["person"]),
    )


def came(db: Database, entry: Entry) -> None:
    """Keep that somebody came, and when."""
    db.execute(
        "INSERT INTO arrival (position, person, at) VALUES (?, ?, ?)",
        (entry.position, entry.body["person"], entry.document["at"]),
    )
