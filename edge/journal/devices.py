"""Which tablets are paired, and the secrets with which more may be: the node's own tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.device import Device
from sync.protocol.instants import read_instant

if TYPE_CHECKING:
    from sqlite_utils import Database

_COLUMNS = "id, name, paired_at, paired_by, seen_at, revoked_at"


def keep_pairing(
    db: Database, secret_hash: str, name: str, made_at: str, ends_at: str, by: str
) -> None:
    """Remember a secret with which one tablet may be paired, by its hash; drop those that ended."""
    db.execute("DELETE FROM pairing WHERE ends_at < ?", (made_at,))
    db.execute(
        "INSERT INTO pairing (secret_hash, name, made_at, ends_at, made_by) VALUES (?, ?, ?, ?, ?)",
        (secret_hash, name, made_at, ends_at, by),
    )


def has_pairing(db: Database, secret_hash: str) -> bool:
    """Say whether a secret was given out and not used, also one whose time is over."""
    found = db.execute("SELECT 1 FROM pairing WHERE secret_hash = ?", (secret_hash,)).fetchone()
    return found is not None


def use_pairing(db: Database, secret_hash: str, now: str) -> tuple[str, str] | None:
    """Use a secret up, and give the name it was made for and who made it; None if it is none.

    One that is not yet over by a clock that was set back counts no more either.
    """
    row = db.execute(
        "SELECT name, made_by, made_at <= ? AND ? < ends_at FROM pairing WHERE secret_hash = ?",
        (now, now, secret_hash),
    ).fetchone()
    db.execute("DELETE FROM pairing WHERE secret_hash = ?", (secret_hash,))
    return (row[0], row[1]) if row and row[2] else None


def keep_device(db: Database, id_: str, key_hash: str, name: str, now: str, by: str) -> None:
    """Remember a tablet that was paired, by the hash of its key."""
    db.execute(
        "INSERT INTO device (id, key_hash, name, paired_at, paired_by, seen_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (id_, key_hash, name, now, by, now),
    )


def device_with(db: Database, key_hash: str) -> Device | None:
    """Give the tablet with a key, also one that was revoked."""
    row = db.execute(f"SELECT {_COLUMNS} FROM device WHERE key_hash = ?", (key_hash,)).fetchone()  # noqa: S608  (our own names)
    return _device(row) if row else None


def device(db: Database, id_: str) -> Device | None:
    """Give a tablet by its id."""
    row = db.execute(f"SELECT {_COLUMNS} FROM device WHERE id = ?", (id_,)).fetchone()  # noqa: S608
    return _device(row) if row else None


def all_devices(db: Database) -> list[Device]:
    """Give every tablet: first those in use, the last seen first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM device ORDER BY revoked_at <> '', seen_at DESC, id"  # noqa: S608
    ).fetchall()
    return [_device(row) for row in rows]


def count_in_use(db: Database) -> int:
    """Count the tablets that are paired."""
    return int(db.execute("SELECT count(*) FROM device WHERE revoked_at = ''").fetchone()[0])


def see_device(db: Database, id_: str, now: str) -> None:
    """Write down that a tablet was here."""
    db.execute("UPDATE device SET seen_at = ? WHERE id = ?", (now, id_))


def revoke_device(db: Database, id_: str, now: str, by: str) -> None:
    """Let a tablet in no more, and end what was signed in on it."""
    db.execute(
        "UPDATE device SET revoked_at = ?, revoked_by = ? WHERE id = ? AND revoked_at = ''",
        (now, by, id_),
    )
    db.execute("DELETE FROM session WHERE device = ?", (id_,))


def _device(row: tuple[str, ...]) -> Device:
    id_, name, paired_at, paired_by, seen_at, revoked_at = row
    return Device(
        id_,
        name,
        read_instant(paired_at),
        paired_by,
        read_instant(seen_at),
        read_instant(revoked_at) if revoked_at else None,
    )
