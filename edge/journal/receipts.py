"""The latest receipt of each target, as it was told, and the place that it proves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

Kept = tuple[str, int, str, str]
"""Epoch, number and hash of the entry a receipt proves, and its JSON text."""


def kept_receipt(db: Database, target: str) -> Kept | None:
    """Give the latest receipt of a target."""
    row = db.execute(
        "SELECT epoch, number, hash, receipt FROM delivery WHERE target = ?", (target,)
    ).fetchone()
    return (row[0], row[1], row[2], row[3]) if row else None


def keep_receipt(db: Database, target: str, receipt: Kept | None) -> None:
    """Keep a receipt in place of the target's one before; None: the target holds nothing."""
    db.table("delivery").delete_where("target = ?", [target])
    if receipt:
        epoch, number, hash_, text = receipt
        db.table("delivery").insert(
            {"target": target, "epoch": epoch, "number": number, "hash": hash_, "receipt": text}
        )


def proven_places(db: Database, target: str) -> list[tuple[str, int, str]]:
    """Give epoch, number and hash that each receipt of a target proves, in order of epoch."""
    return [
        (epoch, number, hash_)
        for epoch, number, hash_ in db.execute(
            "SELECT epoch, number, hash FROM delivery WHERE target = ? ORDER BY epoch", (target,)
        )
    ]
