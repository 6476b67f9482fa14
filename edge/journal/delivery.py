"""What the nation has of what happened here: counted here, vouched for there, compared by hash."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from edge.journal.settings import setting
from sync.protocol.entries import own_epoch
from sync.protocol.errors import ProtocolError
from sync.protocol.keys import public_key
from sync.protocol.receipts import Receipt, check_receipt

if TYPE_CHECKING:
    from sqlite_utils import Database

REGISTRY = "registry"
"""The name of the registry's follower, under which its receipt is kept."""
REGISTRY_KEY = "registry-key"
"""The setting that holds the registry's public key since the enrolment."""
HEARD = "stick-heard"
"""The setting of the instant of the last answer that came by stick."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """``delivered`` of ``recorded`` entries are covered by the latest receipt, of ``heard_at``."""

    recorded: int
    delivered: int
    heard_at: str

    @property
    def complete(self) -> bool:
        """Everything here is there."""
        return self.recorded == self.delivered


def delivery(db: Database, follower: str) -> Delivery:
    """Count entries and what a follower's receipt covers: only one whose hash is ours counts.

    It covers everything through its entry, over all epochs: none is taken in before its parent.
    """
    recorded = db.execute("SELECT count(*) FROM entry").fetchone()[0]
    covered, heard = 0, ""
    for epoch, number, hash_, receipt in db.execute(
        "SELECT epoch, number, hash, receipt FROM delivery WHERE target = ?", (follower,)
    ).fetchall():
        ours = db.execute(
            "SELECT position, hash FROM entry WHERE epoch = ? AND number = ?",
            (own_epoch(epoch), number),
        ).fetchone()
        if ours is not None and ours[1] == hash_ and ours[0] >= covered:
            covered, heard = ours[0], str(json.loads(receipt).get("at", ""))
    return Delivery(recorded=recorded, delivered=covered, heard_at=heard)


@dataclass(frozen=True, slots=True)
class Proof:
    """Of ``doses`` given on ``day``, ``proven`` are covered by ``receipt``.

    ``receipt`` is None when there is none whose signature is the registry's and whose hash is
    ours. ``recorded`` and ``covered`` count entries of all days.
    """

    day: date
    doses: int
    proven: int
    recorded: int
    covered: int
    receipt: Receipt | None

    @property
    def complete(self) -> bool:
        """Every dose of the day is there."""
        return self.receipt is not None and self.doses == self.proven


def prove(db: Database, day: date) -> Proof:
    """Compare what is recorded of a day with what the latest receipt vouches for."""
    receipt, covered = _receipt(db)
    doses, proven = db.execute(
        "SELECT count(*), ifnull(sum(entry.position <= ?), 0) FROM dose"
        " JOIN entry ON entry.id = dose.id WHERE given_on = ? AND reported = 0"
        " AND withdrawn_at = ''",
        (covered, day.isoformat()),
    ).fetchone()
    recorded = db.execute("SELECT count(*) FROM entry").fetchone()[0]
    return Proof(day, doses, proven, recorded, covered, receipt)


def _receipt(db: Database) -> tuple[Receipt | None, int]:
    """Find the latest receipt and the position it covers; believe neither file nor memory."""
    key = setting(db, REGISTRY_KEY)
    kept = db.execute("SELECT receipt FROM delivery WHERE target = ?", (REGISTRY,)).fetchone()
    if not key or kept is None:
        return None, 0
    try:
        receipt = check_receipt(json.loads(kept[0]), public_key(key))
    except (ProtocolError, ValueError):
        return None, 0
    ours = db.execute(
        "SELECT position, hash FROM entry WHERE epoch = ? AND number = ?",
        (own_epoch(receipt.epoch), receipt.number),
    ).fetchone()
    if ours is None or ours[1] != receipt.hash:
        return None, 0
    return receipt, ours[0]


def heard_by_stick(db: Database) -> str:
    """Give the instant of the last answer that came by stick, by the registry's clock, or empty."""
    return setting(db, HEARD)
