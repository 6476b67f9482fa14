"""A delivery of vaccine as a table: vaccine, lot, expiry, quantity."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from edge.campaign.mistakes import Mistake
from edge.campaign.tables import Row, RowError, ValidRow, needed, read_table
from edge.domain.catalogue import Lot

COLUMNS = ("vaccine", "lot", "expiry", "quantity")
_LONGEST_LOT = 20
"""Characters: GS1's batch or lot number (AI 10)."""


def read_stock(path: Path) -> Iterator[ValidRow[Lot] | Mistake]:
    """Read the lots of a delivery."""

    def make(row: Row) -> Lot:
        lot = needed(row, "lot")
        if len(lot) > _LONGEST_LOT:
            raise RowError("lot", "csv.lot", "lot is longer than 20 characters.")
        try:
            expiry = date.fromisoformat(needed(row, "expiry"))
        except ValueError:
            raise RowError(
                "expiry",
                "csv.date",
                "{column} is not a date. Write it as 2026-11-24.",
                column="expiry",
            ) from None
        quantity = needed(row, "quantity")
        if not (quantity.isascii() and quantity.isdigit() and 0 < int(quantity[:9]) <= 100_000):
            raise RowError(
                "quantity", "csv.quantity", "quantity must be a whole number from 1 to 100000."
            )
        return Lot(vaccine=needed(row, "vaccine"), lot=lot, expiry=expiry, quantity=int(quantity))

    return read_table(path, [COLUMNS], make)
