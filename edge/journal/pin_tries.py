"""Who tried which PIN where: the node's own table, beside the journal.

A staff code that nobody has stands as a digest, as people type their PIN where the code belongs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sqlite_utils import Database

Scope = Literal["device", "account", "site", "addresses", "papers"]
Knowing = Literal["stranger", "address", "paired", "guest"]
"""How a tablet is known: not at all; by a right PIN from its address; by its pairing. A guest's
telephone is none: it asks for a certificate."""
_KEPT_AS: Mapping[Knowing, int] = {"paired": 0, "stranger": 1, "address": 2, "guest": 3}
_WHERE: Mapping[Scope, str] = {
    "device": "device = :device",
    "account": "staff = :account AND stranger = 1",
    "site": "stranger = 1",
    "addresses": "staff = :account AND stranger = 2",
    "papers": "staff = :account AND stranger = 3",
}
"""Whose tries count together; of an account and of the site only those of strange tablets, and
of an account those of all that are known by their address alone; of a paper those of all guests."""


def record_try(db: Database, device: str, account: str, now: str, *, known: Knowing) -> int:
    """Count a try as a wrong one before it is looked at; give its number."""
    done = db.execute(
        "INSERT INTO pin_try (device, staff, stranger, at) VALUES (?, ?, ?, ?)",
        (device, account, _KEPT_AS[known], now),
    )
    return int(done.lastrowid or 0)


def right_one(db: Database, device: str, account: str, now: str) -> None:
    """Take back the tries of an account at a device, and remember the right PIN there."""
    db.execute("DELETE FROM pin_try WHERE device = ? AND staff = ?", (device, account))
    db.execute("INSERT OR REPLACE INTO right_pin (device, at) VALUES (?, ?)", (device, now))


def take_back(db: Database, number: int) -> None:
    """Take back one try: its PIN was not looked at."""
    db.execute("DELETE FROM pin_try WHERE id = ?", (number,))


def try_that_must_pass(
    db: Database, scope: Scope, device: str, account: str, span: tuple[str, str], tries: int
) -> str | None:
    """Give the instant of the try that must be over before another is allowed; None: none.

    ``span`` is from when to when tries count; so many of them are allowed.
    """
    row = db.execute(
        f"SELECT at FROM pin_try WHERE {_WHERE[scope]} AND at BETWEEN :since AND :now"  # noqa: S608
        " ORDER BY at DESC LIMIT 1 OFFSET :last",
        {
            "device": device,
            "account": account,
            "since": span[0],
            "now": span[1],
            "last": tries - 1,
        },
    ).fetchone()
    return str(row[0]) if row else None


def known_since(db: Database, device: str, moment: str) -> bool:
    """Say whether a right PIN was given at a device since a moment."""
    found = db.execute("SELECT 1 FROM right_pin WHERE device = ? AND at >= ?", (device, moment))
    return found.fetchone() is not None


def tries_since(db: Database, account: str, moment: str) -> int:
    """Count the wrong PINs of an account since a moment."""
    row = db.execute(
        "SELECT count(*) FROM pin_try WHERE staff = ? AND at >= ?", (account, moment)
    ).fetchone()
    return int(row[0])


def tries_a_device(db: Database, moment: str) -> list[tuple[str, int, str]]:
    """Count the wrong PINs of each device since a moment, with the last one's, most first."""
    rows = db.execute(
        "SELECT device, count(*), max(at) FROM pin_try WHERE at >= ? AND stranger < 3"
        " GROUP BY device"
        " ORDER BY count(*) DESC, device LIMIT 50",
        (moment,),
    )
    return [(str(device), int(count), str(at)) for device, count, at in rows]


def forget_tries(db: Database, account: str) -> None:
    """Start counting afresh for an account: it has a new PIN."""
    db.execute("DELETE FROM pin_try WHERE staff = ?", (account,))


def drop_tries_before(db: Database, moment: str, known: str) -> None:
    """Forget tries before a moment, and devices that had no right PIN since another."""
    db.execute("DELETE FROM pin_try WHERE at < ?", (moment,))
    db.execute("DELETE FROM right_pin WHERE at < ?", (known,))


def remade(db: Database, staff: str, made_from: str) -> str:
    """Give the verifier that was made anew of one with a digest; empty for none."""
    row = db.execute(
        "SELECT verifier FROM pin_remade WHERE staff = ? AND made_from = ?", (staff, made_from)
    ).fetchone()
    return str(row[0]) if row else ""


def keep_remade(db: Database, staff: str, made_from: str, verifier: str) -> None:
    """Keep a verifier that was made anew of one with a digest."""
    db.execute("INSERT OR REPLACE INTO pin_remade VALUES (?, ?, ?)", (staff, made_from, verifier))
