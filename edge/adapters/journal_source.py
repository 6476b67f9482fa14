"""The journal as a follower of a registry sees it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from edge.domain.disk import Purpose
from edge.journal.delivery import REGISTRY
from edge.journal.entries import find_place, last_position, place_at, rows_after, rows_of_types
from edge.journal.journal import Journal
from edge.journal.receipts import Kept, keep_receipt, kept_receipt
from edge.journal.settings import keep_setting, setting
from sync.protocol.receipts import Receipt
from sync.site.source import Branch, JournalEntry, Tip

_HOUR = len("2026-11-24T12")


class JournalSource:
    """Reads entries by their places, and keeps a follower's latest receipt beside them."""

    def __init__(self, journal: Journal, follower: str = REGISTRY) -> None:
        self._journal = journal
        self._follower = follower
        self._branches = f"{follower}.branches"

    def last(self) -> int:
        """Give the position of the last entry; 0 if there is none."""
        with self._journal.reading() as db:
            return last_position(db)

    def tips(self, before: int, limit: int) -> list[Tip]:
        """Give the last entry of each epoch that ends at or before a position, newest first."""
        found: list[Tip] = []
        with self._journal.reading() as db:
            while before > 0 and len(found) < limit:
                epoch, number = place_at(db, before)
                found.append(Tip(epoch, number, before))
                before -= number  # numbers count from 1 without gaps, and so do positions
        return found

    def after(self, position: int, limit: int) -> list[JournalEntry]:
        """Give the entries behind a position, of one epoch only."""
        with self._journal.reading() as db:
            rows = [JournalEntry(*row) for row in rows_after(db, position, limit)]
        return [row for row in rows if row.epoch == rows[0].epoch]

    def urgent(self, position: int, types: Sequence[str], limit: int) -> list[JournalEntry]:
        """Give the entries of some types behind a position, oldest first."""
        with self._journal.reading() as db:
            return [JournalEntry(*row) for row in rows_of_types(db, types, position, limit)]

    def find(self, epoch: str, number: int) -> tuple[int, str] | None:
        """Give the position and the hash of one entry."""
        with self._journal.reading() as db:
            return find_place(db, epoch, number)

    def kept(self) -> Receipt | None:
        """Give the latest receipt."""
        row = self._row()
        try:
            return Receipt(**json.loads(row[3])) if row else None
        except (TypeError, ValueError):  # of software from before this one: ask anew
            return None

    def branches(self) -> Mapping[str, Branch]:
        """Give the epochs of which the registry holds another history, too."""
        with self._journal.reading() as db:
            kept = setting(db, self._branches) or "{}"
        return {epoch: Branch(*told) for epoch, told in json.loads(kept).items()}

    def keep_branch(self, epoch: str, branch: Branch) -> None:
        """Remember, durably, where the registry's history of an epoch parts from ours."""
        known = {**self.branches(), epoch: branch}
        told = json.dumps({name: [one.after, one.name] for name, one in known.items()})
        self._journal.run(lambda unit: keep_setting(unit.db, self._branches, told), Purpose.UPKEEP)

    def keep(self, receipt: Receipt | None) -> None:
        """Remember the latest receipt, durably; None: the registry holds nothing of this site.

        One that proves no more than the one before is written down once an hour: that it was heard
        tells later that an answer on a stick is older, and is not worth a commit a minute.
        """
        row, known = self._row(), self.kept()
        place = (receipt.epoch, receipt.number, receipt.hash) if receipt else None
        if place == (row[:3] if row else None) and (
            receipt is None or (known is not None and receipt.at[:_HOUR] == known.at[:_HOUR])
        ):
            return
        kept = (*place, json.dumps(receipt.whole())) if place and receipt else None
        self._journal.run(lambda unit: keep_receipt(unit.db, self._follower, kept), Purpose.UPKEEP)

    def _row(self) -> Kept | None:
        with self._journal.reading() as db:
            return kept_receipt(db, self._follower)
