"""A delivery of vaccine as a table: vaccine, lot, expiry, quantity."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edge.campaign.mistakes import Mistake
from edge.campaign.tables import Row, RowError, ValidRow, needed, read_table
from edge.domain.catalogue import Lot
from edge.domain.errors import BadInput
from edge.domain.lots import LONGEST_LOT, expiry_day, lot_key, lot_number

COLUMNS = ("vaccine", "lot", "expiry", "quantity")


def read_stock(path: Path) -> Iterator[ValidRow[Lot] | Mistake]:
    """Read the lots of a delivery."""

    def make(row: Row) -> Lot:
        lot = needed(row, "lot")
        if len(lot_key(lot)) > LONGEST_LOT:
            raise RowError("lot", "csv.lot", "lot is longer than 20 characters.")
        try:
            expiry = expiry_day(needed(row, "expiry"))
        except BadInput:
            raise RowError(
                "expiry",
                "csv.date",
                "{column} is not a date. Write it as 2026-11-24, or as 2026-11 for its last day.",
                column="expiry",
            ) from None
        quantity = needed(row, "quantity")
        if not (quantity.isascii() and quantity.isdigit() and 0 < int(quantity[:9]) <= 100_000):
            raise RowError(
                "quantity", "csv.quantity", "quantity must be a whole number from 1 to 100000."
            )
        return Lot(
            vaccine=needed(row, "vaccine"),
            lot=lot_number(lot),
            expiry=expiry,
            quantity=int(quantity),
        )

    return read_table(path, [COLUMNS], make)
