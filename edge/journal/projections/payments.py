"""Rows of payments, and of the cash that each member of staff holds by the book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.journal.entry import Entry
from edge.journal.projections.columns import compact_json

if TYPE_CHECKING:
    from sqlite_utils import Database


def payment_recorded(db: Database, entry: Entry) -> None:
    """Add a payment, in place of one that it replaces; cash goes into its taker's box."""
    body = entry.body
    db.execute(
        "INSERT INTO payment (id, dose, payer, kind, state, amount, currency, party, voucher,"
        " trouble, receipt, facility, taken_by, on_day, at, position)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.id,
            body["dose"],
            body["payer"],
            body["kind"],
            body["state"],
            body["amount"],
            body["currency"],
            body.get("party", ""),
            body.get("voucher", ""),
            body.get("trouble", ""),
            body.get("receipt", 0),
            body["facility"],
            entry.document["by"],
            body["on"],
            entry.document["at"],
            entry.position,
        ),
    )
    db.execute("UPDATE payment SET replaced_by = ? WHERE id = ?",
               (entry.id, body.get("replaces", "")))  # fmt: skip
    if body["state"] == "paid":
        _move(db, entry, entry.document["by"], "paid", body["amount"], payment=entry.id)


def payment_returned(db: Database, entry: Entry) -> None:
    """Mark a payment as given back; cash leaves the box of whoever gave it."""
    body, by = entry.body, entry.document["by"]
    db.execute(
        "UPDATE payment SET returned_at = ?, returned_to = ?, returned_by = ?, return_reason = ?"
        " WHERE id = ?",
        (entry.document["at"], body["to"], by, body["reason"], body["payment"]),
    )
    if body["cash"]:
        _move(db, entry, by, "returned", -body["amount"], reason=body["reason"],
              payment=body["payment"])  # fmt: skip


def cash_counted(db: Database, entry: Entry) -> None:
    """Bring the book to what was counted."""
    body = entry.body
    difference = body["counted"] - body["expected"]
    _move(db, entry, entry.document["by"], "counted", difference, reason=body.get("reason", ""),
          counted=body["counted"])  # fmt: skip


def cash_handed_over(db: Database, entry: Entry) -> None:
    """Move cash from one box to another; what leaves the site goes into none."""
    body, by = entry.body, entry.document["by"]
    kind = "away" if body["away"] else "handed"
    _move(db, entry, by, kind, -body["amount"], other=body["receiver"])
    if not body["away"]:
        _move(db, entry, body["receiver"], "received", body["amount"], other=by)


def voucher_settled(db: Database, entry: Entry) -> None:
    """Keep what the registry decided on a voucher that was spent at several sites."""
    body = entry.body
    db.execute(
        "UPDATE payment SET spent_also = ?, counts = ? WHERE id = ?",
        (compact_json(body["others"]), int(body["counts"]), body["payment"]),
    )


def follow_dose(db: Database, entry: Entry) -> None:
    """Let a payment go with the dose that was given in the place of one taken back."""
    if entry.body.get("replacedBy"):
        db.execute(
            "UPDATE payment SET dose = ? WHERE dose = ? AND returned_at = ''",
            (entry.body["replacedBy"], entry.body["dose"]),
        )


def _move(
    db: Database,
    entry: Entry,
    box: str,
    kind: str,
    amount: int,
    *,
    other: str = "",
    reason: str = "",
    payment: str = "",
    counted: int | None = None,
) -> None:
    body = entry.body
    db.execute(
        "INSERT INTO cash_move VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.id,
            box,
            kind,
            amount,
            body["currency"],
            body["on"],
            entry.document["at"],
            other,
            reason,
            payment,
            counted,
            entry.position,
        ),
    )
