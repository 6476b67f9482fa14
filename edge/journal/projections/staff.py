"""Rows of who may sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.journal.entry import Entry

if TYPE_CHECKING:
    from sqlite_utils import Database


def pin_set(db: Database, entry: Entry) -> None:
    """Replace the verifier of a PIN."""
    db.execute(
        "INSERT OR REPLACE INTO pin (staff, verifier, position) VALUES (?, ?, ?)",
        (entry.body["staff"], entry.body["verifier"], entry.position),
    )
    # Whoever has a PIN by now needs no invitation, however the PIN came to be.
    _end(db, "staff = ?", entry.body["staff"], "pin-set")


def sign_in_method_added(db: Database, entry: Entry) -> None:
    """Keep what somebody signs in with beside a PIN."""
    body = entry.body
    db.execute(
        "INSERT OR IGNORE INTO sign_in_method"
        " (id, staff, method, verifier, label, added_at, added_by, position)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(body[name] for name in ("id", "staff", "method", "verifier")),
            body.get("label", ""),
            entry.document["at"],
            entry.document["by"],
            entry.position,
        ),
    )


def sign_in_method_removed(db: Database, entry: Entry) -> None:
    """Let nobody in by it any more, and keep nothing to check it against."""
    db.execute(
        "UPDATE sign_in_method SET ended = ?, verifier = '' WHERE id = ?",
        (entry.body["why"], entry.body["id"]),
    )


def staff_invited(db: Database, entry: Entry) -> None:
    """Keep an invitation, in place of one that the staff code had."""
    body = entry.body
    _end(db, "staff = ?", body["staff"], "replaced")
    db.execute(
        "INSERT OR IGNORE INTO invitation (id, staff, verifier, issued, expires, position)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            *(body[name] for name in ("invitation", "staff", "verifier", "issued", "expires")),
            entry.position,
        ),
    )


def staff_invitation_taken(db: Database, entry: Entry) -> None:
    """Keep the PIN that the invited person chose, until a supervisor says who that was."""
    db.execute(
        "UPDATE invitation SET pin = ?, taken_at = ?, tablet = ? WHERE id = ? AND ended = ''",
        (
            entry.body["verifier"],
            entry.document["at"],
            entry.body["tablet"],
            entry.body["invitation"],
        ),
    )


def staff_invitation_ended(db: Database, entry: Entry) -> None:
    """Let nobody in by an invitation any more, also where its letter comes only later."""
    db.execute(
        "INSERT OR IGNORE INTO invitation (id, staff, verifier, issued, expires, ended, position)"
        " VALUES (?, '', '', '', '', ?, ?)",
        (entry.body["invitation"], entry.body["why"], entry.position),
    )
    _end(db, "id = ?", entry.body["invitation"], entry.body["why"])


def _end(db: Database, which: str, value: str, why: str) -> None:
    db.execute(
        "UPDATE invitation SET ended = ?, verifier = '', pin = ''"  # noqa: S608
        f" WHERE ended = '' AND {which}",
        (why, value),
    )
