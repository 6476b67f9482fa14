"""Who is signed in, and who failed to: the node's own tables, beside the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def open_session(db: Database, token_hash: str, staff: str, now: str, device: str = "") -> None:
    """Remember a session by the hash of its token, with the paired tablet it is on, if any."""
    db.execute(
        "INSERT INTO session (token_hash, staff, created_at, device) VALUES (?, ?, ?, ?)",
        (token_hash, staff, now, device),
    )


def session(db: Database, token_hash: str) -> tuple[str, str, str] | None:
    """Give a session's staff code, its beginning, and its tablet."""
    row = db.execute(
        "SELECT staff, created_at, device FROM session WHERE token_hash = ?", (token_hash,)
    ).fetchone()
    return (row[0], row[1], row[2]) if row else None


def close_session(db: Database, token_hash: str) -> None:
    """Forget a session."""
    db.execute("DELETE FROM session WHERE token_hash = ?", (token_hash,))


def close_sessions_of(db: Database, staff: str) -> None:
    """Forget every session of a staff code."""
    db.execute("DELETE FROM session WHERE staff = ?", (staff,))


def drop_before(db: Database, moment: str) -> None:
    """Forget the sessions and failures of an earlier time."""
    db.execute("DELETE FROM session WHERE created_at < ?", (moment,))
    db.execute("DELETE FROM pin_failure WHERE at < ?", (moment,))


def pin_verifier(db: Database, staff: str) -> str:
    """Give the PIN verifier set at this site, empty for none."""
    row = db.execute("SELECT verifier FROM pin WHERE staff = ?", (staff,)).fetchone()
    return str(row[0]) if row else ""


def record_failure(db: Database, staff: str, now: str) -> None:
    """Count a wrong PIN."""
    db.execute("INSERT INTO pin_failure (staff, at) VALUES (?, ?)", (staff, now))


def failures_since(db: Database, staff: str, moment: str) -> int:
    """Count the wrong PINs of a code since a moment."""
    row = db.execute(
        "SELECT count(*) FROM pin_failure WHERE staff = ? AND at >= ?", (staff, moment)
    ).fetchone()
    return int(row[0])


def forget_failures(db: Database, staff: str) -> None:
    """Start counting afresh after a right PIN or a new one."""
    db.execute("DELETE FROM pin_failure WHERE staff = ?", (staff,))
