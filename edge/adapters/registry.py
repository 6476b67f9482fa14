"""The journal as the registry's follower sees it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from edge.journal.journal import Journal
from edge.journal.unit import Unit
from sync.follower import Stored, Tip
from sync.receipts import Receipt

TARGET = "registry"


class JournalSource:
    """Reads entries by their places, and keeps the latest receipt beside them."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def last(self) -> int:
        """Give the position of the last entry; 0 if there is none."""
        with self._journal.reading() as db:
            return int(db.execute("SELECT ifnull(max(position), 0) FROM entry").fetchone()[0])

    def tips(self, before: int, limit: int) -> list[Tip]:
        """Give the last entry of each epoch that ends at or before a position, newest first."""
        found: list[Tip] = []
        with self._journal.reading() as db:
            while before > 0 and len(found) < limit:
                epoch, number = db.execute(
                    "SELECT epoch, number FROM entry WHERE position = ?", (before,)
                ).fetchone()
                found.append(Tip(epoch, number, before))
                before -= number  # numbers count from 1 without gaps, and so do positions
        return found

    def after(self, position: int, limit: int) -> list[Stored]:
        """Give the entries behind a position, of one epoch only."""
        with self._journal.reading() as db:
            rows = [
                Stored(*row)
                for row in db.execute(
                    "SELECT position, epoch, number, hash, content FROM entry"
                    " WHERE position > ? ORDER BY position LIMIT ?",
                    (position, limit),
                )
            ]
        return [row for row in rows if row.epoch == rows[0].epoch]

    def urgent(self, position: int, types: Sequence[str], limit: int) -> list[Stored]:
        """Give the entries of some types behind a position, oldest first."""
        marks = ", ".join("?" for _ in types)
        with self._journal.reading() as db:
            return [
                Stored(*row)
                for row in db.execute(
                    "SELECT position, epoch, number, hash, content FROM entry"  # noqa: S608
                    " WHERE position > ?"
                    f" AND type IN ({marks}) ORDER BY position LIMIT ?",
                    (position, *types, limit),
                )
            ]

    def find(self, epoch: str, number: int) -> tuple[int, str] | None:
        """Give the position and the hash of one entry."""
        with self._journal.reading() as db:
            row = db.execute(
                "SELECT position, hash FROM entry WHERE epoch = ? AND number = ?", (epoch, number)
            ).fetchone()
        return (row[0], row[1]) if row else None

    def keep(self, receipt: Receipt | None) -> None:
        """Remember the latest receipt, durably; None: the registry holds nothing of this site."""
        with self._journal.reading() as db:
            row = db.execute(
                "SELECT epoch, number, hash FROM delivery WHERE target = ?", (TARGET,)
            ).fetchone()
        place = (receipt.epoch, receipt.number, receipt.hash) if receipt else None
        if row == place:
            return
        document = json.dumps(receipt.whole()) if receipt else ""

        def write(unit: Unit) -> None:
            unit.db.execute("DELETE FROM delivery WHERE target = ?", (TARGET,))
            if place:
                unit.db.execute(
                    "INSERT INTO delivery (target, epoch, number, hash, receipt)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (TARGET, *place, document),
                )

        self._journal.run(write)
