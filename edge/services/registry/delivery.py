"""How much of what happened here the nation has, proven by its receipt."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync.protocol.entries import own_epoch

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Delivery:
    """``delivered`` of ``recorded`` entries are covered by the latest receipt, of ``heard_at``."""

    recorded: int
    delivered: int
    heard_at: str

    @property
    def complete(self) -> bool:
        """Everything here is there."""
        return self.recorded == self.delivered


def delivery(db: Database, target: str) -> Delivery:
    """Count entries and what the receipt covers: only one whose hash is ours covers anything.

    It covers everything through its entry, over all epochs: none is taken in before its parent.
    """
    recorded = db.execute("SELECT count(*) FROM entry").fetchone()[0]
    covered, heard = 0, ""
    for epoch, number, hash_, receipt in db.execute(
        "SELECT epoch, number, hash, receipt FROM delivery WHERE target = ?", (target,)
    ).fetchall():
        ours = db.execute(
            "SELECT position, hash FROM entry WHERE epoch = ? AND number = ?",
            (own_epoch(epoch), number),
        ).fetchone()
        if ours is not None and ours[1] == hash_ and ours[0] >= covered:
            covered, heard = ours[0], str(json.loads(receipt).get("at", ""))
    return Delivery(recorded, covered, heard)
