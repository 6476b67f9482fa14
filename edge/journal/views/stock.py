"""The lots at the site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from edge.domain.catalogue import Lot
from edge.domain.deliveries import document_key
from edge.domain.lots import lot_key

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


def vaccine_of_lot(db: Database, vaccine: str, lot_number: str) -> str:
    """Give another vaccine that a lot is in stock as, where it is not as this one; or nothing."""
    rows = db.execute(
        "SELECT vaccine FROM stock WHERE lot = ? ORDER BY vaccine", (lot_key(lot_number),)
    ).fetchall()
    codes = [code for (code,) in rows]
    return "" if vaccine in codes or not codes else str(codes[0])


def lot_expiry(db: Database, vaccine: str, lot_number: str) -> date | None:
    """Give the expiry of a lot: the stock's, else that of the last dose given here of it."""
    known = lot(db, vaccine, lot_number)
    if known is not None:
        return known.expiry
    row = db.execute(
        "SELECT expiry FROM dose WHERE vaccine = ? AND lot = ? AND reported = 0"
        " AND expiry IS NOT NULL ORDER BY position DESC LIMIT 1",
        (vaccine, lot_key(lot_number)),
    ).fetchone()
    return date.fromisoformat(row[0]) if row else None


def lot(db: Database, vaccine: str, lot_number: str) -> Lot | None:
    """Find one lot of a vaccine, however its number is typed."""
    row = db.execute(
        "SELECT vaccine, lot, expiry, received - given FROM stock WHERE vaccine = ? AND lot = ?",
        (vaccine, lot_key(lot_number)),
    ).fetchone()
    if row is None:
        return None
    return Lot(vaccine=row[0], lot=row[1], expiry=date.fromisoformat(row[2]), quantity=row[3])


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """A line of a delivery that was taken in; ``document`` is empty where nobody gave a number."""

    document: str
    received: date
    vaccine: str
    lot: str
    expiry: date
    quantity: int


def lines_of_document(db: Database, document: str) -> list[ReceivedLine]:
    """Give the lines taken in under a document's number, oldest first."""
    return _lines(db, "same_as = ? AND same_as <> ''", document_key(document))


def lines_without_document(db: Database) -> list[ReceivedLine]:
    """Give the lines taken in without a document's number, oldest first."""
    return _lines(db, "same_as = ?", "")


def _lines(db: Database, where: str, value: str) -> list[ReceivedLine]:
    return [
        ReceivedLine(
            document,
            date.fromisoformat(received),
            vaccine,
            lot_number,
            date.fromisoformat(expiry),
            quantity,
        )
        for document, received, vaccine, lot_number, expiry, quantity in db.execute(
            "SELECT document, received, vaccine, lot, expiry, quantity FROM delivery_line"  # noqa: S608
            f" WHERE {where} ORDER BY position",
            (value,),
        )
    ]
