"""How much of what happened here the nation has, proven by its receipts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Delivery:
    """``delivered`` of ``recorded`` entries are covered by receipts; ``heard_at`` of the latest."""

    recorded: int
    delivered: int
    heard_at: str

    @property
    def complete(self) -> bool:
        """Everything here is there."""
        return self.recorded == self.delivered


def delivery(db: Database, target: str) -> Delivery:
    """Count entries and what receipts cover: only a receipt whose hash is ours covers anything."""
    recorded = db.execute("SELECT count(*) FROM entry").fetchone()[0]
    covered, heard = 0, ""
    for epoch, number, hash_, receipt in db.execute(
        "SELECT epoch, number, hash, receipt FROM delivery WHERE target = ?", (target,)
    ).fetchall():
        ours = db.execute(
            "SELECT hash FROM entry WHERE epoch = ? AND number = ?", (epoch, number)
        ).fetchone()
        if ours is not None and ours[0] == hash_:
            covered += number
            heard = max(heard, str(json.loads(receipt).get("at", "")))
    return Delivery(recorded, covered, heard)
