"""Who is signed in: the node's own table, beside the journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

_COLUMNS = "token_hash, staff, created_at, seen_at, standing, address, device"


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session: the hash of its token, whose, since when, last used, from which address.

    ``standing`` is a digest of the roles and the PIN under which it was opened, ``device`` the
    paired tablet it is on, empty for another.
    """

    key: str
    staff: str
    since: str
    seen: str
    standing: str
    address: str
    device: str = ""


def open_session(db: Database, row: SessionRow) -> None:
    """Remember a session."""
    db.execute(
        f"INSERT INTO session ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        (row.key, row.staff, row.since, row.seen, row.standing, row.address, row.device),
    )


def session(db: Database, key: str) -> SessionRow | None:
    """Give a session by the hash of its token."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM session WHERE token_hash = ?",  # noqa: S608
        (key,),
    ).fetchone()
    return SessionRow(*row) if row else None


def all_sessions(db: Database) -> list[SessionRow]:
    """Give every session, the one used last first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM session ORDER BY seen_at DESC, token_hash"  # noqa: S608
    )
    return [SessionRow(*row) for row in rows]


def saw_sessions(db: Database, seen: dict[str, str]) -> None:
    """Write down when sessions were last used: instants by the hashes of tokens."""
    for key, at in seen.items():
        db.execute("UPDATE session SET seen_at = ? WHERE token_hash = ?", (at, key))


def close_session(db: Database, key: str) -> None:
    """Forget a session."""
    db.execute("DELETE FROM session WHERE token_hash = ?", (key,))


def close_sessions_of(db: Database, staff: str) -> None:
    """Forget every session of a staff code."""
    db.execute("DELETE FROM session WHERE staff = ?", (staff,))


def drop_before(db: Database, moment: str) -> None:
    """Forget the sessions of an earlier time."""
    db.execute("DELETE FROM session WHERE created_at < ?", (moment,))


def pin_verifier(db: Database, staff: str) -> str:
    """Give the PIN verifier set at this site, empty for none."""
    row = db.execute("SELECT verifier FROM pin WHERE staff = ?", (staff,)).fetchone()
    return str(row[0]) if row else ""


def staff_with_pins(db: Database) -> set[str]:
    """Give the codes of those with a PIN that was set at this site."""
    return {str(row[0]) for row in db.execute("SELECT staff FROM pin WHERE verifier <> ''")}
