"""The journal as the registry's follower sees it."""

from __future__ import annotations

import json

from edge.journal.journal import Journal
from sync.follower import Stored
from sync.protocol import Receipt

TARGET = "registry"


class JournalSource:
    """Reads entries by epoch and number, and keeps the receipts beside them."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def epochs(self) -> list[tuple[str, int]]:
        """Give every epoch and its last number, oldest first."""
        with self._journal.reading() as db:
            return [
                (row[0], row[1])
                for row in db.execute(
                    "SELECT epoch, max(number) FROM entry GROUP BY epoch ORDER BY min(position)"
                )
            ]

    def after(self, epoch: str, number: int, limit: int) -> list[Stored]:
        """Give an epoch's entries behind a number."""
        with self._journal.reading() as db:
            return [
                Stored(*row)
                for row in db.execute(
                    "SELECT number, hash, content FROM entry WHERE epoch = ? AND number > ?"
                    " ORDER BY number LIMIT ?",
                    (epoch, number, limit),
                )
            ]

    def hash_at(self, epoch: str, number: int) -> str | None:
        """Give the hash of one entry."""
        with self._journal.reading() as db:
            row = db.execute(
                "SELECT hash FROM entry WHERE epoch = ? AND number = ?", (epoch, number)
            ).fetchone()
        return row[0] if row else None

    def keep(self, receipt: Receipt) -> None:
        """Remember the latest receipt of an epoch, durably."""
        with self._journal.reading() as db:
            row = db.execute(
                "SELECT number, hash FROM delivery WHERE target = ? AND epoch = ?",
                (TARGET, receipt.epoch),
            ).fetchone()
        document = json.dumps({**receipt.document(), "signature": receipt.signature})
        if row == (receipt.number, receipt.hash):
            return
        self._journal.run(
            lambda unit: unit.db.execute(
                "INSERT OR REPLACE INTO delivery (target, epoch, number, hash, receipt)"
                " VALUES (?, ?, ?, ?, ?)",
                (TARGET, receipt.epoch, receipt.number, receipt.hash, document),
            )
        )

    def forget(self, epoch: str) -> None:
        """Remember that the registry holds nothing of an epoch any more."""
        with self._journal.reading() as db:
            known = db.execute(
                "SELECT 1 FROM delivery WHERE target = ? AND epoch = ?", (TARGET, epoch)
            ).fetchone()
        if known:
            self._journal.run(
                lambda unit: unit.db.execute(
                    "DELETE FROM delivery WHERE target = ? AND epoch = ?", (TARGET, epoch)
                )
            )
