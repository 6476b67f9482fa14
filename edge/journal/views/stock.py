"""The lots at the site."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from edge.domain.catalogue import Lot

if TYPE_CHECKING:
    from sqlite_utils import Database


def lots(db: Database) -> list[Lot]:
    """Give every lot at the site, first to expire first; the quantity is what is left."""
    return [
        Lot(vaccine=row[0], lot=row[1], expiry=date.fromisoformat(row[2]), quantity=row[3])
        for row in db.execute(
            "SELECT vaccine, lot, expiry, received - given FROM stock ORDER BY expiry, vaccine, lot"
        )
    ]


def lot(db: Database, vaccine: str, lot_number: str) -> Lot | None:
    """Find one lot of a vaccine."""
    row = db.execute(
        "SELECT vaccine, lot, expiry, received - given FROM stock WHERE vaccine = ? AND lot = ?",
        (vaccine, lot_number),
    ).fetchone()
    if row is None:
        return None
    return Lot(vaccine=row[0], lot=row[1], expiry=date.fromisoformat(row[2]), quantity=row[3])
